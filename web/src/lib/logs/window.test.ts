import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNumbered, lastSeq, markRow, type Row } from './rows';
import { NOON, line, lines } from './testing';
import { dayOf } from './time';
import { LogWindow } from './window';

const window = () => new LogWindow(dayOf('utc'));
const keys = (rows: readonly Row[]) => rows.map(({ key }) => key);
const mark = (log: number, after: number, time: number) =>
  markRow({
    container_id: String(log),
    name: 'web',
    after: `${log}:${after}`,
    timestamp: new Date(time).toISOString(),
    kind: 'exited',
    text: 'exited 1',
    detail: {}
  });

/** Each log's rows ascend without doubles, and `low`–`high` is exactly what is there. */
function checkInvariants(held: LogWindow) {
  const seen = new Map<number, number>();
  for (const row of held.rows.filter(isNumbered)) {
    const before = seen.get(row.log);
    if (before !== undefined) expect(row.seq).toBeGreaterThan(before);
    else expect(row.seq).toBe(held.low.get(row.log));
    seen.set(row.log, lastSeq(row));
  }
  for (const [log, last] of seen) expect(held.high.get(log)).toBe(last);
  expect(new Set(keys(held.rows)).size).toBe(held.rows.length);
}

describe('a window', () => {
  test('takes rows at both ends and leaves out those it holds', () => {
    const held = window();
    held.load(lines(1, 10, 20), new Map());
    expect(held.append(lines(1, 15, 25))).toBe(5);
    expect(held.prepend(lines(1, 5, 12))).toBe(5);
    expect(held.rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => 5 + index));
    checkInvariants(held);
  });

  test('gives back what it trimmed', () => {
    const held = window();
    held.load(lines(1, 0, 100), new Map());
    expect(held.trimStart(40)).toBe(60);
    expect(held.low.get(1)).toBe(60);
    expect(held.trimEnd(10)).toBe(30);
    expect(held.high.get(1)).toBe(69);
    held.append(lines(1, 60, 100));
    held.prepend(lines(1, 0, 60));
    expect(held.rows.length).toBe(100);
    checkInvariants(held);
  });

  test('keeps the newest row, however large it is', () => {
    const held = window();
    held.load(lines(1, 0, 3), new Map());
    held.trimStart(5_000, 1);
    expect(keys(held.rows)).toEqual(['1:2']);
  });

  test('stays right whatever order pages, batches and trims come in', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), log: fc.integer({ min: 1, max: 3 }), count: fc.nat(20) }),
      fc.record({ kind: fc.constant('prepend' as const), log: fc.integer({ min: 1, max: 3 }), count: fc.nat(20) }),
      fc.record({ kind: fc.constant('trimStart' as const), log: fc.constant(0), count: fc.nat(30) }),
      fc.record({ kind: fc.constant('trimEnd' as const), log: fc.constant(0), count: fc.nat(30) })
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const held = window();
        held.load(
          [],
          new Map([
            [1, 0],
            [2, 0],
            [3, 0]
          ])
        );
        for (const { kind, log, count } of steps) {
          const low = held.low.get(log) ?? 0;
          const high = held.high.get(log) ?? -1;
          // Overlaps what is held on purpose.
          if (kind === 'append') held.append(lines(log, high - 1, high + count));
          else if (kind === 'prepend') held.prepend(lines(log, low - count, low + 2));
          else held[kind](count);
          checkInvariants(held);
        }
      })
    );
  });

  test('places the lines of several logs by time, without turning one log around', () => {
    const held = window();
    held.load([line(1, 0, NOON), line(1, 1, NOON + 50)], new Map([[2, 0]]));
    held.append([line(2, 0, NOON + 20), line(2, 1, NOON + 10), line(2, 2, NOON + 60)]);
    expect(keys(held.rows)).toEqual(['1:0', '2:0', '2:1', '1:1', '2:2']);
  });
});

