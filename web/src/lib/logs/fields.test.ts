import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leadingTime, structureOf } from './fields';
import { levelOf, piecesOf } from './line';
import { NOON, record } from './testing';

const shown = (body: string, severity = 0) =>
  piecesOf({ ...record(1, 0, body), severity }, NOON, { hideTime: true, unfolded: false, messageField: null });
const told = (body: string, severity = 0) => shown(body, severity).map(({ kind, text }) => [kind, text]);

describe('structures', () => {
  test('JSON: level and message first, the rest as fields, nested ones by path', () => {
    expect(
      structureOf('{"level":"warn","msg":"slow","took":812,"up":{"host":"a:1"},"time":"2026-11-21T12:00:00Z"}')
    ).toEqual({
      level: 'WARN',
      message: 'slow',
      fields: [
        { key: 'took', value: '812' },
        { key: 'up.host', value: 'a:1' }
      ],
      trailing: false
    });
  });

  test('numbered levels of pino', () => {
    expect(structureOf('{"level":50,"msg":"x"}')?.level).toBe('ERROR');
  });

  test('logfmt', () => {
    const structure = structureOf('level=info msg="hello \\"you\\"" a=1 b=');
    expect(structure?.message).toBe('hello "you"');
    expect(structure?.fields).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '' }
    ]);
  });

  test('pairs at the end of a sentence; a single one is part of it', () => {
    expect(structureOf('upstream slow service=Order took=812ms')?.message).toBe('upstream slow ');
    expect(structureOf('"GET / HTTP/1.1" 200 rt=0.012')).toBeNull();
    expect(structureOf('a=1 b=2 and then words')).toBeNull();
  });

  test('what looks like JSON and is none stays text', () => {
    for (const body of ['{', '{}x', '[1,2]', '{"a":', 'null', '{not json}']) expect(structureOf(body)).toBeNull();
  });

  test('deep and wide objects stay bounded', () => {
    const deep = '{"a":'.repeat(200) + '1' + '}'.repeat(200);
    expect(structureOf(deep)?.fields.length).toBe(1);
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, index])));
    expect(structureOf(wide)?.fields.length).toBeLessThanOrEqual(200);
  });

  test('any text is read without an error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (body) => void shown(body)));
    fc.assert(fc.property(fc.json(), (body) => void shown(body)));
  });
});

describe('pieces', () => {
  test('a level word is marked in lines that have a level only', () => {
    expect(told('ERROR reset', 17)).toEqual([
      ['level', 'ERROR'],
      ['text', ' reset']
    ]);
    expect(told('no error here', 9)).toEqual([['text', 'no error here']]);
  });

  test('text pieces of a plain line give the line back', () => {
    const word = fc.stringMatching(/^[a-z=" {}0-9]{0,40}$/);
    fc.assert(
      fc.property(word, (body) => {
        const structure = structureOf(body);
        if (structure === null)
          expect(
            shown(body)
              .map(({ text }) => text)
              .join('')
          ).toBe(body);
      })
    );
  });

  test('long lines fold, cut lines say so', () => {
    const pieces = piecesOf({ ...record(1, 0, 'x'.repeat(10_000)), cut: 9_437_184 }, NOON, {
      hideTime: true,
      unfolded: false,
      messageField: null
    });
    expect(pieces.map(({ text }) => text.slice(0, 30))).toEqual([
      'x'.repeat(30),
      '… 8,976 more characters',
      '… 9,437,184 bytes cut'
    ]);
  });

  test('a surrogate pair is not torn by a fold', () => {
    const [first] = shown('😀'.repeat(3_000));
    expect(first?.text).not.toMatch(/[\ud800-\udbff]$/);
  });

  test.each([
    [0, ''],
    [1, 'trace'],
    [9, 'info'],
    [13, 'warn'],
    [20, 'error'],
    [21, 'fatal'],
    [24, 'fatal'],
    [99, '']
  ])('severity %d is %s', (number, level) => {
    expect(levelOf(number)).toBe(level);
  });
});

describe('a timestamp that leads the body', () => {
  test.each([
    ['2026-11-21T12:00:00.113Z GET /', 25],
    ['[2026-11-21 12:00:01,5] GET /', 24],
    ['2026/11/21 12:00:00 GET /', 20],
    ['2026-11-21T13:00:00+01:00 GET /', 26],
    ['2026-11-21T12:10:00Z late', 0],
    ['2026-11-21T12:00:00Z', 0],
    ['no time', 0]
  ])('%s', (body, length) => {
    expect(leadingTime(body, NOON)).toBe(length);
  });
});
