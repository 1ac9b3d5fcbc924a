/**
 * The bounded part of a view that the page holds: consecutive rows of one or several logs.
 *
 * Invariants: `rows` is a new array after each change and never changed in place; a log's lines stand in ascending
 * order of their numbers, each once; everything of a log from `low` to `high` that the view's filter finds is here,
 * nothing outside is.
 * It fetches nothing and knows no pixels.
 */
import type { Mark } from '$lib/protocol/api';
import { type Position, before as numbersBefore } from './cursor';
import {
  type Annotation,
  type DayRow,
  type Numbered,
  type Row,
  annotationKeys,
  isNumbered,
  lastSeq,
  rowBytes
} from './rows';

/** 5,000 rows × ~0.5 KB ≈ 2.5 MB; far more than a screen, so paging stays rare. */
export const WINDOW_ROWS_MAX = 5_000;
/** Long lines count too: a single one may be 1 MiB, and those on the screen must all stay. */
export const WINDOW_BYTES_MAX = 16 << 20;
/** How far back a line that arrives late is placed among other logs' lines. */
const PLACE_BACK_ROWS_MAX = 1_000;

/** The calendar day of a time, in the zone that the reader chose. */
export type DayOf = (time: number) => number;

export class LogWindow {
  rows: readonly Row[] = [];
  bytes = 0;
  /** The first number held, a log. */
  readonly low = new Map<number, number>();
  /** The last number held, a log. */
  readonly high = new Map<number, number>();
  #annotations = new Map<string, Annotation>();
  #present = new Set<string>();
  #dayOf: DayOf;

  constructor(dayOf: DayOf) {
    this.#dayOf = dayOf;
  }

  /**
   * Holds exactly these rows (ascending) from now on. `next` gives the number that comes next in logs that have no
   * row among them; for those that have one it is not asked.
   */
  load(rows: readonly Numbered[], next: Position): void {
    this.#setRows([]);
    this.low.clear();
    this.high.clear();
    for (const row of rows) {
      if (!this.low.has(row.log)) this.low.set(row.log, row.seq);
      this.high.set(row.log, lastSeq(row));
    }
    for (const [log, seq] of next) {
      if (this.low.has(log)) continue;
      this.low.set(log, seq);
      this.high.set(log, seq - 1);
    }
    this.#setRows(this.#arrange(rows));
    this.#weave();
  }

  /** Lines between the first and the last held of each log that are not here: a filter or rules left them out. */
  get leftOut(): number {
    let left = 0;
    for (const [log, low] of this.low) left += (this.high.get(log) ?? low - 1) - low + 1;
    for (const row of this.rows) if (isNumbered(row)) left -= lastSeq(row) - row.seq + 1;
    return left;
  }

  /** Adds rows behind the last; those that are held already are left out. Returns how many lines were added. */
  append(incoming: readonly Numbered[]): number {
    const fresh: Numbered[] = [];
    for (const row of incoming) {
      const high = this.high.get(row.log);
      if (high !== undefined && row.seq <= high) continue;
      if (!this.low.has(row.log)) this.low.set(row.log, row.seq);
      this.high.set(row.log, lastSeq(row));
      fresh.push(row);
    }
    if (fresh.length === 0) return 0;
    this.#setRows(this.#arrange(this.low.size > 1 ? placeByTime(this.rows, fresh) : [...this.rows, ...fresh]));
    this.#weave();
    return fresh.length;
  }

  /**
   * Adds what a filter left out while it came and brings now, since a later line of the same group matched. What is held
   * already, or stands outside, is left out. Returns how many lines were added.
   */
  fillIn(late: readonly Numbered[]): number {
    const within = ({ log, seq }: Numbered) =>
      seq >= (this.low.get(log) ?? Infinity) && seq <= (this.high.get(log) ?? -Infinity);
    const fresh = late.filter((row) => within(row) && !this.#holds(row));
    if (fresh.length === 0) return 0;
    const rows = [...this.rows];
    for (const row of fresh) rows.splice(placeByNumber(rows, row), 0, row);
    this.#setRows(this.#arrange(rows));
    return fresh.length;
  }

  #holds({ log, seq }: Numbered): boolean {
    return this.rows.some((row) => isNumbered(row) && row.log === log && row.seq <= seq && lastSeq(row) >= seq);
  }

