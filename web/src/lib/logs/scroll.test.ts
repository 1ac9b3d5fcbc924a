import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPACER_PX_MAX, fractionAt, rowsWithin, scrollTopFor, spacerHeight, topOf } from './scroll';

const heights = fc.array(fc.integer({ min: 18, max: 400 }), { minLength: 1, maxLength: 60 });

test('the rows within a range are those that touch it, in their places', () => {
  fc.assert(
    fc.property(heights, fc.nat(), fc.integer({ min: -5_000, max: 5_000 }), fc.nat(2_000), (px, pick, from, size) => {
      const index = pick % px.length;
      const anchor = { index, top: 1_000 };
      const height = (at: number) => px[at] ?? 0;
      const range = rowsWithin(anchor, px.length, height, from, from + size);
      expect(range.top).toBe(topOf(anchor, range.start, height));
      expect(range.end).toBeGreaterThan(range.start);
      for (let at = 0; at < px.length; at++) {
        const top = topOf(anchor, at, height);
        const touches = top < from + size && top + height(at) > from;
        if (touches) expect(at >= range.start && at < range.end).toBe(true);
      }
    })
  );
});

test('no rows give an empty range', () => {
  expect(rowsWithin({ index: 0, top: 0 }, 0, () => 0, 0, 100)).toEqual({ start: 0, end: 0, top: 0 });
});

test('the spacer never passes what browsers can draw', () => {
  expect(spacerHeight(10_000_000, 18, 600)).toBe(SPACER_PX_MAX);
  expect(spacerHeight(100, 18, 600)).toBe(1_800);
  expect(spacerHeight(3, 18, 600)).toBe(600);
});

test('a place in the log and a place of the scrollbar are each other’s', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 100_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (lines, part) => {
        const spacer = spacerHeight(lines, 18, 700);
        const top = scrollTopFor(part * lines, lines, spacer, 700);
        expect(fractionAt(top, spacer, 700)).toBeCloseTo(part, 3);
      }
    )
  );
});
