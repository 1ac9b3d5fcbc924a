/**
 * Find: marks what a query finds among everything that is shown, counts it over the view, and walks it.
 *
 * It moves nothing unless asked to walk. Words are looked for here, so their marks are there at once and on every line
 * that comes; any other query is judged by the server, for the lines on the screen.
 */
import { SvelteMap } from 'svelte/reactivity';
import { type Position, formatCursor } from '$lib/logs/cursor';
import { type Count, NO_COUNT, both, counted, saysAll } from '$lib/logs/find';
import { type Needle, type QueryFault, faultOf, needlesOf, plainWords } from '$lib/logs/query';
import { type LineRow, pageRows } from '$lib/logs/rows';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { LogWalk, type Walked } from './log-walk';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';
import { session } from './session.svelte';

/** As many as a scrollbar of a large screen can tell apart, and few enough to be counted at once. */
const BUCKETS = 300;
/** What came meanwhile is counted this often at most. */
const COUNT_MS = 2_000;
/** The lines on the screen are judged this often at most. */
const JUDGE_MS = 200;
/** Judgements kept: many screens, so that going back asks nothing. */
const JUDGED_MAX = 4_000;
/** More than a screen holds; between its lines there may be hidden ones that are found too. */
const JUDGED_AT_ONCE_MAX = 2_000;
const ERRORS = 'level:>=error';

export class LogFind {
  /** What is looked for; '' for nothing. */
  query = $state('');
  /** Why the query that was asked for last is none. */
  fault = $state<QueryFault | null>(null);
  count = $state.raw<Count | null>(null);
  counting = $state(false);
  walking = $state(false);
  /** How the last step ended, when it led nowhere. */
  told = $state('');
  #view: LogView;
  #scroller: LogScroller;
  #walk: LogWalk;
  #needles = $derived(needlesOf(this.query));
  #words = $derived(plainWords(this.query));
  #judged = new SvelteMap<string, boolean>();
  #asked = '';
  /** What the count is of: another filter, or lines before its first, make it another. */
  #counted = NOT_COUNTED;
  #abort = new AbortController();
  #timers: { judge?: ReturnType<typeof setTimeout>; count?: ReturnType<typeof setTimeout> } = {};

  constructor(view: LogView, scroller: LogScroller) {
    this.#view = view;
    this.#scroller = scroller;
    this.#walk = new LogWalk(view, scroller);
  }

  close(): void {
    this.#abort.abort();
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
  }

