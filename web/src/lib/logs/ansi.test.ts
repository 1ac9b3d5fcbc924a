import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlain, spansOf, stripControls } from './ansi';

const E = '\u001b[';

test('styles begin and end where their sequences stand', () => {
  expect(spansOf(`a${E}1;31mb${E}22mc${E}0md`)).toEqual([
    { text: 'a', style: null },
    { text: 'b', style: { bold: true, fg: 1 } },
    { text: 'c', style: { fg: 1 } },
    { text: 'd', style: null }
  ]);
});

test.each([
  [`${E}38;5;208mx`, { fg: 'rgb(255 135 0)' }],
  [`${E}38;2;1;2;3mx`, { fg: 'rgb(1 2 3)' }],
  [`${E}38:2::1:2:3mx`, { fg: 'rgb(1 2 3)' }],
  [`${E}48;5;244mx`, { bg: 'rgb(128 128 128)' }],
  [`${E}38;5;9mx`, { fg: 9 }],
  [`${E}97;41mx`, { fg: 15, bg: 1 }],
  [`${E}38;2;300;0;0mx`, null],
  [`${E}38;5mx`, { fg: 0 }],
  [`${E}4:3mx`, { underline: true }],
  [`${E}4;4:0mx`, null],
  [`${E}58;5;1;21mx`, { underline: true }],
  [`${E}58:2::1:2:3;3mx`, { italic: true }],
  [`${E}1;2;3;7;9mx`, { bold: true, dim: true, italic: true, reverse: true, strike: true }],
  [`${E}1;3;7;9;22;23;27;29mx`, null],
  [`${E}mx`, null]
])('%j', (body, style) => {
  expect(spansOf(body)).toEqual([{ text: 'x', style }]);
});

test('a line that was written over shows its last state', () => {
  const shown = (body: string) =>
    spansOf(body)
      .map(({ text }) => text)
      .join('');
  expect(shown('10%\r50%\r100%')).toBe('100%');
  expect(shown('abcdef\rXY')).toBe('XYcdef');
  expect(shown(`downloading\r${E}Kdone`)).toBe('done');
  expect(shown(`downloading${E}2K\rdone`)).toBe('done');
  expect(shown('line of Windows\r')).toBe('line of Windows');
});

test('other sequences are dropped, other controls become visible', () => {
  expect(spansOf(`${E}2J${E}Hhi\u001b]0;title\u0007there\u001b(B`)).toEqual([{ text: 'hithere', style: null }]);
  expect(spansOf('a\u0000b\u0007c\u202ed')).toEqual([{ text: 'a␀b␇c⟨202E⟩d', style: null }]);
  expect(stripControls(`${E}31ma\u0007b${E}0m`)).toBe('ab');
});

test('nothing that comes in throws, hangs or brings a control character out', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u001b', '\u001b[', '\u001b[38;', '\u001b]', '\r', 'm', '\u009b31m', '0;', '\u001b[999999999999m')
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      for (const { text } of spansOf(pieces.join(''))) expect(isPlain(text)).toBe(true);
    })
  );
});

test('an ANSI bomb of a megabyte is read in a blink', () => {
  const started = performance.now();
  const spans = spansOf(`${E}31mx${E}32my`.repeat(80_000));
  expect(spans.length).toBeLessThanOrEqual(2_001);
  expect(performance.now() - started).toBeLessThan(2_000);
});
