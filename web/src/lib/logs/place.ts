/** Where a row stands in every log of a window: what a merged view's cursor is made of. */
import { type Position, before, behind } from './cursor';
import { type Row, isNumbered, lastSeq } from './rows';

export interface Held {
  rows: readonly Row[];
  low: Position;
  high: Position;
}

/** The last number up to the row at an index and with it, a log; none of what is held for -1. */
export function placeBehind({ rows, low }: Held, index: number): Map<number, number> {
  const place = before(low);
  for (const row of rows.slice(0, index + 1)) if (isNumbered(row)) place.set(row.log, lastSeq(row));
  return place;
}

/** The first number from the row at an index on, a log; none of what is held behind the last row. */
export function placeBefore({ rows, high }: Held, index: number): Map<number, number> {
  const place = behind(high);
  for (const row of rows.slice(Math.max(0, index)).reverse()) if (isNumbered(row)) place.set(row.log, row.seq);
  return place;
}
