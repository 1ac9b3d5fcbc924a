/** What a view has to say about a time that none of its lines is of. */
import type { Row } from './rows';
import { type Zone, clockMs, dayLabel } from './time';

/** What a view shows, and what is known of the rest of its logs. */
interface Shown {
  rows: readonly Row[];
  /** Whether the rows are from the view's first line on, and up to its last one. */
  atStart: boolean;
  atEnd: boolean;
  /** When the first and the last line of the logs were written, where the rows don't tell. */
  first: number | null;
  last: number | null;
  /** Nothing will come any more: what is quiet would only be waited for. */
  over: boolean;
  /** The time is within the range that the view is of. */
  inRange: boolean;
  /** What was there is hidden by Clear. */
  cleared: boolean;
}

export type Beyond = { why: 'range' } | { why: 'cleared' } | { why: 'begins' | 'ended'; at: number };

/** Why a view has nothing at a time; null when it has, or when that is not known. */
export function beyond(time: number, shown: Shown): Beyond | null {
  if (!shown.inRange) return { why: 'range' };
  const times = shown.rows.filter(({ kind }) => kind === 'line').map((row) => row.time);
  // Times go backwards in a log: it has something then if any line is that old.
  const before = times.every((at) => at > time);
  if (shown.cleared) return before ? { why: 'cleared' } : null;
  const first = shown.atStart ? times[0] : shown.first;
  if (before && first !== undefined && first !== null && first > time) return { why: 'begins', at: first };
  const last = shown.atEnd ? times.reduce((last, at) => Math.max(last, at), -Infinity) : shown.last;
  return shown.over && last !== null && last > -Infinity && last < time ? { why: 'ended', at: last } : null;
}

/** `of`: what the view is of, lines or matches. */
export function beyondWords(time: number, why: Beyond, of: 'lines' | 'matches', zone: Zone): string {
  const nothing = `Nothing here at ${clockMs(time, zone)}: `;
  if (why.why === 'range') return `${nothing}it is outside of this view's range`;
  if (why.why === 'cleared') return `${nothing}what was there is cleared`;
  const day = dayLabel(why.at, zone);
  const at = `${day === dayLabel(time, zone) ? 'at' : `on ${day} at`} ${clockMs(why.at, zone)}`;
  return `${nothing}its ${of} ${why.why === 'begins' ? 'begin' : 'ended'} ${at}`;
}