  /** Adds older rows (ascending) before the first; those that are held already are left out. */
  prepend(incoming: readonly Numbered[]): number {
    const fresh = incoming.filter((row) => {
      const low = this.low.get(row.log);
      return low === undefined || lastSeq(row) < low;
    });
    for (const row of fresh) {
      this.low.set(row.log, Math.min(this.low.get(row.log) ?? row.seq, row.seq));
      if (!this.high.has(row.log)) this.high.set(row.log, lastSeq(row));
    }
    if (fresh.length === 0) return 0;
    this.#setRows(this.#arrange([...fresh, ...this.rows]));
    this.#weave();
    return fresh.length;
  }

  /** Nothing else belongs here from `low` on and up to `high`, a log: a filter left out what stands there. */
  widen(low: Position, high: Position): void {
    for (const [log, seq] of low) {
      this.low.set(log, Math.min(this.low.get(log) ?? seq, seq));
      if (!this.high.has(log)) this.high.set(log, seq - 1);
    }
    for (const [log, seq] of high) {
      this.high.set(log, Math.max(this.high.get(log) ?? seq, seq));
      if (!this.low.has(log)) this.low.set(log, seq + 1);
    }
    this.#weave();
  }

  /** Remembers marks and notes, and places those that belong into what is held. Returns whether any was placed. */
  annotate(annotations: readonly Annotation[]): boolean {
    for (const annotation of annotations) this.#annotations.set(annotation.key, annotation);
    return this.#weave();
  }

  /** Drops the oldest rows over the bounds. Returns how many lines went. */
  trimStart(rowsMax = WINDOW_ROWS_MAX, bytesMax = WINDOW_BYTES_MAX): number {
    let drop = 0;
    let bytes = this.bytes;
    // The newest row always stays, however large it is.
    while (drop < this.rows.length - 1 && (this.rows.length - drop > rowsMax || bytes > bytesMax)) {
      bytes -= rowBytes(this.rows[drop] as Row);
      drop++;
    }
    const gone = this.rows.slice(0, drop).filter(isNumbered);
    for (const row of gone) this.low.set(row.log, lastSeq(row) + 1);
    if (drop > 0) this.#setRows(this.rows.slice(drop));
    return gone.length;
  }

  /** Drops the newest rows over the bounds. Returns how many lines went. */
  trimEnd(rowsMax = WINDOW_ROWS_MAX, bytesMax = WINDOW_BYTES_MAX): number {
    let keep = this.rows.length;
    let bytes = this.bytes;
    while (keep > 1 && (keep > rowsMax || bytes > bytesMax)) {
      keep--;
      bytes -= rowBytes(this.rows[keep] as Row);
    }
    const gone = this.rows.slice(keep).filter(isNumbered);
    for (const row of [...gone].reverse()) this.high.set(row.log, row.seq - 1);
    if (keep < this.rows.length) this.#setRows(this.rows.slice(0, keep));
    return gone.length;
  }

  /** For each log the last number before a row, and the last one with it; null when the row is not held. */
  positionsAt(key: string): { before: Position; through: Position } | null {
    const before = numbersBefore(this.low);
    for (const row of this.rows) {
      if (row.key === key)
        return { before, through: isNumbered(row) ? new Map(before).set(row.log, lastSeq(row)) : before };
      if (isNumbered(row)) before.set(row.log, lastSeq(row));
    }
    return null;
  }

  /** Draws the days anew, after the reader chose another zone. */
  setDayOf(dayOf: DayOf): void {
    this.#dayOf = dayOf;
    this.#setRows(this.#arrange(this.rows));
  }

