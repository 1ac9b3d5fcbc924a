/**
 * Counts over the whole range of a view, from the store and not from what is loaded.
 *
 * They are asked for again as lines come, at a bounded rate; another filter or range is asked for at once, and what was
 * asked for before is dropped.
 */
import { type Bar, barsOf } from '$lib/logs/histogram';
import type { LogHistogram as Counts } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import type { LogView } from './log-view.svelte';
import { session } from './session.svelte';

/** Counts from the index take milliseconds. */
const REFRESH_MS = 3_000;
/** Counting what a query finds reads lines: it may take this part of the time at most. */
const BUSY_PART = 10;

export class LogHistogram {
  counts = $state.raw<Counts | null>(null);
  failed = $state(false);
  readonly bars: readonly Bar[] = $derived(this.counts ? barsOf(this.counts) : []);
  readonly most = $derived(this.bars.reduce((most, { lines }) => Math.max(most, lines), 0));
  #view: LogView;
  #buckets: number;
  #abort = new AbortController();
  #asked = '';
  #busy = false;
  #next = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: LogView, buckets: number) {
    this.#view = view;
    this.#buckets = buckets;
  }

  /** Lines may have come, or the view may be of others: counts anew, now or when it may. */
  look(): void {
    const asked = JSON.stringify(this.#view.counted);
    if (asked !== this.#asked) {
      this.#asked = asked;
      this.#abort.abort();
      this.#abort = new AbortController();
      this.#busy = false;
      this.#next = 0;
    }
    const wait = this.#next - Date.now();
    clearTimeout(this.#timer);
    if (this.#busy) return;
    if (wait > 0) this.#timer = setTimeout(() => this.look(), wait);
    else void this.#load();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  async #load(): Promise<void> {
    const { selectors, counted: query } = this.#view;
    const { signal } = this.#abort;
    const began = Date.now();
    this.#busy = true;
    try {
      const counts = await api.getHistogram(selectors, { ...query, buckets: this.#buckets }, signal);
      if (signal.aborted) return;
      this.counts = counts;
      this.failed = false;
    } catch (error) {
      if (signal.aborted) return;
      session.noticed(error);
      if (!(error instanceof ApiError)) throw error;
      this.failed = true;
    }
    this.#busy = false;
    this.#next = Date.now() + Math.max(REFRESH_MS, BUSY_PART * (Date.now() - began));
  }
}
