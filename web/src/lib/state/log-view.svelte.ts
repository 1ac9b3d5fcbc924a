/**
 * One log view: which logs, what of them is held, and how it goes on.
 *
 * Lines come from two sides: pages over HTTP while the reader moves, batches over the socket at the end. The window is
 * `attached` while batches are added to it; a reader far above the end detaches it, and batches are only counted.
 * Pixels are the scroller's business: it is told when rows changed, and says whether the view follows.
 *
 * With a filter the same holds for the lines that it finds. Numbers between them say little then: what the scale counts
 * is taken as holding matches as densely as the window does.
 *
 * Longer than others: each of its parts changes the same window, under the same few rules.
 */
import { type Position, formatCursor, parseCursor, seqOf, logOf } from '$lib/logs/cursor';
import { lineAt } from '$lib/logs/line-at';
import type { Held } from '$lib/logs/place';
import { type LineRow, type Numbered, type Row, isNumbered, markRow, pageRows } from '$lib/logs/rows';
import { ALL, type TimeRange } from '$lib/logs/range';
import { dayOf } from '$lib/logs/time';
import { LogWindow, WINDOW_ROWS_MAX } from '$lib/logs/window';
import type { LogPage, Mark, Selectors } from '$lib/protocol/api';
import type { StatusChange, StreamComplete } from '$lib/protocol/events';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import type { StreamSelection } from '$lib/transport/socket';
import { containers } from './containers.svelte';
import { live } from './live.svelte';
import { edgeRow, passedNote, rangeEnd } from './log-notes';
import { preferences } from './preferences.svelte';
import { session } from './session.svelte';
import { LogMarks } from './log-marks.svelte';
import { LogPages, type PageKind } from './log-pages';
import { LogRows } from './log-rows.svelte';
import { hide, LogScope } from './log-scope.svelte';
import { LogScale } from './log-scale';
import { LogStream } from './log-stream';

/** Rows a page: a screen holds some 50, so this is several screens and still one quick answer. */
const PAGE_ROWS = 500;
/** Rows of the first page of what a query finds: a screen of them, so that it is there while the rest is looked for. */
const FOUND_ROWS = 60;
/** The seed's page waits this long before it streams again after a start. */
const RESUME_MS = 1_000;

/** How a permalink's line was found: itself, the one that follows where it was, or nothing of its log. */
export type Opened = 'there' | 'near' | 'elsewhere';

/** `on`: lines come in; `frozen`: the reader stopped it, lines are counted; `off`: the container does not run. */
export type Streaming = 'on' | 'frozen' | 'off';

export class LogView extends LogScope {
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state<{ code: string; detail: string } | null>(null);
  streaming = $state<Streaming>('on');
  following = $state(true);
  /** Lines that came since the view stopped following. */
  unread = $state(0);
  clearedAt = $state<number | null>(null);
  focused = $state<string | null>(null);
  /** How many lines hide rules leave out among what is held; null when a filter makes that unknown. */
  hidden = $state<number | null>(0);
  /** From the own time of the last live line to its display, in ms; null before one came. */
  lag = $state<number | null>(null);
  /** Told after `rows` changed, inside the same frame. */
  onRows: () => void = () => undefined;
  /** Told of what comes in, shown or not. */
  onArrived: (rows: readonly Numbered[]) => void = () => undefined;
  /** Told after a jump: which row now stands for the place that was asked for. */
  onJump: (key: string | null) => void = () => undefined;

  #window = new LogWindow(dayOf(preferences.zone));
  #rows = new LogRows(this.#window);
  #marks: LogMarks;
  #scale: LogScale;
  #pages: LogPages;
  #stream: LogStream;
  #attached = true;
  /** Done when the range's place in the logs is known. */
  #measured: Promise<void> = Promise.resolve();
  #atStart = false;
  #resume: ReturnType<typeof setTimeout> | null = null;
  #hidden: { rows: number; at: ReadonlyMap<number, number> } | null = null;
  #closing: (() => void)[] = [];
  /** Where Clear drew its line. */
  #cleared: Position = new Map();
  /** The end of what is shown while the reader has stopped the stream. */
  #frozen: Position | null = null;
  /** When the stream was asked for: older lines are no live ones. */
  #askedAt = Infinity;
  /** What the stream was asked for last. */
  #streamed = '';

