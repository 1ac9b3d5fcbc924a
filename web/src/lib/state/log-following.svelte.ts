/**
 * How a log view goes on: lines as they come in at the end, and what stops and resumes them.
 *
 * While the window is attached they are added to it, else they are only counted. After a lost connection the stream is
 * asked for from where the window ends, which fills in what was missed.
 */
import { type Position, before, formatCursor } from '$lib/logs/cursor';
import type { Numbered } from '$lib/logs/rows';
import { WINDOW_ROWS_MAX } from '$lib/logs/window';
import type { StatusChange, StreamComplete } from '$lib/protocol/events';
import type { StreamSelection } from '$lib/transport/socket';
import { containers } from './containers.svelte';
import { live } from './live.svelte';
import type { LogMarks } from './log-marks.svelte';
import { passedNote } from './log-notes';
import { PAGE_ROWS } from './log-pages';
import { hide } from './log-scope.svelte';
import type { LogSpan } from './log-span.svelte';
import { LogStream } from './log-stream';

/** The seed's page waits this long before it streams again after a start. */
const RESUME_MS = 1_000;

/** `on`: lines come in; `frozen`: the reader stopped it, lines are counted; `off`: the container does not run. */
export type Streaming = 'on' | 'frozen' | 'off';

export interface FollowingOwner {
  /** What comes in, shown or not. */
  arrived: (rows: readonly Numbered[]) => void;
  /** The end is more than a window away: it is to be gone to. `passed`: lines in between, 0 when their number is a guess. */
  fellBehind: (passed: number) => void;
}

export class LogFollowing {
  streaming = $state<Streaming>('on');
  /** From the own time of the last live line to its display, in ms; null before one came. */
  lag = $state<number | null>(null);
  /** The end of what is shown while the reader has stopped the stream. */
  frozen: Position | null = null;
  #span: LogSpan;
  #marks: LogMarks;
  #owner: FollowingOwner;
  #stream: LogStream;
  #resume: ReturnType<typeof setTimeout> | null = null;
  #hidden: { rows: number; at: ReadonlyMap<number, number> } | null = null;
  #closing: (() => void)[] = [];
  /** When the stream was asked for: older lines are no live ones. */
  #askedAt = Infinity;
  /** What the stream was asked for last. */
  #streamed = '';

