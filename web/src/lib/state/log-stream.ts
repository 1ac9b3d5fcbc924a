/** Lines as they come in over the socket: gathered to one delivery an animation frame, acknowledged after it. */
import { type Annotation, type Numbered, gapRow, lineRow, markRow } from '$lib/logs/rows';
import type { LogBatch, StreamComplete } from '$lib/protocol/events';
import { ApiError } from '$lib/transport/api';
import type { StreamSelection, Subscription } from '$lib/transport/socket';
import { live } from './live.svelte';

export interface StreamOwner {
  /** Where the stream goes on, asked whenever it is asked for. */
  from: () => StreamSelection;
  arrived: (rows: Numbered[]) => void;
  marked: (mark: Annotation) => void;
  completed: (complete: StreamComplete) => void;
  failed: (error: ApiError) => void;
}

export class LogStream {
  #owner: StreamOwner;
  #subscription: Subscription | null = null;
  #inbox: Numbered[] = [];
  #unacked: LogBatch | null = null;
  #frame = 0;

  constructor(owner: StreamOwner) {
    this.#owner = owner;
  }

  /** Asks for the stream from where its owner is now; what came before and was not delivered is forgotten. */
  ask(): void {
    this.#inbox = [];
    this.#unacked = null;
    if (this.#subscription) return this.#subscription.ask();
    this.#subscription = live.socket.stream({
      from: this.#owner.from,
      batch: (batch) => {
        for (const record of batch.records) this.#inbox.push(lineRow(record));
        this.#unacked = batch;
        this.#schedule();
      },
      gap: (gap) => {
        this.#inbox.push(gapRow(gap));
        this.#schedule();
      },
      mark: ({ mark }) => this.#owner.marked(markRow(mark)),
      complete: this.#owner.completed,
      refused: ({ code, detail }) => this.#owner.failed(new ApiError(code, 0, detail))
    });
  }

  get asked(): boolean {
    return this.#subscription !== null;
  }

  /** Nothing comes any more until it is asked for again. */
  stop(): void {
    this.#inbox = [];
    this.#unacked = null;
    this.#subscription?.close();
    this.#subscription = null;
  }

  close(): void {
    this.#subscription?.close();
    cancelAnimationFrame(this.#frame);
  }

  #schedule(): void {
    // A hidden tab gets no frames; it takes lines as they come, so that it is never far behind.
    if (document.visibilityState === 'hidden') this.#deliver();
    else if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#deliver());
  }

  #deliver(): void {
    this.#frame = 0;
    const rows = this.#inbox;
    const batch = this.#unacked;
    this.#inbox = [];
    this.#unacked = null;
    if (rows.length > 0) this.#owner.arrived(rows);
    if (batch) this.#subscription?.ack(batch);
  }
}