  constructor(selectors: Selectors, range = ALL) {
    super(selectors, range);
    this.#marks = new LogMarks(selectors, (marks) => this.#window.annotate(marks.map(markRow)) && this.#changed());
    this.#scale = new LogScale(() => this.containers, this.range);
    this.#pages = new LogPages(selectors, (error) => this.#failed(error));
    this.#stream = new LogStream({
      from: () => this.#from(),
      arrived: (rows) => this.#arrived(rows),
      marked: (mark) => this.#window.annotate([mark]) && this.#changed(),
      completed: (complete) => this.#completed(complete),
      failed: (error) => this.#failed(error)
    });
  }

  get rows(): readonly Row[] {
    return this.#rows.list;
  }

  /** Lines lost that the view has told of. */
  get lost(): number {
    return this.#rows.lost;
  }

  /** What happened to the view's containers, the newest of it. */
  get marks(): readonly Mark[] {
    return this.#marks.list;
  }

  /** Which lines open the fold that they are in. */
  set isMarked(isMarked: (row: LineRow) => boolean) {
    this.#rows.isMarked = isMarked;
  }

  /** Something is left out that is stored, and so counted and found. */
  get hidesSome(): boolean {
    return this.hiding && this.hidden !== 0;
  }

  /** Lines that the whole view holds in the store, and how many of them stand before the window. */
  get extent(): { lines: number; before: number } {
    const before = this.#scale.before(this.#window.low);
    if (!this.sparse) return { lines: this.#scale.lines(this.#window.high), before };
    const behind = this.#attached ? 0 : this.#scale.behind(this.#window.high);
    const density = this.#rows.density;
    return { lines: (before + behind) * density + this.rows.length, before: before * density };
  }

  /** The rows, and which numbers of each log they are all of. */
  get held(): Held {
    return { rows: this.rows, low: this.#window.low, high: this.#window.high };
  }

  /** The first number of each log. */
  get firsts(): Position {
    return this.#scale.firsts();
  }

  /** The number that comes next in each log. */
  get ends(): Position {
    return this.#scale.ends(this.#window.high);
  }

  get atStart(): boolean {
    return this.#atStart || this.clearedAt !== null;
  }

  get atEnd(): boolean {
    return this.#attached;
  }

  /** Opens at the line of a permalink; `near`: it is not there any more, `elsewhere`: nothing of its log is. */
  async open(at: string | null, query = ''): Promise<Opened> {
    this.#closing.push(live.onStatusChange((change) => this.#statusChanged(change)));
    for (const { id } of this.merged ? [] : this.containers) {
      this.#closing.push(live.socket.joinRoom(`container_logs_${id}`));
    }
    const visibility = () => this.#visibilityChanged();
    document.addEventListener('visibilitychange', visibility);
    this.#closing.push(() => document.removeEventListener('visibilitychange', visibility));
    if (!this.merged && this.container && this.container.state !== 'running') this.streaming = 'off';
    this.filter.ask(query);
    const opened = at === null ? 'elsewhere' : await this.#openAtShown(at, query);
    // A query that is none hides nothing.
    if (opened === 'elsewhere' && !(await this.#loadRange(query)) && this.filter.fault) await this.#loadRange('');
    this.#marks.loadSoon(0);
    return at === null ? 'there' : opened;
  }

  close(): void {
    this.#pages.close();
    this.#stream.close();
    if (this.#resume) clearTimeout(this.#resume);
    this.#marks.close();
    for (const close of this.#closing) close();
  }

  /**
   * Shows only lines that a query finds; all lines for ''. It goes on from the line that is being read, or from the match
   * nearest to it. A query that is refused changes nothing but `filter.fault`.
   */
  async setFilter(text: string, reading: LineRow | null): Promise<void> {
    const query = text.trim();
    if (!this.filter.ask(query)) return;
    if (query === this.filter.query && this.phase === 'ready') return this.#pages.drop();
    const { origin } = this.filter;
    const free = !this.following && this.clearedAt === null;
    if (free && reading) this.filter.origin ??= { row: reading, focused: this.focused === reading.key };
    const place = origin?.row ?? (free ? reading : null);
    const shown = place === null ? 'nothing' : await this.#loadFrom(place, query);
    if (shown === 'nothing') await this.#loadEnd(query, 0, this.#frozen);
    if (this.filter.query !== query) return;
    if (query === '' && origin?.focused) this.focus(origin.row.key);
    if (!this.#rows.has(this.focused)) this.focused = null;
  }

  /** Leaves out what hide rules find, or shows it; by the rules that there are now. */
  async setHiding(hiding: boolean, reading: LineRow | null): Promise<void> {
    this.hiding = hiding;
    const { wanted } = this.filter;
    const place = this.following || this.clearedAt !== null ? null : reading;
    const shown = place === null ? 'nothing' : await this.#loadFrom(place, wanted);
    if (shown === 'nothing') await this.#loadEnd(wanted, 0, this.#frozen);
    if (!this.#rows.has(this.focused)) this.focused = null;
  }

  /** Opens a long group, or folds it. */
  toggleFold(head: string): void {
    this.#rows.toggleFold(head);
    this.following = false;
    this.moved();
    this.#changed();
  }

  /** What is marked, and so which folds are open, changed. */
  refold(): void {
    if (this.phase === 'ready') this.#changed();
  }

  /** The first line of a line's group; the line itself where that is not held. */
  headOf(row: LineRow): LineRow {
    return this.#rows.headOf(row);
  }

  /** Shows another part of the logs: its beginning when it has ended, else what comes. */
  async setRange(range: TimeRange): Promise<void> {
    if (!this.range.set(range)) return;
    this.moved();
    this.clearedAt = null;
    await this.#loadRange(this.filter.wanted);
  }

  /** Lets go of a bound; what is being read stays. */
  async widen(bound: 'since' | 'until'): Promise<void> {
    this.range.set({ ...this.range.asked, [bound]: null });
    this.following = false;
    if (bound === 'since') this.#atStart = false;
    else this.#attached = false;
    this.#measureRange();
    this.#changed();
    await (bound === 'since' ? this.older() : this.newer());
  }

  /** Goes to the first line at a time (in the server's form) or after it; a range that does not hold it is left. */
  async toTime(time: string): Promise<void> {
    this.moved();
    if (!this.range.holds(time)) this.range.set(ALL);
    this.focus(null);
    const { wanted } = this.filter;
    const from = this.range.from(time);
    const page = await this.#first({ ...from, order: 'asc' }, wanted);
    if (!page) return;
    if (page.records.length === 0) return void (await this.#loadEnd(wanted));
    this.filter.took(wanted, page);
    this.#showPage(page, {});
  }

  /** Goes to the newest line and follows. */
  async toEnd(passed = 0): Promise<void> {
    this.moved();
    const { wanted, query } = this.filter;
    if (this.#attached && this.phase === 'ready' && passed === 0 && wanted === query) this.#follow();
    else await this.#loadEnd(wanted, passed);
  }

  async toStart(): Promise<void> {
    this.moved();
    const { wanted, query } = this.filter;
    if (this.#atStart && wanted === query) return this.#show(null);
    const firsts = this.#firsts;
    const page = await this.#first({ order: 'asc' }, wanted);
    if (!page) return;
    this.filter.took(wanted, page);
    this.#showPage(page, { from: firsts });
  }

  /** Opens the part of the log that a scrollbar's place stands for. */
  async toFraction(fraction: number): Promise<void> {
    if (fraction > 0.999) return this.toEnd();
    if (fraction < 0.001) return this.toStart();
    this.moved();
    const { wanted } = this.filter;
    const place = this.#scale.place(fraction);
    const from = 'since' in place ? this.range.from(place.since) : place;
    const page = await this.#first({ ...from, order: 'asc' }, wanted);
    if (!page) return;
    if (page.records.length === 0) return void (await this.#loadEnd(wanted));
    this.filter.took(wanted, page);
    this.#showPage(page, {});
  }

  /** Loads what stands before the first row, if anything. */
  async older(): Promise<void> {
    if (this.atStart || this.#window.low.size === 0 || this.#pages.busy) return;
    const before = formatCursor(this.#window.low);
    const firsts = this.#firsts;
    const page = await this.#read('older', { before, order: 'desc', limit: PAGE_ROWS });
    if (!page) return;
    const rows = pageRows(page);
    this.#window.prepend(rows.reverse());
    this.#atStart = page.next === null || page.records.length === 0;
    if (this.#atStart && this.sparse) this.#window.widen(firsts, NOWHERE);
    this.filter.scanned += page.summary?.scanned ?? 0;
    if (!this.following && this.#window.trimEnd() > 0) this.#attached = false;
    this.#rows.countLost(rows);
    this.#changed();
  }

  /** Loads what stands behind the last row, until the window is at the end again. */
  async newer(): Promise<void> {
    if (this.#attached || this.streaming === 'frozen' || this.#pages.busy) return;
    if (!this.range.ended && this.#scale.behind(this.#window.high) <= PAGE_ROWS) return this.#attach();
    const page = await this.#read('newer', {
      after: formatCursor(this.#window.high),
      order: 'asc',
      limit: PAGE_ROWS
    });
    if (!page) return;
    const rows = pageRows(page);
    this.#window.append(rows);
    if (this.#window.trimStart() > 0) this.#atStart = false;
    this.#rows.countLost(rows);
    this.#reachedBy(page);
    if (page.next === null || rows.length === 0) this.#attach();
    this.#changed();
  }

  setFollowing(following: boolean): void {
    if (this.following === following) return;
    if (following) void this.toEnd();
    else this.following = false;
  }

  /** The scroller's word that the last row came into view. */
  reachedEnd(): void {
    if (this.#attached && !this.following && !this.range.ended) this.#follow();
  }

  focus(key: string | null): void {
    this.focused = key;
    if (key === null) return;
    this.following = false;
    this.moved();
    // It stays open when the line is left: nothing folds away by itself.
    if (this.#rows.unfold(key)) this.#changed();
  }

  /** The reader went somewhere: where a filter took a line away is no longer where to go back to. */
  moved(): void {
    this.filter.origin = null;
  }

  startStreaming(): void {
    const wasFrozen = this.streaming === 'frozen';
    this.streaming = 'on';
    this.#frozen = null;
    const behind = this.sparse ? this.unread : this.#scale.behind(this.#window.high);
    if (wasFrozen && this.following && behind > WINDOW_ROWS_MAX) void this.toEnd(behind);
    else if (wasFrozen && !this.following) this.#attached = false;
    else this.#attach();
  }

  stopStreaming(): void {
    this.streaming = 'frozen';
    this.#frozen = this.#attached ? new Map(this.#window.high) : before(this.#scale.ends());
  }

  /** Hides what is there, in this view only. */
  clear(): void {
    this.clearedAt = Date.now();
    const next = this.#scale.ends(this.#window.high);
    this.#window.load([], next);
    this.#cleared = before(next);
    this.unread = 0;
    this.focused = null;
    if (this.streaming !== 'frozen') this.#attach();
    this.following = true;
    this.#changed();
  }

  async showCleared(): Promise<void> {
    this.clearedAt = null;
    this.#atStart = false;
    await this.older();
  }

  /** Opens the place of a line that the page does not hold. One that hide rules hide is shown, with all that they hide. */
  async goTo(row: LineRow): Promise<'shown' | 'unhidden'> {
    this.focus(row.key);
    const { query } = this.filter;
    if ((await this.#loadFrom(row, query, this.hiding)) !== 'nothing') return 'shown';
    this.hiding = false;
    await this.#loadFrom(row, query);
    return 'unhidden';
  }

  /** The key of the line that was the newest at a time; null when that may be one that is not held. */
  lineAt(time: number): string | null {
    return lineAt(this.rows, time, this);
  }

  /** The zone changed: days begin elsewhere. */
  zoneChanged(): void {
    this.#window.setDayOf(dayOf(preferences.zone));
    this.#changed();
  }

  /** The container list changed: the log's beginning, its end and the container's state may have. */
  listChanged(): void {
    if (this.phase !== 'ready') return;
    const bounded = this.range.asked.since !== null;
    if (this.#atStart && !bounded && this.#scale.before(this.#window.low) > 0) this.#atStart = false;
    const sparse = this.sparse;
    const behind = this.#scale.behind(this.#window.high) * (sparse ? this.#rows.density : 1);
    const fell = this.following && this.#attached && this.streaming === 'on' && behind > 2 * WINDOW_ROWS_MAX;
    if (fell && live.connection === 'connected' && !this.filter.searching) {
      // How many of the lines that went by match is a guess, and a guess is not told.
      if (sparse) void this.#loadEnd(this.filter.query);
      else void this.toEnd(behind);
    }
    if (this.streaming === 'off' && this.container?.state === 'running') this.#resumeSoon();
    this.#changed();
  }

  /** Where a row stands in each log; logs that say nothing before it begin behind it. */
  positionsAt(key: string): { before: Position; through: Position } | null {
    const at = this.#window.positionsAt(key);
    if (!at) return null;
    const firsts = before(this.#scale.firsts());
    return { before: new Map([...firsts, ...at.before]), through: new Map([...firsts, ...at.through]) };
  }

  /** The rows as text, from one key to another: raw bodies. */
  linesBetween(from: string, to: string): LineRow[] {
    return this.#rows.between(from, to);
  }

  /** Opens a line with its context; where the query does not find it, or the range does not hold it, without both. */
  async #openAt(cursor: string, query: string): Promise<Opened> {
    const log = logOf(cursor);
    const owner = this.containers.find((container) => container.log.log_id === log);
    if (!owner) return 'elsewhere';
    const after = `${log}:${seqOf(cursor) - 1}`;
    const alone: Selectors = { container: [owner.id], stack: [], service: [], engine: [] };
    const found = await this.#pages.read('jump', { after, order: 'asc', limit: 1 }, alone);
    const line = found ? pageRows(found).find((row) => row.kind === 'line') : undefined;
    if (!line || (this.hiding && line.key !== cursor)) return 'elsewhere';
    const opened = line.key === cursor ? 'there' : 'near';
    this.focus(line.key);
    const chosen = query !== '' || this.range.limited;
    if (chosen && (await this.#loadFrom(line, query, true)) === 'shown') return opened;
    this.range.set(ALL);
    return (await this.#loadFrom(line, '')) === 'shown' ? opened : 'elsewhere';
  }

  /** A line that hide rules hide is shown when it is what was asked for. */
  async #openAtShown(cursor: string, query: string): Promise<Opened> {
    const opened = await this.#openAt(cursor, query);
    if (opened === 'there' || !this.hiding) return opened;
    this.hiding = false;
    return this.#openAt(cursor, query);
  }

  /** Shows what a query finds from a line on; `exactly`: only when the line itself is found. */
  async #loadFrom(line: LineRow, query: string, exactly = false): Promise<'shown' | 'nothing' | 'refused'> {
    const from = this.merged ? this.range.from(line.record.timestamp) : { after: `${line.log}:${line.seq - 1}` };
    const page = await this.#first({ ...from, ...until(this.#frozen), order: 'asc' }, query);
    if (!page) return 'refused';
    const lines = pageRows(page).filter(({ kind }) => kind === 'line');
    const nearest = lines.find(({ key }) => key === line.key) ?? lines[0];
    if (!nearest || (exactly && nearest.key !== line.key)) return 'nothing';
    this.filter.took(query, page);
    this.#showPage(page, { key: nearest.key });
    return 'shown';
  }

  /** Shows the newest lines that a query finds, and follows. False when they could not be read, which is told. */
  async #loadEnd(query: string, passed = 0, end: Position | null = null): Promise<boolean> {
    // Where a range ends in logs that say nothing near its end.
    if (this.range.asked.until !== null) await this.#measured;
    const from = new Map(this.#window.high);
    const ends = end ? behind(end) : this.#scale.ends();
    const cleared = this.clearedAt !== null;
    const firsts = cleared ? behind(this.#cleared) : this.#firsts;
    const after = cleared ? { after: formatCursor(this.#cleared) } : {};
    const page = await this.#first({ ...after, ...until(end), order: 'desc' }, query);
    if (!page) return false;
    const rows = pageRows(page);
    this.filter.took(query, page);
    this.#window.load(rows.reverse(), ends);
    // The page holds all matches up to the end that was known before it was asked for.
    if (query !== '' || this.hiding) this.#window.widen(page.next === null ? firsts : NOWHERE, before(ends));
    if (passed > 0) this.#window.annotate(passedNote(from, passed));
    this.#atStart = page.next === null;
    this.#rows.countLost(rows);
    this.#attach();
    if (this.range.ended) this.#show(this.#window.rows[this.#window.rows.length - 1]?.key ?? null);
    else this.#follow();
    return true;
  }

  /** Where a view of the range is opened. False when nothing could be read, which is told. */
  async #loadRange(query: string): Promise<boolean> {
    this.#measureRange();
    if (!this.range.ended) return this.#loadEnd(query);
    const page = await this.#first({ order: 'asc' }, query);
    if (!page) return false;
    this.filter.took(query, page);
    this.#showPage(page, { from: this.#firsts });
    return true;
  }

  #measureRange(): void {
    const read = (query: api.LogsQuery) => api.getLogs(this.selectors, query).catch(() => null);
    this.#measured = this.range.measure(read).then(() => this.onRows());
  }

  /** The page that a jump shows first. */
  #first(query: Omit<api.LogsQuery, 'limit'>, filter: string): Promise<LogPage | null> {
    return this.#read('jump', { ...query, limit: firstRows(filter) }, filter);
  }

  #read(kind: PageKind, query: api.LogsQuery, filter = this.filter.query): Promise<LogPage | null> {
    const asked = { ...this.range.query, ...query, ...(filter === '' ? {} : { query: filter }), ...hide(this.hiding) };
    return this.filter.search(filter, this.#pages.read(kind, asked));
  }

  /** Where the logs begin, for a view that has read up to there; one of a range has not. */
  get #firsts(): Position {
    return this.range.asked.since === null ? this.#scale.firsts() : NOWHERE;
  }

  /** A page in ascending order looked at everything up to where it ends. */
  #reachedBy(page: LogPage): void {
    if (this.sparse) this.#window.widen(NOWHERE, parseCursor(page.next));
  }

  /** Shows a page in ascending order, with a line's `key` or its first one on top. `from`: the log begins with it. */
  #showPage(page: LogPage, { key = null, from = null }: { key?: string | null; from?: Position | null }): void {
    const rows = pageRows(page);
    this.clearedAt = null;
    this.#window.load(rows, behind(parseCursor(page.next)));
    if (from && this.sparse) this.#window.widen(from, NOWHERE);
    this.#reachedBy(page);
    this.#atStart = from !== null;
    // A page that is not full ends where the log does.
    this.#attached = rows.filter(({ kind }) => kind === 'line').length < firstRows(this.filter.query);
    this.following = false;
    this.#rows.countLost(rows);
    if (this.#streamed !== this.#wanted) this.unread = 0;
    if (this.range.ended) this.#stream.stop();
    else if (this.#attached || !this.#stream.asked || this.#streamed !== this.#wanted) this.#stream.ask();
    this.#show(key ?? (from ? null : (rows[0]?.key ?? null)));
  }

  #show(key: string | null): void {
    this.phase = 'ready';
    this.following = false;
    this.#compose();
    this.onJump(key ?? this.rows[0]?.key ?? null);
  }

  #follow(): void {
    this.phase = 'ready';
    this.following = true;
    this.unread = 0;
    this.#window.trimStart();
    this.#changed();
  }

  #attach(): void {
    this.#attached = true;
    if (this.range.ended) this.#stream.stop();
    else this.#stream.ask();
  }

  #from(): StreamSelection {
    // Marks that were made while there was no connection are only in the store.
    this.#marks.loadSoon();
    const { container, stack, service, engine } = this.selectors;
    // A reader elsewhere in the log is told how many lines come in, from now on.
    const ends = [...this.#scale.ends()].map(([log, next]) => [log, next - 1] as const);
    const after = formatCursor(this.#attached ? this.#window.high : new Map(ends));
    this.#streamed = this.#wanted;
    this.#askedAt = Date.now();
    const query = this.filter.query === '' ? {} : { query: this.filter.query };
    return {
      container,
      stack,
      service,
      engine,
      ...query,
      ...hide(this.hiding),
      ...(after === '' ? { tail: PAGE_ROWS } : { after })
    };
  }

  /** One frame's arrivals become one change. */
  #arrived(rows: Numbered[]): void {
    this.onArrived(rows);
    if (this.#hidden) this.#hidden.rows += rows.length;
    const newest = rows[rows.length - 1];
    if (newest?.kind === 'line' && newest.time >= this.#askedAt) this.lag = Date.now() - newest.time;
    if (this.streaming === 'frozen' || !this.#attached) {
      this.#attached = false;
      this.unread += rows.length;
      return;
    }
    this.#window.fillIn(rows);
    this.#window.append(rows);
    if (this.following) {
      if (this.#window.trimStart() > 0) this.#atStart = false;
    } else {
      this.unread += rows.length;
      if (this.#window.trimEnd() > 0) this.#attached = false;
    }
    this.#rows.countLost(rows);
    this.#changed();
  }

  #statusChanged(change: StatusChange): void {
    const container = this.containers.find(
      ({ id, name }) => id === change.container_id || name === change.container_id
    );
    if (!container) return;
    void containers.refresh();
    this.#marks.loadSoon();
    if (this.merged || !change.success) return;
    if ((change.action === 'start' || change.action === 'restart') && this.streaming !== 'on') this.#resumeSoon();
    if (change.action === 'stop' && this.streaming === 'on') this.streaming = 'off';
  }

  #resumeSoon(): void {
    this.#resume ??= setTimeout(() => {
      this.#resume = null;
      if (this.streaming !== 'on') this.startStreaming();
    }, RESUME_MS);
  }

  #completed({ success, error }: StreamComplete): void {
    if (!success) this.failure = { code: 'stream', detail: error ?? 'the stream ended' };
    if (!this.merged && this.streaming === 'on') this.streaming = 'off';
  }

  #visibilityChanged(): void {
    if (document.visibilityState === 'hidden') {
      this.#hidden = { rows: 0, at: new Map(this.#window.high) };
      return;
    }
    const hidden = this.#hidden;
    this.#hidden = null;
    if (hidden && this.following && hidden.rows > WINDOW_ROWS_MAX) {
      this.#window.annotate(passedNote(hidden.at, hidden.rows));
    }
    this.#changed();
  }

  #failed(error: unknown): void {
    session.noticed(error);
    if (!(error instanceof ApiError)) throw error;
    if (this.filter.refused(error.message)) return;
    this.filter.failed();
    this.failure = { code: error.code, detail: error.message };
    if (this.phase === 'loading') this.phase = 'failed';
  }

  #changed(): void {
    this.#compose();
    this.onRows();
  }

  #compose(): void {
    const first = this.#window.rows.find(isNumbered);
    const { since } = this.range.asked;
    const filtered = this.filter.query !== '';
    const edge = edgeRow(this.clearedAt, this.#atStart, first, this.containers, filtered, since !== null);
    const ends = this.range.ended && this.#attached && first !== undefined;
    this.#rows.compose(this.focused, edge, ends ? rangeEnd : null);
    if (this.hiding) this.hidden = this.filter.query === '' ? this.#window.leftOut : null;
  }

  /** What the stream is to bring, for comparing. */
  get #wanted(): string {
    return `${this.hiding} ${this.filter.query}`;
  }
}

const NOWHERE: Position = new Map();

const firstRows = (query: string) => (query === '' ? PAGE_ROWS : FOUND_ROWS);

/** The numbers that come next. */
function behind(position: Position): Map<number, number> {
  return new Map([...position].map(([log, seq]) => [log, seq + 1]));
}

function before(position: Position): Map<number, number> {
  return new Map([...position].map(([log, seq]) => [log, seq - 1]));
}

function until(end: Position | null): { before?: string } {
  return end ? { before: formatCursor(behind(end)) } : {};
}