  constructor(span: LogSpan, marks: LogMarks, owner: FollowingOwner) {
    this.#span = span;
    this.#marks = marks;
    this.#owner = owner;
    this.#stream = new LogStream({
      from: () => this.#from(),
      arrived: (rows) => this.#arrived(rows),
      marked: (mark) => span.annotate([mark]),
      completed: (complete) => this.#completed(complete),
      failed: (error) => span.failed(error)
    });
  }

  open(): void {
    const span = this.#span;
    this.#closing.push(live.onStatusChange((change) => this.#statusChanged(change)));
    for (const { id } of span.merged ? [] : span.containers) {
      this.#closing.push(live.socket.joinRoom(`container_logs_${id}`));
    }
    const visibility = () => this.#visibilityChanged();
    document.addEventListener('visibilitychange', visibility);
    this.#closing.push(() => document.removeEventListener('visibilitychange', visibility));
    if (!span.merged && span.container && span.container.state !== 'running') this.streaming = 'off';
  }

  close(): void {
    this.#stream.close();
    if (this.#resume) clearTimeout(this.#resume);
    for (const close of this.#closing) close();
  }

  start(): void {
    const span = this.#span;
    const wasFrozen = this.streaming === 'frozen';
    this.streaming = 'on';
    this.frozen = null;
    const behind = span.sparse ? span.unread : span.scale.behind(span.window.high);
    if (wasFrozen && span.following && behind > WINDOW_ROWS_MAX) this.#owner.fellBehind(behind);
    else if (wasFrozen && !span.following) span.attached = false;
    else this.attach();
  }

  stop(): void {
    this.streaming = 'frozen';
    this.frozen = this.#span.attached ? new Map(this.#span.window.high) : before(this.#span.scale.ends());
  }

  /** What comes is added to the window from now on. */
  attach(): void {
    this.#span.attached = true;
    if (this.#span.range.ended) this.#stream.stop();
    else this.#stream.ask();
  }

  /** The window holds another place: the stream goes on where it does for that. */
  jumped(): void {
    const { attached, range } = this.#span;
    const another = this.#streamed !== this.#wanted;
    if (another) this.#span.unread = 0;
    if (range.ended) this.#stream.stop();
    else if (attached || !this.#stream.asked || another) this.#stream.ask();
  }

  /** The container list changed: the logs may have gone far ahead, and the container may run again. */
  listChanged(): void {
    const span = this.#span;
    const behind = span.scale.behind(span.window.high) * (span.sparse ? span.shown.density : 1);
    const fell = span.following && span.attached && this.streaming === 'on' && behind > 2 * WINDOW_ROWS_MAX;
    if (fell && live.connection === 'connected' && !span.filter.searching) {
      // How many of the lines that went by match is a guess, and a guess is not told.
      this.#owner.fellBehind(span.sparse ? 0 : behind);
    }
    if (this.streaming === 'off' && span.container?.state === 'running') this.#resumeSoon();
  }

  #from(): StreamSelection {
    const span = this.#span;
    // Marks that were made while there was no connection are only in the store.
    this.#marks.loadSoon();
    const { container, stack, service, engine } = span.selectors;
    // A reader elsewhere in the log is told how many lines come in, from now on.
    const after = formatCursor(span.attached ? span.window.high : before(span.scale.ends()));
    this.#streamed = this.#wanted;
    this.#askedAt = Date.now();
    const query = span.filter.query === '' ? {} : { query: span.filter.query };
    return {
      container,
      stack,
      service,
      engine,
      ...query,
      ...hide(span.hiding),
      ...(after === '' ? { tail: PAGE_ROWS } : { after })
    };
  }

  /** What the stream is to bring, for comparing. */
  get #wanted(): string {
    return `${this.#span.hiding} ${this.#span.filter.query}`;
  }

  /** One frame's arrivals become one change. */
  #arrived(rows: Numbered[]): void {
    const span = this.#span;
    this.#owner.arrived(rows);
    if (this.#hidden) this.#hidden.rows += rows.length;
    const newest = rows[rows.length - 1];
    if (newest?.kind === 'line' && newest.time >= this.#askedAt) this.lag = Date.now() - newest.time;
    if (this.streaming === 'frozen' || !span.attached) {
      span.attached = false;
      span.unread += rows.length;
      return;
    }
    span.window.fillIn(rows);
    span.window.append(rows);
    if (span.following) {
      if (span.window.trimStart() > 0) span.begins = false;
    } else {
      span.unread += rows.length;
      if (span.window.trimEnd() > 0) span.attached = false;
    }
    span.shown.countLost(rows);
    span.changed();
  }

  #statusChanged(change: StatusChange): void {
    const span = this.#span;
    const container = span.containers.find(
      ({ id, name }) => id === change.container_id || name === change.container_id
    );
    if (!container) return;
    void containers.refresh();
    this.#marks.loadSoon();
    if (span.merged || !change.success) return;
    if ((change.action === 'start' || change.action === 'restart') && this.streaming !== 'on') this.#resumeSoon();
    if (change.action === 'stop' && this.streaming === 'on') this.streaming = 'off';
  }

  #resumeSoon(): void {
    this.#resume ??= setTimeout(() => {
      this.#resume = null;
      if (this.streaming !== 'on') this.start();
    }, RESUME_MS);
  }

  #completed({ success, error }: StreamComplete): void {
    if (!success) this.#span.failure = { code: 'stream', detail: error ?? 'the stream ended' };
    if (!this.#span.merged && this.streaming === 'on') this.streaming = 'off';
  }

  #visibilityChanged(): void {
    const span = this.#span;
    if (document.visibilityState === 'hidden') {
      this.#hidden = { rows: 0, at: new Map(span.window.high) };
      return;
    }
    const hidden = this.#hidden;
    this.#hidden = null;
    if (hidden && span.following && hidden.rows > WINDOW_ROWS_MAX) {
      span.window.annotate(passedNote(hidden.at, hidden.rows));
    }
    span.changed();
  }
}
