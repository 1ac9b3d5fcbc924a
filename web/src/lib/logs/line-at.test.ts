import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineAt } from './line-at';
import { NOON, line, lines } from './testing';

const some = { atStart: false, atEnd: false };
const all = { atStart: true, atEnd: true };

test('the newest line at a time, where lines on both sides of it are held', () => {
  const rows = lines(1, 0, 5);
  expect(lineAt(rows, NOON + 25, some)).toBe('1:2');
  expect(lineAt(rows, NOON + 30, some)).toBe('1:3');
  expect(lineAt(rows, NOON - 1, some)).toBeNull();
  expect(lineAt(rows, NOON + 40, some)).toBeNull();
});

test('the first and the last line of a log that is held to there', () => {
  const rows = lines(1, 0, 5);
  expect(lineAt(rows, NOON - 1, all)).toBe('1:0');
  expect(lineAt(rows, NOON + 9_999, all)).toBe('1:4');
  expect(lineAt([], NOON, all)).toBeNull();
});

test('a clock that was set back does not hide a later line', () => {
  const rows = [line(1, 0, NOON), line(1, 1, NOON + 60_000), line(1, 2, NOON + 10), line(1, 3, NOON + 90_000)];
  expect(lineAt(rows, NOON + 20, some)).toBe('1:2');
});

test('what it names is never younger than the time, unless the log is', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000)), fc.nat(1_000), (times, time) => {
      const rows = times.map((at, seq) => line(1, seq, at));
      const named = rows.find(({ key }) => key === lineAt(rows, time, all));
      if (times.some((at) => at <= time)) expect(named?.time).toBeLessThanOrEqual(time);
      else expect(named).toBe(rows[0]);
    })
  );
});
