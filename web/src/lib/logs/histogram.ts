/** Counts over time as bars: what stands where, and the words for it. Knows no pixels but a bar's height. */
import type { LogHistogram, Mark } from '$lib/protocol/api';
import { clock, clockMs, clockShort, dayLabel, type Zone } from './time';
import { count, counted, marksWords } from './words';

/** A bucket with an error shows at least so much of it. */
const ERROR_PX_MIN = 2;
const SOME_PX_MIN = 1;

export interface Bar {
  start: number;
  end: number;
  lines: number;
  errors: number;
  warnings: number;
}

/** A bar's parts in px, from below. */
export interface BarHeights {
  rest: number;
  warn: number;
  error: number;
}

export function barsOf({ buckets, bucket_ms }: Pick<LogHistogram, 'buckets' | 'bucket_ms'>): Bar[] {
  return buckets.map(({ start, none, trace, debug, info, warn, error, fatal }) => {
    const from = Date.parse(start);
    const lines = none + trace + debug + info + warn + error + fatal;
    return { start: from, end: from + bucket_ms, lines, errors: error + fatal, warnings: warn };
  });
}

/** The heights of a bar's parts where the most lines of a bar fill `height`; a line is never nothing. */
export function heightsOf({ lines, errors, warnings }: Bar, most: number, height: number): BarHeights {
  const scale = height / Math.max(1, most);
  const least = {
    rest: lines > errors + warnings ? SOME_PX_MIN : 0,
    warn: warnings > 0 ? SOME_PX_MIN : 0,
    error: errors > 0 ? ERROR_PX_MIN : 0
  };
  const whole = Math.max(lines * scale, least.rest + least.warn + least.error);
  const error = Math.min(Math.max(errors * scale, least.error), whole - least.rest - least.warn);
  const warn = Math.min(Math.max(warnings * scale, least.warn), whole - least.rest - error);
  return { rest: whole - warn - error, warn, error };
}

/** Where a time stands between the bars' edges, 0 to 1. */
export function placeOf(time: number, bars: readonly Bar[]): number {
  const [first] = bars;
  const last = bars[bars.length - 1];
  if (!first || !last) return 0;
  return Math.min(1, Math.max(0, (time - first.start) / (last.end - first.start)));
}

/** The bar at a place between 0 and 1. */
export function barAt(place: number, bars: readonly Bar[]): number {
  return Math.min(bars.length - 1, Math.max(0, Math.floor(place * bars.length)));
}

/** Several bars as one. */
export function sumOf(bars: readonly Bar[], none: Bar): Bar {
  return bars.slice(1).reduce(
    (sum, bar) => ({
      start: sum.start,
      end: bar.end,
      lines: sum.lines + bar.lines,
      errors: sum.errors + bar.errors,
      warnings: sum.warnings + bar.warnings
    }),
    bars[0] ?? none
  );
}

const SHOWN_MARKS = new Set(['exited', 'oom', 'restarted-by-policy', 'restarted', 'started', 'recreated']);

/** The marks that a histogram shows: what stopped, started or replaced a container. */
export function notable(marks: readonly Mark[]): Mark[] {
  return marks.filter(({ kind }) => SHOWN_MARKS.has(kind));
}

export function marksIn({ start, end }: Pick<Bar, 'start' | 'end'>, marks: readonly Mark[]): Mark[] {
  return marks.filter(({ timestamp }) => {
    const time = Date.parse(timestamp);
    return time >= start && time < end;
  });
}

/** Marks that a bar's words name; more are counted. */
const NAMED_MARKS_MAX = 3;

/** `Sat 21 Nov 14:02 – 14:03` */
export function barTime({ start, end }: Pick<Bar, 'start' | 'end'>, zone: Zone, now = Date.now()): string {
  const spent = end - start;
  const text = spent < 1_000 ? clockMs : spent < 60_000 ? clock : clockShort;
  const [from, to] = [dayLabel(start, zone, now), dayLabel(end, zone, now)];
  return `${from} ${text(start, zone)} – ${from === to ? '' : `${to} `}${text(end, zone)}`;
}

/** `Sat 21 Nov 14:02 – 14:03 · 1,204 lines, 3 errors, 1 warning · worker exited 137` */
export function barWords(bar: Bar, marks: readonly Mark[], zone: Zone, now = Date.now()): string {
  const when = barTime(bar, zone, now);
  const parts = [counted(bar.lines, 'line')];
  if (bar.errors > 0) parts.push(counted(bar.errors, 'error'));
  if (bar.warnings > 0) parts.push(counted(bar.warnings, 'warning'));
  const named = marks.slice(0, NAMED_MARKS_MAX);
  const more = marks.length > named.length ? ` · ${count(marks.length - named.length)} more` : '';
  return `${when} · ${parts.join(', ')}${named.length > 0 ? ` · ${marksWords(named)}${more}` : ''}`;
}