  /** Looks for a query; '' ends it. One that is refused changes nothing but `fault`. */
  async ask(text: string): Promise<void> {
    const query = text.trim();
    if (query === this.#asked) return;
    this.#asked = query;
    this.fault = null;
    this.told = '';
    this.#abort.abort();
    this.#abort = new AbortController();
    // Words need nobody's word that they are a query.
    if (query === '' || plainWords(query)) this.#took(query);
    else await this.#judge(query);
    if (this.fault === null) await this.#recount(query);
  }

  /** What is marked in a line. */
  needles(row: LineRow): readonly Needle[] {
    return this.query !== '' && this.found(row) ? this.#needles : [];
  }

  /** Whether a line is found, as far as that is known. */
  found(row: LineRow): boolean {
    if (this.query === '') return false;
    return this.#words ? saysAll(row, this.#words) : (this.#judged.get(row.key) ?? false);
  }

  /** The rows on the screen are others: those that only the server can judge are judged soon. */
  look(): void {
    if (this.query === '' || this.#words || this.#timers.judge !== undefined || this.#unjudged.length === 0) return;
    this.#timers.judge = setTimeout(() => {
      void this.#judge(this.query).then(() => {
        delete this.#timers.judge;
        this.look();
      });
    }, JUDGE_MS);
  }

  /** The list of containers is another: what came meanwhile is counted soon. */
  linesCame(): void {
    if (this.query === '' || this.#timers.count !== undefined || this.#counted.at === 0) return;
    // A count that took long is not made so often.
    const wait = Math.max(0, this.#counted.at + Math.max(COUNT_MS, 10 * this.#counted.took) - performance.now());
    this.#timers.count = setTimeout(() => {
      delete this.#timers.count;
      void this.#recount(this.query);
    }, wait);
  }

  /** Goes to the next match, or the one before. */
  async step(direction: 1 | -1): Promise<void> {
    if (this.query !== '') await this.#step(this.query, direction, 'match');
  }

  /** Goes to the next error, or the one before. */
  async stepError(direction: 1 | -1): Promise<void> {
    await this.#step(ERRORS, direction, 'error');
  }

  async #step(query: string, direction: 1 | -1, what: string): Promise<void> {
    this.told = '';
    this.walking = true;
    let walked: Walked = 'overtaken';
    try {
      walked = await this.#walk.step(query, direction);
    } catch (error) {
      this.#failed(error);
    }
    if (walked === 'overtaken') return;
    this.walking = false;
    if (walked === 'none') this.told = direction === 1 ? `no ${what} below` : `no ${what} above`;
  }

  #took(query: string): void {
    if (query === this.query) return;
    this.query = query;
    this.count = null;
    this.#counted = NOT_COUNTED;
    this.#judged.clear();
  }

  /** Counts all of the view, or what came since the last time. */
  async #recount(query: string): Promise<void> {
    this.counting = query !== '';
    if (query === '') return;
    const view = this.#view;
    const filter = view.filter.query;
    const of = JSON.stringify([query, filter, view.range.query, view.selectors]);
    const before = this.count;
    const goesOn = before !== null && this.#counted.of === of && !isLower(view.firsts, this.#counted.firsts);
    const { ends, firsts } = view;
    const end = formatCursor(ends);
    const { signal } = this.#abort;
    const began = performance.now();
    const part = { ...view.range.query, ...(end === '' ? {} : { before: end }), buckets: BUCKETS };
    if (goesOn) Object.assign(part, { after: this.#counted.last });
    try {
      const [found, all] = await Promise.all([
        api.getHistogram(view.selectors, { ...part, query: both(filter, query), groups: 'first' }, signal),
        api.getHistogram(view.selectors, { ...part, ...(filter === '' ? {} : { query: filter }) }, signal)
      ]);
      if (signal.aborted) return;
      this.#took(query);
      this.count = counted(goesOn ? before : NO_COUNT, found, all);
      const at = performance.now();
      const last = formatCursor(new Map([...ends].map(([log, next]) => [log, next - 1])));
      this.#counted = { of, firsts, last, at, took: at - began };
    } catch (error) {
      if (signal.aborted) return;
      this.#refused(error, query, both(filter, query));
    }
    this.counting = false;
  }

  #refused(error: unknown, query: string, asked: string): void {
    const fault = error instanceof ApiError ? faultOf(error.message, asked) : null;
    if (!fault) return this.#failed(error);
    const at = fault.at - asked.lastIndexOf(query);
    this.fault = { ...fault, query, at: Math.min(Math.max(0, at), query.length) };
  }

  #failed(error: unknown): void {
    session.noticed(error);
    if (!(error instanceof ApiError)) throw error;
    this.walking = false;
    this.#asked = this.query;
    this.told = error.message;
  }

  get #lines(): LineRow[] {
    return this.#scroller.visible.filter((row) => row.kind === 'line');
  }

  get #unjudged(): LineRow[] {
    return this.#lines.filter(({ key }) => !this.#judged.has(key));
  }

  /** Asks which of the lines on the screen a query finds. */
  async #judge(query: string): Promise<void> {
    const rows = query === this.query ? this.#unjudged : this.#lines;
    if (rows.length === 0) return;
    const { signal } = this.#abort;
    const { ids, after, before } = spanOf(rows);
    const of = { ...this.#view.selectors, container: ids };
    try {
      const page = await api.getLogs(of, { query, after, before, order: 'asc', limit: JUDGED_AT_ONCE_MAX }, signal);
      if (signal.aborted) return;
      this.#took(query);
      if (this.#judged.size > JUDGED_MAX) this.#judged.clear();
      const found = new Set(pageRows(page).map(({ key }) => key));
      for (const { key } of rows) this.#judged.set(key, found.has(key));
    } catch (error) {
      if (!signal.aborted) this.#refused(error, query, query);
    }
  }
}

const NOT_COUNTED = { of: '', firsts: new Map() as Position, last: '', at: 0, took: 0 };

/** Whether a log begins earlier than it did: history is still being read. */
function isLower(firsts: Position, before: Position): boolean {
  return [...firsts].some(([log, first]) => first < (before.get(log) ?? first));
}

/** From the first to the last of these lines, of each of their logs. */
function spanOf(rows: readonly LineRow[]): { ids: string[]; after: string; before: string } {
  const [low, high] = [new Map<number, number>(), new Map<number, number>()];
  for (const { log, seq } of rows) {
    low.set(log, Math.min(low.get(log) ?? seq - 1, seq - 1));
    high.set(log, Math.max(high.get(log) ?? seq + 1, seq + 1));
  }
  const ids = [...new Set(rows.map(({ record }) => record.container_id))];
  return { ids, after: formatCursor(low), before: formatCursor(high) };
}
