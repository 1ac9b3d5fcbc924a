/**
 * Which part of its logs a view is of. Bounds are texts in the server's form: a time, a length of time before now, or a
 * point in each container's own life. So a relative range stays one in the address, and each page asks with it as is.
 */
import { clock, dayLabel, moment, type Zone } from './time';
import { durationMs, durationOf, readWhen } from './when';

export interface TimeRange {
  /** From here on; null for the log's first line. */
  since: string | null;
  /** Up to, and without; null for what comes. */
  until: string | null;
}

export const ALL: TimeRange = { since: null, until: null };

/** Points in each container's own life that a range may begin at. */
export const POINTS = {
  start: 'Since start',
  restart: 'Since the last restart',
  deploy: 'Since deploy'
} as const;

export const LAST: readonly [duration: string, words: string][] = [
  ['15m', 'Last 15 min'],
  ['1h', 'Last hour'],
  ['6h', 'Last 6 hours'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days']
];

export function isAll({ since, until }: TimeRange): boolean {
  return since === null && until === null;
}

export function sameRange(a: TimeRange, b: TimeRange): boolean {
  return a.since === b.since && a.until === b.until;
}

function isPoint(bound: string): bound is keyof typeof POINTS {
  return Object.hasOwn(POINTS, bound);
}

/** A bound as it stands in an address or is typed, in the server's form; null when it is none. */
export function boundOf(text: string | null, now: number, zone: Zone): string | null {
  const asked = text?.trim() ?? '';
  if (isPoint(asked)) return asked;
  // The server reads nanoseconds; a millisecond would cut between two lines that are closer.
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(asked) && readWhen(asked, now, zone) !== null) return asked;
  const duration = durationOf(asked);
  if (duration !== null) return duration;
  const time = readWhen(asked, now, zone);
  return time === null ? null : new Date(time).toISOString();
}

/** The range that an address asks for; a bound that can't be read bounds nothing. */
export function rangeOf(query: URLSearchParams, now = Date.now()): TimeRange {
  const until = boundOf(query.get('until'), now, 'utc');
  return {
    since: boundOf(query.get('since'), now, 'utc'),
    until: until !== null && isPoint(until) ? null : until
  };
}

export function writeRange(query: URLSearchParams, { since, until }: TimeRange): void {
  for (const [name, bound] of [
    ['since', since],
    ['until', until]
  ] as const) {
    if (bound === null) query.delete(name);
    else query.set(name, bound);
  }
}

/** When a bound is; null for a point, which is another time for each container. */
export function timeOfBound(bound: string, now: number): number | null {
  if (isPoint(bound)) return null;
  return durationOf(bound) === bound ? now - durationMs(bound) : Date.parse(bound);
}

/** Whether nothing can come any more that belongs to the range. */
export function hasEnded({ until }: TimeRange, now: number): boolean {
  return until !== null && (timeOfBound(until, now) ?? Infinity) <= now;
}

/** Whether a time lies within, as far as that can be told without asking. */
export function holds({ since, until }: TimeRange, time: number, now: number): boolean {
  const from = since === null ? null : timeOfBound(since, now);
  const to = until === null ? null : timeOfBound(until, now);
  return (from === null || time >= from) && (to === null || time < to);
}

/** With times instead of lengths before now: what a link has to say to mean the same later. */
export function absolute({ since, until }: TimeRange, now: number): TimeRange {
  const fixed = (bound: string | null) => {
    const time = bound === null || isPoint(bound) || durationOf(bound) !== bound ? null : timeOfBound(bound, now);
    return time === null ? bound : new Date(time).toISOString();
  };
  return { since: fixed(since), until: fixed(until) };
}

/** A range in few words: what stands on its button. */
export function rangeWords({ since, until }: TimeRange, zone: Zone, now = Date.now()): string {
  if (since === null && until === null) return 'All';
  if (until === null && since !== null) {
    if (isPoint(since)) return POINTS[since];
    const last = LAST.find(([duration]) => duration === since);
    return last?.[1] ?? (durationOf(since) === since ? `Last ${since}` : `Since ${boundWords(since, zone, now)}`);
  }
  if (since === null) return `Until ${boundWords(until ?? '', zone, now)}`;
  return `${boundWords(since, zone, now)} – ${endWords(since, until ?? '', zone, now)}`;
}

function boundWords(bound: string, zone: Zone, now: number): string {
  if (isPoint(bound)) return POINTS[bound].replace('Since ', '');
  if (durationOf(bound) === bound) return `${bound} ago`;
  return timeWords(Date.parse(bound), zone, now);
}

/** The day of an end stands only where it is another one. */
function endWords(since: string, until: string, zone: Zone, now: number): string {
  const [from, to] = [timeOfBound(since, now), timeOfBound(until, now)];
  const fixed = durationOf(since) !== since && durationOf(until) !== until;
  if (!fixed || from === null || to === null || dayLabel(from, zone, now) !== dayLabel(to, zone, now))
    return boundWords(until, zone, now);
  return to % 60_000 === 0 ? moment(to, zone, now).slice(-5) : clock(to, zone);
}

/** `Sat 21 Nov 14:02`, with seconds where there are any. */
export function timeWords(time: number, zone: Zone, now = Date.now()): string {
  return time % 60_000 === 0 ? moment(time, zone, now) : `${dayLabel(time, zone, now)} ${clock(time, zone)}`;
}
