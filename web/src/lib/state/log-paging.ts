/**
 * How a reader moves through a log view: pages before and behind what is held, and jumps, which replace it.
 *
 * A jump asks for what the view is to be of (`filter.wanted`): it must not lose a filter that is on its way.
 */
import { NOWHERE, type Position, before, behind, formatCursor, logOf, parseCursor, seqOf } from '$lib/logs/cursor';
import { ALL } from '$lib/logs/range';
import { type LineRow, pageRows } from '$lib/logs/rows';
import type { LogPage, Selectors } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import type { LogFollowing } from './log-following.svelte';
import { passedNote } from './log-notes';
import { LogPages, PAGE_ROWS, type PageKind } from './log-pages';
import { hide } from './log-scope.svelte';
import type { LogSpan } from './log-span.svelte';

/** Rows of the first page of what a query finds: a screen of them, so that it is there while the rest is looked for. */
const FOUND_ROWS = 60;

/** How a permalink's line was found: itself, the one that follows where it was, or nothing of its log. */
export type Opened = 'there' | 'near' | 'elsewhere';

export class LogPaging {
  #span: LogSpan;
  #following: LogFollowing;
  #pages: LogPages;
  /** Done when the range's place in the logs is known. */
  #measured: Promise<void> = Promise.resolve();

  constructor(span: LogSpan, following: LogFollowing) {
    this.#span = span;
    this.#following = following;
    this.#pages = new LogPages(span.selectors, (error) => span.failed(error));
  }

  /** Nothing comes of what is under way. */
  drop(): void {
    this.#pages.drop();
  }

  close(): void {
    this.#pages.close();
  }

  /** Loads what stands before the first row, if anything. */
  async older(): Promise<void> {
    const span = this.#span;
    if (span.atStart || span.window.low.size === 0 || this.#pages.busy) return;
    const firsts = span.beginnings;
    const page = await this.#read('older', { before: formatCursor(span.window.low), order: 'desc', limit: PAGE_ROWS });
    if (!page) return;
    const rows = pageRows(page);
    span.window.prepend(rows.reverse());
    span.begins = page.next === null || page.records.length === 0;
    if (span.begins && span.sparse) span.window.widen(firsts, NOWHERE);
    span.filter.scanned += page.summary?.scanned ?? 0;
    if (!span.following && span.window.trimEnd() > 0) span.attached = false;
    span.shown.countLost(rows);
    span.changed();
  }

  /** Loads what stands behind the last row, until the window is at the end again. */
  async newer(): Promise<void> {
    const span = this.#span;
    if (span.attached || this.#following.streaming === 'frozen' || this.#pages.busy) return;
    const near = span.scale.behind(span.window.high) <= PAGE_ROWS;
    if (near && !span.range.ended) return this.#following.attach();
    const page = await this.#read('newer', { after: formatCursor(span.window.high), order: 'asc', limit: PAGE_ROWS });
    if (!page) return;
    const rows = pageRows(page);
    span.window.append(rows);
    if (span.window.trimStart() > 0) span.begins = false;
    span.shown.countLost(rows);
    this.#reachedBy(page);
    if (page.next === null || rows.length === 0) this.#following.attach();
    span.changed();
  }

  /** Goes to the first line at a time (in the server's form) or after it; a range that does not hold it is left. */
  async toTime(time: string): Promise<void> {
    const span = this.#span;
    span.moved();
    if (!span.range.holds(time)) span.range.set(ALL);
    span.focus(null);
    await this.#toPlace(span.range.from(time));
  }

  /** Goes to the newest line and follows. */
  async toEnd(passed = 0): Promise<void> {
    const span = this.#span;
    span.moved();
    const { wanted, query } = span.filter;
    if (span.attached && span.phase === 'ready' && passed === 0 && wanted === query) span.follow();
    else await this.loadEnd(wanted, passed);
  }

  async toStart(): Promise<void> {
    const span = this.#span;
    span.moved();
    const { wanted, query } = span.filter;
    if (span.begins && wanted === query) return span.show(null);
    await this.#loadStart(wanted);
  }

  /** Opens the part of the log that a scrollbar's place stands for. */
  async toFraction(fraction: number): Promise<void> {
    if (fraction > 0.999) return this.toEnd();
    if (fraction < 0.001) return this.toStart();
    const span = this.#span;
    span.moved();
    const place = span.scale.place(fraction);
    await this.#toPlace('since' in place ? span.range.from(place.since) : place);
  }

  /** Shows what a query finds from a line on; `exactly`: only when the line itself is found. */
  async loadFrom(line: LineRow, query: string, exactly = false): Promise<'shown' | 'nothing' | 'refused'> {
    const span = this.#span;
    const from = span.merged ? span.range.from(line.record.timestamp) : { after: `${line.log}:${line.seq - 1}` };
    const page = await this.#first({ ...from, ...until(this.#following.frozen), order: 'asc' }, query);
    if (!page) return 'refused';
    const lines = pageRows(page).filter(({ kind }) => kind === 'line');
    const nearest = lines.find(({ key }) => key === line.key) ?? lines[0];
    if (!nearest || (exactly && nearest.key !== line.key)) return 'nothing';
    span.filter.took(query, page);
    this.#showPage(page, { key: nearest.key });
    return 'shown';
  }

  /** Shows the newest lines that a query finds, and follows. False when they could not be read, which is told. */
  async loadEnd(query: string, passed = 0, end: Position | null = null): Promise<boolean> {
    const span = this.#span;
    // Where a range ends in logs that say nothing near its end.
    if (span.range.asked.until !== null) await this.#measured;
    const from = new Map(span.window.high);
    const ends = end ? behind(end) : span.scale.ends();
    const cleared = span.clearedAt !== null;
    const firsts = cleared ? behind(span.cleared) : span.beginnings;
    const after = cleared ? { after: formatCursor(span.cleared) } : {};
    const page = await this.#first({ ...after, ...until(end), order: 'desc' }, query);
    if (!page) return false;
    const rows = pageRows(page);
    span.filter.took(query, page);
    span.window.load(rows.reverse(), ends);
    // The page holds all matches up to the end that was known before it was asked for.
    if (query !== '' || span.hiding) span.window.widen(page.next === null ? firsts : NOWHERE, before(ends));
    if (passed > 0) span.window.annotate(passedNote(from, passed));
    span.begins = page.next === null;
    span.shown.countLost(rows);
    this.#following.attach();
    if (span.range.ended) span.show(span.window.rows[span.window.rows.length - 1]?.key ?? null);
    else span.follow();
    return true;
  }

  /** Where a view of the range is opened. False when nothing could be read, which is told. */
  async loadRange(query: string): Promise<boolean> {
    this.measureRange();
    return this.#span.range.ended ? this.#loadStart(query) : this.loadEnd(query);
  }

  measureRange(): void {
    const { range, selectors } = this.#span;
    const read = (query: api.LogsQuery) => api.getLogs(selectors, query).catch(() => null);
    this.#measured = range.measure(read).then(() => this.#span.onRows());
  }

  /** Opens a permalink's line with its context. One that hide rules hide is shown: it is what was asked for. */
  async open(cursor: string, query: string): Promise<Opened> {
    const opened = await this.#openAt(cursor, query);
    if (opened === 'there' || !this.#span.hiding) return opened;
    this.#span.hiding = false;
    return this.#openAt(cursor, query);
  }

  /** Where the query does not find the line, or the range does not hold it, it is opened without both. */
  async #openAt(cursor: string, query: string): Promise<Opened> {
    const span = this.#span;
    const log = logOf(cursor);
    const owner = span.containers.find((container) => container.log.log_id === log);
    if (!owner) return 'elsewhere';
    const after = `${log}:${seqOf(cursor) - 1}`;
    const alone: Selectors = { container: [owner.id], stack: [], service: [], engine: [] };
    const found = await this.#pages.read('jump', { after, order: 'asc', limit: 1 }, alone);
    const line = found ? pageRows(found).find((row) => row.kind === 'line') : undefined;
    if (!line || (span.hiding && line.key !== cursor)) return 'elsewhere';
    const opened = line.key === cursor ? 'there' : 'near';
    span.focus(line.key);
    const chosen = query !== '' || span.range.limited;
    if (chosen && (await this.loadFrom(line, query, true)) === 'shown') return opened;
    span.range.set(ALL);
    return (await this.loadFrom(line, '')) === 'shown' ? opened : 'elsewhere';
  }

  /** Shows the lines from a place on; the newest where there are none. */
  async #toPlace(place: Omit<api.LogsQuery, 'limit'>): Promise<void> {
    const { wanted } = this.#span.filter;
    const page = await this.#first({ ...place, order: 'asc' }, wanted);
    if (!page) return;
    if (page.records.length === 0) return void (await this.loadEnd(wanted));
    this.#span.filter.took(wanted, page);
    this.#showPage(page, {});
  }

  /** Shows the first lines that a query finds. False when they could not be read, which is told. */
  async #loadStart(query: string): Promise<boolean> {
    const from = this.#span.beginnings;
    const page = await this.#first({ order: 'asc' }, query);
    if (!page) return false;
    this.#span.filter.took(query, page);
    this.#showPage(page, { from });
    return true;
  }

