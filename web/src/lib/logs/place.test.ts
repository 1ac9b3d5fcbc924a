import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeBefore, placeBehind } from './place';
import { line } from './testing';
import { LogWindow } from './window';

test('a place splits every log in two: nothing is on both sides and nothing on none', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 40 }), fc.nat(), (logs, pick) => {
      const next = new Map<number, number>();
      const rows = logs.map((log, index) => {
        const seq = next.get(log) ?? 0;
        next.set(log, seq + 1);
        return line(log, seq, index * 10);
      });
      const window = new LogWindow(() => 0);
      window.load(rows, new Map([[9, 4]]));
      const at = (pick % (rows.length + 2)) - 1;
      const behind = placeBehind(window, at);
      const before = placeBefore(window, at);
      for (const [index, row] of rows.entries()) {
        expect(row.seq <= (behind.get(row.log) ?? Infinity)).toBe(index <= at);
        expect(row.seq >= (before.get(row.log) ?? -Infinity)).toBe(index >= at);
      }
      // A log that has said nothing here is read on from where the window ends.
      expect([behind.get(9), before.get(9)]).toEqual([3, 4]);
    })
  );
});
