/** What a query finds: which lines say it, how many there are, and where they stand along the scrollbar. */
import type { LogHistogram } from '$lib/protocol/api';
import { stripControls } from './ansi';
import { type Needle, holdsAll } from './query';
import type { LineRow } from './rows';

/** Whether words and phrases that a query is all of stand in a line. */
export function saysAll(row: LineRow, words: readonly Needle[]): boolean {
  return holdsAll(stripControls(row.record.body), words);
}

/** The query that finds what both find. */
export function both(filter: string, find: string): string {
  return filter === '' ? find : `(${filter}) (${find})`;
}

/** Where matches stand: behind so many lines of the view, so many of them. */
export interface Tick {
  line: number;
  matches: number;
}

/** What is known of a query's matches up to some line. */
export interface Count {
  matches: number;
  /** Lines that were looked through. */
  scanned: number;
  /** Lines that the view has. */
  lines: number;
  ticks: readonly Tick[];
}

export const NO_COUNT: Count = { matches: 0, scanned: 0, lines: 0, ticks: [] };

/** As many as a scrollbar can tell apart. */
export const TICKS_MAX = 400;

/** Goes on counting: matches and lines of what came behind, by time. */
export function counted(before: Count, found: LogHistogram, all: LogHistogram): Count {
  const ticks = [...before.ticks];
  const ends = all.buckets.map(({ start }) => Date.parse(start) + all.bucket_ms);
  let at = 0;
  let line = before.lines;
  for (const bucket of found.buckets) {
    const matches = bucketTotal(bucket);
    if (matches === 0) continue;
    // The two histograms may have other buckets: lines of those that are over by now stand before.
    while (at < ends.length && (ends[at] ?? 0) <= Date.parse(bucket.start)) line += bucketTotal(all.buckets[at++]);
    ticks.push({ line, matches });
  }
  return {
    matches: before.matches + found.records,
    scanned: before.scanned + (found.scanned ?? found.records),
    lines: before.lines + all.records,
    ticks: fewer(ticks)
  };
}

function bucketTotal(bucket: LogHistogram['buckets'][number] | undefined): number {
  if (!bucket) return 0;
  return bucket.none + bucket.trace + bucket.debug + bucket.info + bucket.warn + bucket.error + bucket.fatal;
}

/** Neighbours become one until there are few enough. */
function fewer(ticks: Tick[]): Tick[] {
  while (ticks.length > TICKS_MAX) {
    const half: Tick[] = [];
    for (let at = 0; at < ticks.length; at += 2) {
      const [first, second] = [ticks[at] as Tick, ticks[at + 1]];
      half.push({ line: first.line, matches: first.matches + (second?.matches ?? 0) });
    }
    ticks = half;
  }
  return ticks;
}