  #setRows(rows: readonly Row[]): void {
    this.rows = rows;
    this.bytes = 0;
    this.#present.clear();
    for (const row of rows) {
      this.bytes += rowBytes(row);
      for (const key of annotationKeys(row)) this.#present.add(key);
    }
  }

  #weave(): boolean {
    let rows: Row[] | null = null;
    for (const annotation of this.#annotations.values()) {
      if (this.#present.has(annotation.key) || !this.#covers(annotation)) continue;
      rows ??= [...this.rows];
      rows.splice(placeFor(rows, annotation), 0, annotation);
    }
    if (rows) this.#setRows(this.#arrange(rows));
    return rows !== null;
  }

  #covers({ log, seq, time }: Annotation): boolean {
    const low = this.low.get(log);
    const high = this.high.get(log);
    if (low === undefined || high === undefined || seq > high) return false;
    if (seq >= low) return true;
    // Right before the first number held: it belongs here unless older rows of other logs would come between.
    const first = this.rows.find(isNumbered);
    return seq === low - 1 && (first === undefined || time >= first.time);
  }

  /** Gives each day its row, and marks that follow each other one row together. */
  #arrange(rows: readonly Row[]): Row[] {
    const out: Row[] = [];
    let day: number | null = null;
    for (const row of rows) {
      if (row.kind === 'day') continue;
      const today: number | null = row.kind === 'line' ? this.#dayOf(row.time) : day;
      if (day !== null && today !== null && today > day) out.push(dayRow(row));
      day = today === null ? day : Math.max(day ?? today, today);
      const before = out[out.length - 1];
      if (row.kind === 'mark' && before?.kind === 'mark' && before.log === row.log) {
        out[out.length - 1] = { ...before, seq: row.seq, time: row.time, marks: inOrder(before.marks, row.marks) };
      } else out.push(row);
    }
    return out;
  }
}

function inOrder(a: readonly Mark[], b: readonly Mark[]): Mark[] {
  return [...a, ...b].sort((x, y) => (x.timestamp < y.timestamp ? -1 : x.timestamp > y.timestamp ? 1 : 0));
}

function dayRow(before: Row): DayRow {
  return { kind: 'day', key: `day ${before.key}`, log: before.log, seq: before.seq, time: before.time };
}

/** Right before its log's next line. */
function placeByNumber(rows: readonly Row[], { log, seq }: Numbered): number {
  const next = rows.findIndex((row) => isNumbered(row) && row.log === log && row.seq > seq);
  return next < 0 ? rows.length : next;
}

/** Merges arriving rows by time, without moving a log's own lines past each other. */
function placeByTime(rows: readonly Row[], fresh: readonly Numbered[]): Row[] {
  const out = [...rows];
  for (const row of fresh) {
    let at = out.length;
    const floor = Math.max(0, at - PLACE_BACK_ROWS_MAX);
    while (at > floor) {
      const before = out[at - 1] as Row;
      if (before.time <= row.time || (before.log === row.log && isNumbered(before))) break;
      at--;
    }
    out.splice(at, 0, row);
  }
  return out;
}

/**
 * Behind the line that it follows, and behind what other logs said until then. A mark can overtake lines on their way
 * here, so a log's own lines that are younger than it come behind it; a note's number is only where the page was.
 */
function placeFor(rows: readonly Row[], { kind, log, seq, time }: Annotation): number {
  const own = (row: Row | undefined) => row?.log === log && isNumbered(row);
  let at = rows.length;
  while (at > 0 && !(own(rows[at - 1]) && (rows[at - 1] as Row).seq <= seq)) at--;
  const floor = Math.max(0, at - PLACE_BACK_ROWS_MAX);
  let earlier = at;
  while (kind === 'mark' && earlier > floor && (rows[earlier - 1] as Row).time > time) earlier--;
  // Nothing older near: the clock was set back, and the number is the better witness.
  if (earlier > floor || floor === 0) at = earlier;
  while (at < rows.length) {
    const next = rows[at] as Row;
    if (next.time > time || (kind === 'mark' && own(next) && next.seq > seq)) break;
    at++;
  }
  return at;
}
