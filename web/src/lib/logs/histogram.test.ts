import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bar, barAt, barWords, barsOf, heightsOf, placeOf } from './histogram';

const START = Date.parse('2026-11-21T14:02:00Z');
const bar = (lines: number, errors = 0, warnings = 0): Bar => ({
  start: START,
  end: START + 60_000,
  lines,
  errors,
  warnings
});

describe('heightsOf', () => {
  it('shows a single error among a million lines', () => {
    expect(heightsOf(bar(1_000_000, 1), 1_000_000, 38)).toEqual({ rest: 36, warn: 0, error: 2 });
    expect(heightsOf(bar(10, 1), 1_000_000, 38).error).toBe(2);
  });

  it('keeps within its height and shows what there is', () => {
    const counts = fc.tuple(fc.nat(1e7), fc.nat(1e7), fc.nat(1e7), fc.nat(1e7));
    fc.assert(
      fc.property(counts, ([others, errors, warnings, more]) => {
        const one = bar(others + errors + warnings, errors, warnings);
        const { rest, warn, error } = heightsOf(one, one.lines + more, 38);
        expect(rest + warn + error).toBeLessThanOrEqual(38 + 1e-6);
        expect(Math.min(rest, warn, error)).toBeGreaterThanOrEqual(-1e-6);
        if (errors > 0) expect(error).toBeGreaterThanOrEqual(2 - 1e-6);
        if (warnings > 0) expect(warn).toBeGreaterThanOrEqual(1 - 1e-6);
        if (others > 0) expect(rest).toBeGreaterThanOrEqual(1 - 1e-6);
        if (errors === 0) expect(error).toBe(0);
      })
    );
  });
});

describe('bars', () => {
  const none = { none: 0, trace: 0, debug: 0, info: 0, warn: 0, error: 0, fatal: 0 };
  const bars = barsOf({
    bucket_ms: 60_000,
    buckets: [
      { ...none, start: '2026-11-21T14:02:00.000000000Z', info: 3, warn: 1, error: 1, fatal: 1 },
      { ...none, start: '2026-11-21T14:03:00.000000000Z', none: 2, trace: 1, debug: 1 }
    ]
  });

  it('count by severity', () => {
    expect(bars.map(({ lines, errors, warnings }) => [lines, errors, warnings])).toEqual([
      [6, 2, 1],
      [4, 0, 0]
    ]);
  });

  it('stand in time', () => {
    expect(placeOf(START, bars)).toBe(0);
    expect(placeOf(START + 60_000, bars)).toBe(0.5);
    expect(placeOf(START + 999_999_999, bars)).toBe(1);
    expect(placeOf(START, [])).toBe(0);
    expect([0, 0.49, 0.5, 1, 2, -1].map((place) => barAt(place, bars))).toEqual([0, 0, 1, 1, 1, 0]);
  });

  it('have words', () => {
    const exit = { kind: 'exited', text: 'worker exited 137', name: 'worker' } as never;
    expect(barWords(bar(1_204, 3, 1), [exit], 'utc', START)).toBe(
      'Sat 21 Nov 14:02 – 14:03 · 1,204 lines, 3 errors, 1 warning · worker exited 137'
    );
    const second = { ...bar(1), end: START + 1_000 };
    expect(barWords(second, [], 'utc', START)).toBe('Sat 21 Nov 14:02:00 – 14:02:01 · 1 line');
    const night = { ...bar(0), start: Date.parse('2026-11-21T23:00:00Z'), end: Date.parse('2026-11-22T00:00:00Z') };
    expect(barWords(night, [], 'utc', START)).toBe('Sat 21 Nov 23:00 – Sun 22 Nov 00:00 · 0 lines');
  });
});