  /** The page that a jump shows first. */
  #first(query: Omit<api.LogsQuery, 'limit'>, filter: string): Promise<LogPage | null> {
    return this.#read('jump', { ...query, limit: firstRows(filter) }, filter);
  }

  #read(kind: PageKind, query: api.LogsQuery, filter = this.#span.filter.query): Promise<LogPage | null> {
    const { range, hiding } = this.#span;
    const asked = { ...range.query, ...query, ...(filter === '' ? {} : { query: filter }), ...hide(hiding) };
    return this.#span.filter.search(filter, this.#pages.read(kind, asked));
  }

  /** A page in ascending order looked at everything up to where it ends. */
  #reachedBy(page: LogPage): void {
    if (this.#span.sparse) this.#span.window.widen(NOWHERE, parseCursor(page.next));
  }

  /** Shows a page in ascending order, with a line's `key` or its first one on top. `from`: the log begins with it. */
  #showPage(page: LogPage, { key = null, from = null }: { key?: string | null; from?: Position | null }): void {
    const span = this.#span;
    const rows = pageRows(page);
    span.clearedAt = null;
    span.window.load(rows, behind(parseCursor(page.next)));
    if (from && span.sparse) span.window.widen(from, NOWHERE);
    this.#reachedBy(page);
    span.begins = from !== null;
    // A page that is not full ends where the log does.
    span.attached = rows.filter(({ kind }) => kind === 'line').length < firstRows(span.filter.query);
    span.following = false;
    span.shown.countLost(rows);
    this.#following.jumped();
    span.show(key ?? (from ? null : (rows[0]?.key ?? null)));
  }
}

const firstRows = (query: string) => (query === '' ? PAGE_ROWS : FOUND_ROWS);

function until(end: Position | null): { before?: string } {
  return end ? { before: formatCursor(behind(end)) } : {};
}
