import fc from 'fast-check';
import { expect, test } from 'vitest';
import { before, behind, formatCursor, logOf, parseCursor, seqOf } from './cursor';

test('a cursor reads back as it was written', () => {
  const position = fc.uniqueArray(fc.tuple(fc.nat(100_000), fc.integer()), { selector: ([log]) => log });
  fc.assert(
    fc.property(position, (pairs) => {
      expect(parseCursor(formatCursor(new Map(pairs)))).toEqual(new Map(pairs));
    })
  );
});

test('what is no cursor is an empty position', () => {
  for (const text of [null, '', 'x', '1', '1:', ':5', '1:2:3']) expect(parseCursor(text).size).toBe(0);
});

test("a record's own cursor gives log and number", () => {
  expect([logOf('12:-7'), seqOf('12:-7')]).toEqual([12, -7]);
});

test('what is before the next number is the number, in each log', () => {
  const position = new Map([
    [1, -1],
    [2, 7]
  ]);
  expect(formatCursor(before(position))).toBe('1:-2,2:6');
  expect(formatCursor(behind(position))).toBe('1:0,2:8');
  expect(before(behind(position))).toEqual(position);
});
