import { describe, expect, test } from 'vitest';
import { faultOf, holdsAll, marksIn, needlesOf, plainWords, seemsWhole } from './query';

describe('what the server said', () => {
  test('a sentence, a place, a hint', () => {
    const detail = 'query: loud is no level (at character 9); levels are trace and none: level:error';
    expect(faultOf(detail, 'timeout level:loud')).toEqual({
      query: 'timeout level:loud',
      message: 'loud is no level',
      hint: 'levels are trace and none: level:error',
      at: 8
    });
  });

  test('characters are not UTF-16 units', () => {
    expect(faultOf('query: this quote is not closed (at character 4); add "', '🐳🐳 "x')?.at).toBe('🐳🐳 '.length);
  });

  test('a place behind the query is its end', () => {
    expect(faultOf('query: the query is too long (at character 9999); shorten it', 'abc')?.at).toBe(3);
  });

  test('without a place it is the start', () => {
    expect(faultOf('query: too long', 'abc')).toEqual({ query: 'abc', message: 'too long', hint: '', at: 0 });
  });

  test('other refusals are not about the query', () => {
    expect(faultOf('limit: must be positive', 'abc')).toBeNull();
  });
});

test.each([
  ['timeout', ['timeout']],
  ['timeout  db', ['timeout', 'db']],
  ['"connection refused"', ['connection refused']],
  [String.raw`"say \"hi\" C:\temp"`, [String.raw`say "hi" C:\temp`]],
  ['timeout -cache', ['timeout']],
  ['timeout NOT cache AND db', ['timeout', 'db']],
  ['timeout OR refused', ['timeout', 'refused']],
  ['-(cache OR level:debug) (db)', ['db']],
  ['-(cache -hit)', ['hit']],
  ['--x a - b', ['--x', 'a', '-', 'b']],
  ['/time(d )?out/ /var/log x/y', ['/var/log', 'x/y']],
  ['/a b/i c', ['c']],
  ['status:503 status:>=500 path:/api/* user:*', ['status:503']],
  ['msg:"connection refused" msg:/^a b$/ c', ['c']],
  ['level:error stream:stdout container:web stack:a service:b', []],
  ['.level:30', ['level:30']],
  ['error: http://example.org/x 12:30:05 std::vec', ['error:', 'http://example.org/x', '12:30:05', 'std::vec']],
  ['main() (main())', ['main()', 'main()']],
  ['OR', []],
  ['', []]
])('%s marks %j', (query, words) => {
  expect(needlesOf(query).map(({ text }) => text)).toEqual(words);
});

test.each([
  ['timeout', 'db Timeout, TIMEOUT', ['Timeout', 'TIMEOUT']],
  ['Error', 'Error, ERROR, error', ['Error']],
  ['ä', 'Ä ä', ['ä']],
  ['ab bc', 'xabcx', ['abc']],
  ['aa', 'aaaa', ['aaaa']],
  ['"a b"', 'a b ab', ['a b']],
  ['ß', 'İSTANBUL ß', ['ß']]
])('%s in %s', (query, text, marked) => {
  expect(marksIn(text, needlesOf(query)).map(([start, end]) => text.slice(start, end))).toEqual(marked);
});

test('whatever is typed, marks are in order and inside the text', () => {
  const strange = ['"', '"\\', '-', '(((', ')))', '/a', '/', 'a:"', 'a:/', '-(-(a', '\\', 'a:)', 'NOT', '-"x', ':'];
  for (const query of strange) {
    let last = 0;
    for (const [start, end] of marksIn('a"b-c(d/e:f\\x', needlesOf(query))) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(end).toBeGreaterThan(start);
      last = end;
    }
  }
});

test.each([
  ['timeout  "db error"', ['timeout', 'db error']],
  ['-x', null],
  ['a OR b', null],
  ['(a)', null],
  ['/a b/', null],
  ['status:503', null],
  ['level:error', null],
  ['/var/log', ['/var/log']],
  ['', null]
])('%s is plain words: %j', (query, words) => {
  expect(plainWords(query)?.map(({ text }) => text) ?? null).toEqual(words);
});

test('plain words all stand in one line, by the rule for capitals', () => {
  const words = plainWords('Timeout db') ?? [];
  expect(holdsAll('DB Timeout', words)).toBe(true);
  expect(holdsAll('DB timeout', words)).toBe(false);
  expect(holdsAll('Timeout', words)).toBe(false);
});

test.each([
  '',
  'timeout',
  'time -cache',
  'level:error',
  'level:>=warn x',
  '"a b"',
  '(a OR b)',
  'status:503',
  '/re/',
  'error:'
])('%s may be whole', (query) => expect(seemsWhole(query)).toBe(true));

test.each([
  'level:',
  'level:e',
  'level:>=',
  'stream:std',
  '"open',
  'msg:"open',
  'a OR',
  'NOT',
  '-',
  '(a',
  'a)',
  'size:>'
])('%s is on its way', (query) => expect(seemsWhole(query)).toBe(query === '-'));
