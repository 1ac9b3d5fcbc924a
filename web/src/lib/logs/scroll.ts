/**
 * Where rows stand in a scroller that may be shorter than the log.
 *
 * Browsers stop at some 16.7 million pixels; a log of 10 million lines needs ten times as many. So the spacer is capped
 * and rows stand relative to one anchor row; everything near the anchor is exact, and only the scrollbar's meaning
 * (which part of the log is this?) is an estimate that is corrected while nothing moves.
 */

/**
 * Far below the browsers' limit: they paint in single precision, whose step at 8 million px is half a pixel. Here it is
 * a sixteenth, and a scrollbar of 1,000 px can't tell more places apart anyway.
 */
export const SPACER_PX_MAX = 1_000_000;

/** Height of the row at an index, in px: measured, or estimated. */
export type HeightAt = (index: number) => number;

export interface Anchor {
  index: number;
  /** The row's upper edge in the spacer. */
  top: number;
}

export interface Range {
  start: number;
  /** Exclusive. */
  end: number;
  /** Upper edge of the first row. */
  top: number;
}

/** The rows that touch `from`–`to` (spacer px), counted from the anchor; at least one when there is any. */
export function rowsWithin(anchor: Anchor, rows: number, height: HeightAt, from: number, to: number): Range {
  if (rows === 0) return { start: 0, end: 0, top: 0 };
  let start = Math.min(Math.max(anchor.index, 0), rows - 1);
  let top = anchor.top;
  while (start > 0 && top > from) top -= height(--start);
  while (start < rows - 1 && top + height(start) <= from) top += height(start++);
  let end = start + 1;
  let bottom = top + height(start);
  while (end < rows && bottom < to) bottom += height(end++);
  return { start, end, top };
}

/** The upper edge of the row at `index`. */
export function topOf(anchor: Anchor, index: number, height: HeightAt): number {
  let top = anchor.top;
  for (let i = anchor.index; i < index; i++) top += height(i);
  for (let i = anchor.index - 1; i >= index; i--) top -= height(i);
  return top;
}

/** How tall the whole log is taken to be. */
export function spacerHeight(lines: number, averageHeight: number, viewport: number): number {
  return Math.max(viewport, Math.min(SPACER_PX_MAX, Math.round(lines * averageHeight)));
}

/** The scroll position that stands for the line with this number of lines before it. */
export function scrollTopFor(before: number, lines: number, spacer: number, viewport: number): number {
  if (lines <= 0) return 0;
  return Math.round(Math.min(1, Math.max(0, before / lines)) * Math.max(0, spacer - viewport));
}

/** How much of the log lies before a scroll position: 0 to 1. */
export function fractionAt(scrollTop: number, spacer: number, viewport: number): number {
  return spacer <= viewport ? 0 : Math.min(1, Math.max(0, scrollTop / (spacer - viewport)));
}
