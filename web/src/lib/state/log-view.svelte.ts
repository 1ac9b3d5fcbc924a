/**
 * One log view: which logs, what of them is held, and how it goes on.
 *
 * Lines come from two sides: pages over HTTP while the reader moves (`log-paging.ts`), batches over the socket at the
 * end (`log-following.svelte.ts`). Both go into what the view holds (`log-span.svelte.ts`). Here is what changes which
 * lines the view is of: filter, hide rules, range, Clear.
 */
import { before } from '$lib/logs/cursor';
import { ALL, type TimeRange } from '$lib/logs/range';
import { type LineRow, type Numbered, markRow } from '$lib/logs/rows';
import type { Mark, Selectors } from '$lib/protocol/api';
import { LogFollowing, type Streaming } from './log-following.svelte';
import { LogMarks } from './log-marks.svelte';
import { LogPaging, type Opened } from './log-paging';
import { LogSpan } from './log-span.svelte';

export class LogView extends LogSpan {
  /** Told of what comes in, shown or not. */
  onArrived: (rows: readonly Numbered[]) => void = () => undefined;
  #marks: LogMarks;
  #following: LogFollowing;
  #paging: LogPaging;

  constructor(selectors: Selectors, range = ALL) {
    super(selectors, range);
    this.#marks = new LogMarks(selectors, (marks) => this.annotate(marks.map(markRow)));
    this.#following = new LogFollowing(this, this.#marks, {
      arrived: (rows) => this.onArrived(rows),
      fellBehind: (passed) => void (passed > 0 ? this.toEnd(passed) : this.#paging.loadEnd(this.filter.query))
    });
    this.#paging = new LogPaging(this, this.#following);
  }

  /** What happened to the view's containers, the newest of it. */
  get marks(): readonly Mark[] {
    return this.#marks.list;
  }

  get streaming(): Streaming {
    return this.#following.streaming;
  }

  /** From the own time of the last live line to its display, in ms; null before one came. */
  get lag(): number | null {
    return this.#following.lag;
  }

  /** Opens at the line of a permalink; `near`: it is not there any more, `elsewhere`: nothing of its log is. */
  async open(at: string | null, query = ''): Promise<Opened> {
    this.#following.open();
    this.filter.ask(query);
    const opened = at === null ? 'elsewhere' : await this.#paging.open(at, query);
    // A query that is none hides nothing.
    if (opened === 'elsewhere' && !(await this.#paging.loadRange(query)) && this.filter.fault) {
      await this.#paging.loadRange('');
    }
    this.#marks.loadSoon(0);
    return at === null ? 'there' : opened;
  }

  close(): void {
    this.#paging.close();
    this.#following.close();
    this.#marks.close();
  }

  /**
   * Shows only lines that a query finds; all lines for ''. It goes on from the line that is being read, or from the match
   * nearest to it. A query that is refused changes nothing but `filter.fault`.
   */
  async setFilter(text: string, reading: LineRow | null): Promise<void> {
    const query = text.trim();
    if (!this.filter.ask(query)) return;
    if (query === this.filter.query && this.phase === 'ready') return this.#paging.drop();
    const { origin } = this.filter;
    const free = !this.following && this.clearedAt === null;
    if (free && reading) this.filter.origin ??= { row: reading, focused: this.focused === reading.key };
    await this.#reload(query, origin?.row ?? (free ? reading : null));
    if (this.filter.query !== query) return;
    if (query === '' && origin?.focused) this.focus(origin.row.key);
    this.#forgetFocus();
  }

  /** Leaves out what hide rules find, or shows it; by the rules that there are now. */
  async setHiding(hiding: boolean, reading: LineRow | null): Promise<void> {
    this.hiding = hiding;
    await this.#reload(this.filter.wanted, this.following || this.clearedAt !== null ? null : reading);
    this.#forgetFocus();
  }

  /** Shows another part of the logs: its beginning when it has ended, else what comes. */
  async setRange(range: TimeRange): Promise<void> {
    if (!this.range.set(range)) return;
    this.moved();
    this.clearedAt = null;
    await this.#paging.loadRange(this.filter.wanted);
  }

  /** Lets go of a bound; what is being read stays. */
  async widen(bound: 'since' | 'until'): Promise<void> {
    this.range.set({ ...this.range.asked, [bound]: null });
    this.following = false;
    if (bound === 'since') this.begins = false;
    else this.attached = false;
    this.#paging.measureRange();
    this.changed();
    await (bound === 'since' ? this.older() : this.newer());
  }

  /** Goes to the first line at a time (in the server's form) or after it; a range that does not hold it is left. */
  toTime(time: string): Promise<void> {
    return this.#paging.toTime(time);
  }

  /** Goes to the newest line and follows. */
  toEnd(passed = 0): Promise<void> {
    return this.#paging.toEnd(passed);
  }

  toStart(): Promise<void> {
    return this.#paging.toStart();
  }

  /** Opens the part of the log that a scrollbar's place stands for. */
  toFraction(fraction: number): Promise<void> {
    return this.#paging.toFraction(fraction);
  }

  /** Loads what stands before the first row, if anything. */
  older(): Promise<void> {
    return this.#paging.older();
  }

  /** Loads what stands behind the last row, until the window is at the end again. */
  newer(): Promise<void> {
    return this.#paging.newer();
  }

  setFollowing(following: boolean): void {
    if (this.following === following) return;
    if (following) void this.toEnd();
    else this.following = false;
  }

  /** The scroller's word that the last row came into view. */
  reachedEnd(): void {
    if (this.attached && !this.following && !this.range.ended) this.follow();
  }

  startStreaming(): void {
    this.#following.start();
  }

  stopStreaming(): void {
    this.#following.stop();
  }

  /** Hides what is there, in this view only. */
  clear(): void {
    this.clearedAt = Date.now();
    const next = this.ends;
    this.window.load([], next);
    this.cleared = before(next);
    this.unread = 0;
    this.focused = null;
    if (this.streaming !== 'frozen') this.#following.attach();
    this.following = true;
    this.changed();
  }

  async showCleared(): Promise<void> {
    this.clearedAt = null;
    this.begins = false;
    await this.older();
  }

  /** Opens the place of a line that the page does not hold. One that hide rules hide is shown, with all that they hide. */
  async goTo(row: LineRow): Promise<'shown' | 'unhidden'> {
    this.focus(row.key);
    const { query } = this.filter;
    if ((await this.#paging.loadFrom(row, query, this.hiding)) !== 'nothing') return 'shown';
    this.hiding = false;
    await this.#paging.loadFrom(row, query);
    return 'unhidden';
  }

  /** The container list changed: the log's beginning, its end and the container's state may have. */
  listChanged(): void {
    if (this.phase !== 'ready') return;
    const bounded = this.range.asked.since !== null;
    if (this.begins && !bounded && this.scale.before(this.window.low) > 0) this.begins = false;
    this.#following.listChanged();
    this.changed();
  }

  /** Shows what a query finds from a line on; the end, or what stood for it when it was frozen, without one. */
  async #reload(query: string, place: LineRow | null): Promise<void> {
    const shown = place === null ? 'nothing' : await this.#paging.loadFrom(place, query);
    if (shown === 'nothing') await this.#paging.loadEnd(query, 0, this.#following.frozen);
  }

  #forgetFocus(): void {
    if (!this.shown.has(this.focused)) this.focused = null;
  }
}
