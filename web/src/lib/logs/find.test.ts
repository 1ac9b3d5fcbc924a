import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogHistogram } from '$lib/protocol/api';
import { NO_COUNT, TICKS_MAX, both, counted, saysAll } from './find';
import { plainWords } from './query';
import { lineRow } from './rows';
import { NOON, record } from './testing';

test('words are looked for in what is seen', () => {
  expect(saysAll(lineRow(record(1, 1, '\u001b[31mtime\u001b[0mout')), plainWords('timeout') ?? [])).toBe(true);
});

test('filter and find together', () => {
  expect(both('', 'a OR b')).toBe('a OR b');
  expect(both('x OR y', 'a OR b')).toBe('(x OR y) (a OR b)');
});

/** Counts of equally wide buckets from a time on. */
function histogram(from: number, width: number, counts: number[], scanned?: number): LogHistogram {
  const bucket = { none: 0, trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 };
  return {
    bucket_ms: width,
    buckets: counts.map((none, at) => ({ ...bucket, start: new Date(from + at * width).toISOString(), none })),
    records: counts.reduce((sum, count) => sum + count, 0),
    since: new Date(from).toISOString(),
    until: new Date(from + counts.length * width).toISOString(),
    ...(scanned === undefined ? {} : { scanned })
  };
}

describe('counting', () => {
  test('a tick stands behind the lines of the time before it', () => {
    const all = histogram(NOON, 1_000, [10, 0, 30, 60]);
    const first = counted(NO_COUNT, histogram(NOON, 1_000, [0, 0, 2, 1], 100), all);
    const ticks = [
      { line: 10, matches: 2 },
      { line: 40, matches: 1 }
    ];
    expect(first).toEqual({ matches: 3, scanned: 100, lines: 100, ticks });
    const next = counted(first, histogram(NOON + 9_000, 500, [1], 5), histogram(NOON + 9_000, 500, [5]));
    expect(next).toEqual({ matches: 4, scanned: 105, lines: 105, ticks: [...ticks, { line: 100, matches: 1 }] });
  });

  test('no match is lost and every tick is inside, whatever the buckets', () => {
    const counts = fc.array(fc.nat({ max: 5 }), { maxLength: 900 });
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 1, max: 60_000 }), (found, all, width) => {
        const count = counted(NO_COUNT, histogram(NOON, width, found), histogram(NOON, 1_000, all));
        expect(count.ticks.length).toBeLessThanOrEqual(TICKS_MAX);
        expect(count.ticks.reduce((sum, { matches }) => sum + matches, 0)).toBe(count.matches);
        const lines = count.ticks.map(({ line }) => line);
        expect(lines).toEqual([...lines].sort((a, b) => a - b));
        expect(lines.every((line) => line >= 0 && line <= count.lines)).toBe(true);
      })
    );
  });
});
