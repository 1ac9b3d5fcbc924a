/**
 * Cursors: a position in one log or in several, as text `12:345` or `12:345,13:-7`.
 *
 * Owns the translation between the server's text and a map from log to sequence number. A cursor is a position and
 * carries no right.
 */

/** A sequence number a log. */
export type Position = ReadonlyMap<number, number>;

export const NOWHERE: Position = new Map();

/** Reads a cursor; what is no `log:seq` pair is left out. */
export function parseCursor(text: string | null): Map<number, number> {
  const position = new Map<number, number>();
  for (const part of text?.split(',') ?? []) {
    const match = /^(\d+):(-?\d+)$/.exec(part);
    if (match) position.set(Number(match[1]), Number(match[2]));
  }
  return position;
}

/** The cursor's text, logs in ascending order; empty for no log. */
export function formatCursor(position: Position): string {
  return [...position]
    .sort(([a], [b]) => a - b)
    .map(([log, seq]) => `${log}:${seq}`)
    .join(',');
}

/** The number before, in each log. */
export function before(position: Position): Map<number, number> {
  return new Map([...position].map(([log, seq]) => [log, seq - 1]));
}

/** The number that comes next, in each log. */
export function behind(position: Position): Map<number, number> {
  return new Map([...position].map(([log, seq]) => [log, seq + 1]));
}

/** The log of a record's own cursor, without building a map: this runs on every line. */
export function logOf(cursor: string): number {
  return parseInt(cursor, 10);
}

/** The sequence number of a record's own cursor. */
export function seqOf(cursor: string): number {
  return Number(cursor.slice(cursor.indexOf(':') + 1));
}