describe('marks', () => {
  test('stand behind their line, once, and come back with it', () => {
    const held = window();
    held.load(lines(1, 0, 10), new Map());
    const exited = mark(1, 4, NOON + 41);
    expect(held.annotate([exited])).toBe(true);
    expect(held.annotate([exited])).toBe(false);
    expect(keys(held.rows).slice(4, 7)).toEqual(['1:4', exited.key, '1:5']);
    held.trimStart(3);
    expect(keys(held.rows)).not.toContain(exited.key);
    held.prepend(lines(1, 0, 7));
    expect(keys(held.rows).slice(4, 7)).toEqual(['1:4', exited.key, '1:5']);
  });

  test('wait for lines that come later', () => {
    const held = window();
    held.load(lines(1, 0, 2), new Map());
    const exited = mark(1, 3, NOON + 35);
    expect(held.annotate([exited])).toBe(false);
    held.append(lines(1, 2, 6));
    expect(keys(held.rows)[4]).toBe(exited.key);
  });

  test('that overtook lines on their way stand before those', () => {
    const held = window();
    held.load(lines(1, 0, 10), new Map());
    held.annotate([mark(1, 9, NOON + 35)]);
    expect(keys(held.rows)[4]).toMatch(/^mark/);
  });

  test('of a clock that was set back stand behind their line', () => {
    const held = window();
    held.load(lines(1, 0, 2_000), new Map());
    held.annotate([mark(1, 1_500, NOON - 3_600_000)]);
    expect(keys(held.rows)[1_501]).toMatch(/^mark/);
  });

  test('that follow each other share a row, in whatever order they come', () => {
    const held = window();
    held.load(lines(1, 0, 10), new Map());
    held.annotate([mark(1, 4, NOON + 43)]);
    held.annotate([mark(1, 4, NOON + 45), mark(1, 4, NOON + 41)]);
    const [shared] = held.rows.filter(({ kind }) => kind === 'mark');
    expect(shared?.kind === 'mark' && shared.marks.map(({ timestamp }) => timestamp.slice(-4))).toEqual([
      '041Z',
      '043Z',
      '045Z'
    ]);
    expect(held.annotate([mark(1, 4, NOON + 45)])).toBe(false);
  });

  test('of a quiet container stand where the others were at that time', () => {
    const held = window();
    held.load([line(2, 0, NOON), ...lines(1, 1, 5)], new Map());
    held.annotate([mark(2, 0, NOON + 25)]);
    expect(keys(held.rows)[3]).toMatch(/^mark/);
  });
});

describe('of a filter', () => {
  test('spans what it left out: marks there have a place, and nothing there is taken twice', () => {
    const held = window();
    held.load([line(1, 100), line(1, 200)], new Map([[2, 50]]));
    held.annotate([mark(1, 40, NOON + 400), mark(1, 150, NOON + 1_500), mark(1, 300, NOON + 3_000)]);
    expect(keys(held.rows).map((key) => key.slice(0, 4))).toEqual(['1:10', 'mark', '1:20']);
    held.widen(new Map([[1, 0]]), new Map([[1, 400]]));
    expect(held.rows.map(({ kind }) => kind)).toEqual(['mark', 'line', 'mark', 'line', 'mark']);
    expect(held.append([line(1, 350), line(1, 401)])).toBe(1);
    expect(held.prepend([line(1, -1), line(1, 5)])).toBe(1);
    expect(held.low.get(2)).toBe(50);
  });

  test('is filled in with lines of a group that a later one brings', () => {
    const held = window();
    held.load([line(1, 100), line(1, 200)], new Map());
    held.widen(new Map(), new Map([[1, 300]]));
    const brought = [line(1, 50), line(1, 150), line(1, 200), line(1, 250), line(1, 301)];
    expect(held.fillIn(brought)).toBe(2);
    expect(held.append(brought)).toBe(1);
    expect(held.rows.map(({ seq }) => seq)).toEqual([100, 150, 200, 250, 301]);
    expect(held.fillIn(brought)).toBe(0);
    checkInvariants(held);
  });

  test('never narrows, and knows logs without a match', () => {
    const held = window();
    held.load(lines(1, 10, 20), new Map());
    held.widen(new Map([[1, 15]]), new Map([[1, 15]]));
    expect([held.low.get(1), held.high.get(1)]).toEqual([10, 19]);
    held.widen(new Map([[2, 0]]), new Map([[2, 99]]));
    expect([held.low.get(2), held.high.get(2)]).toEqual([0, 99]);
  });
});

test('each day gets a row, and another zone other days', () => {
  const held = window();
  const late = Date.UTC(2026, 10, 21, 23, 59);
  held.load([line(1, 0, late), line(1, 1, late + 120_000)], new Map());
  expect(held.rows.map(({ kind }) => kind)).toEqual(['line', 'day', 'line']);
  held.setDayOf(() => 7);
  expect(held.rows.map(({ kind }) => kind)).toEqual(['line', 'line']);
});
