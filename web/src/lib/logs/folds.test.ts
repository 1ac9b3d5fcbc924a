import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FOLD_OVER_LINES, Folds } from './folds';
import { Grouper } from './groups';
import { type LineRow, type Row, lineRow } from './rows';
import { NOON, record } from './testing';

const rowsOf = (bodies: string[], severity = 0, from = 0): LineRow[] =>
  bodies.map((body, index) => lineRow({ ...record(1, from + index, body, NOON + index), severity }));

/** Which lines continue the one before, as `h` and `c`. */
const grouped = (bodies: string[], severities: number[] = []) => {
  const grouper = new Grouper();
  return bodies
    .map((body, index) => lineRow({ ...record(1, index, body, NOON + index), severity: severities[index] ?? 0 }))
    .map((row) => (grouper.push(row).index === 0 ? 'h' : 'c'))
    .join('');
};

describe('groups, as the server makes them', () => {
  test.each([
    [
      'Java',
      ['java.lang.IllegalStateException: x', '\tat a.B.c(B.java:1)', 'Caused by: x.Y: z', '\tat d', 'next'],
      'hccch'
    ],
    [
      'Python',
      ['Traceback (most recent call last):', '  File "x.py", line 1, in f', '    g()', 'ValueError: no', 'next'],
      'hccch'
    ],
    [
      'Go',
      ['panic: boom', '', 'goroutine 1 [running]:', 'main.main()', '\t/x.go:3 +0x1d', 'exit status 2', 'ok'],
      'hccccch'
    ],
    [
      'Node',
      ['/app/index.js:3', "  throw new Error('x')", '  ^', '', 'Error: x', '    at f (/app/index.js:3:9)', 'ok'],
      'hccccch'
    ],
    ['Rust', ["thread 'main' panicked at src/main.rs:2:5:", 'boom', 'note: run with `RUST_BACKTRACE=1`', 'ok'], 'hcch'],
    ['.NET', ['Unhandled exception. System.X: y', '   at A.B() in /x.cs:line 3', '   --- End of x', 'ok'], 'hcch'],
    ['indented', ['config {', '  a: 1', '}', 'next'], 'hcch'],
    ['blank lines separate', ['a', '', '  b'], 'hhh']
  ])('%s', (_, bodies, expected) => {
    // Node's throw is indented, the caret below it too.
    expect(grouped(bodies)).toBe(expected);
  });

  test('an exception below the error that names it, not below a remark', () => {
    const bodies = ['something', 'java.io.IOException: x', '\tat a.b(C.java:1)'];
    expect(grouped(bodies, [17])).toBe('hcc');
    expect(grouped(bodies, [9])).toBe('hhc');
  });

  test('a line that names a level of its own begins anew; the streams and pauses keep apart', () => {
    expect(grouped(['a', '  b'], [0, 9])).toBe('hh');
    const grouper = new Grouper();
    const at = (seq: number, iostream: 'stdout' | 'stderr', time: number) =>
      grouper.push(lineRow({ ...record(1, seq, seq === 0 ? 'a' : '  b', NOON + time), iostream })).index;
    expect([at(0, 'stdout', 0), at(1, 'stderr', 1), at(2, 'stdout', 2), at(3, 'stdout', 1_500)]).toEqual([0, 0, 1, 0]);
  });
});

const trace = (lines: number, from = 0) =>
  rowsOf(['ERROR it broke', ...Array.from({ length: lines - 1 }, (_, n) => `\tat a.b(C.java:${n})`)], 0, from);
const shut = () => false;
const kinds = (rows: readonly Row[]) => rows.map(({ kind }) => kind[0]).join('');

describe('folds', () => {
  test('what is longer than ten lines keeps ten of them, and says how many there are', () => {
    const ten = trace(FOLD_OVER_LINES);
    expect(new Folds().fold(ten, shut, shut)).toBe(ten);
    const rows = new Folds().fold(trace(44), shut, shut);
    expect(kinds(rows)).toBe('llllllllllf');
    expect(rows.at(-1)).toMatchObject({ kind: 'fold', lines: 34, open: false });
  });

  test('an open one keeps its fold’s row where it was', () => {
    const rows = new Folds().fold(trace(13), () => true, shut);
    expect(kinds(rows)).toBe('llllllllllflll');
    expect(rows[10]).toMatchObject({ open: true, lines: 3 });
  });

  test('one that holds what is marked opens', () => {
    const isMarked = (row: LineRow) => row.record.body.includes(':12)');
    expect(kinds(new Folds().fold(trace(12), shut, isMarked))).toBe('llllllllllf');
    expect(kinds(new Folds().fold(trace(15), shut, isMarked))).toBe('llllllllllflllll');
  });

  test('nothing that is shown moves while lines come, and all at once is the same as one by one', () => {
    const line = fc.constantFrom('ERROR x', '\tat a.b(C.java:1)', '  more', 'plain', '', 'java.io.IOException: y');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (bodies, step) => {
        const rows = rowsOf(bodies, 17);
        const folds = new Folds();
        let before: readonly string[] = [];
        for (let end = step; end < rows.length + step; end += step) {
          const keys = folds.fold(rows.slice(0, end), shut, shut).map(({ key }) => key);
          expect(keys.slice(0, before.length)).toEqual(before);
          before = keys;
        }
        expect(before).toEqual(new Folds().fold(rows, shut, shut).map(({ key }) => key));
      })
    );
  });

  test('older lines before it, and lines that went at the start', () => {
    const folds = new Folds();
    const rows = [...rowsOf(['a', 'b'], 0, 0), ...trace(20, 2)];
    folds.fold(rows.slice(2), shut, shut);
    expect(kinds(folds.fold(rows, shut, shut))).toBe('llllllllllllf');
    expect(kinds(folds.fold(rows.slice(5), shut, shut))).toBe('lllllllf');
    expect(folds.headOf('1:21')).toBe('1:2');
  });
});
