import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Known, SUGGESTIONS_MAX, accepted, completionAt, fieldsOf, quoted } from './completion';

const KNOWN: Known = {
  fields: new Map([
    ['status', ['503', '200']],
    ['service', ['billing']],
    ['user.name', ['Ada L', 'bob']]
  ]),
  containers: ['shop-web-1', 'shop-db-1'],
  services: ['web', 'db'],
  stacks: ['shop'],
  history: ['timeout -cache', 'level:error'],
  saved: [{ name: 'Slow orders', query: 'took:>1s path:/orders*' }]
};

const labels = (text: string, caret = text.length) =>
  completionAt(text, caret, KNOWN)?.suggestions.map(({ label }) => label) ?? [];

describe('what may stand at the caret', () => {
  test.each([
    ['an empty field offers what was asked before', '', ['Slow orders', 'timeout -cache', 'level:error']],
    ['a name', 'st', ['stream:', 'stack:', 'status:']],
    ['a name behind other words and a dash', 'timeout -se', ['service:', 'service:']],
    ['a name in a group', '(a OR us', ['user.name:']],
    ['levels', 'level:', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'none']],
    ['levels with an operator', 'level:>=w', ['>=warn']],
    ['streams', 'stream:std', ['stdout', 'stderr']],
    ['containers', 'container:shop-d', ['shop-db-1']],
    ['services and the field of that name', 'service:', ['web', 'db']],
    ['a field that has a name of ours', '.service:', ['billing']],
    ['values that were seen', 'status:', ['503', '200']],
    ['a saved search by its name', 'slow', ['Slow orders']],
    ['a query that was asked', 'cache', ['timeout -cache']],
    ['nothing inside quotes', 'msg:"lev', []],
    ['nothing that stands there already', 'level:error', ['level:error'].slice(1)],
    ['nothing known', 'zzz', []]
  ])('%s', (_, text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  test('the word that the caret stands in is completed as a whole', () => {
    const text = 'a level:er b';
    const completion = completionAt(text, 'a level:e'.length, KNOWN);
    expect(completion?.suggestions.map(({ label }) => label)).toEqual(['error']);
    const [first] = completion?.suggestions ?? [];
    expect(completion && first && accepted(text, completion, first)).toEqual({ text: 'a level:error b', caret: 13 });
  });

  test('a name waits for its value, a value is done, and is quoted where it has to be', () => {
    const take = (text: string) => {
      const completion = completionAt(text, text.length, KNOWN);
      const [first] = completion?.suggestions ?? [];
      return completion && first ? accepted(text, completion, first).text : null;
    };
    expect(take('lev')).toBe('level:');
    expect(take('-level:w')).toBe('-level:warn ');
    expect(take('user.name:a')).toBe('user.name:"Ada L" ');
    expect(take('slow')).toBe('took:>1s path:/orders*');
  });
});

test('a suggestion changes its part of the text only, and suggestions are few', () => {
  const texts = fc.stringMatching(/^[a-z:>="() .-]{0,30}$/);
  fc.assert(
    fc.property(texts, fc.nat(), (text, at) => {
      const caret = at % (text.length + 1);
      const completion = completionAt(text, caret, KNOWN);
      if (!completion) return;
      expect(completion.suggestions.length).toBeGreaterThan(0);
      expect(completion.suggestions.length).toBeLessThanOrEqual(SUGGESTIONS_MAX);
      expect(completion.from).toBeLessThanOrEqual(caret);
      expect(completion.to).toBeGreaterThanOrEqual(caret);
      for (const suggestion of completion.suggestions) {
        const taken = accepted(text, completion, suggestion);
        expect(taken.text.startsWith(text.slice(0, completion.from) + suggestion.insert)).toBe(true);
        expect(taken.text.endsWith(text.slice(completion.to))).toBe(true);
      }
    })
  );
});

test('values are quoted so that they are one word of the language', () => {
  expect(quoted('a-b.c')).toBe('a-b.c');
  expect(quoted('a b')).toBe('"a b"');
  expect(quoted('say "hi"')).toBe(String.raw`"say \"hi\""`);
  expect(quoted('>5')).toBe('">5"');
  expect(quoted('')).toBe('""');
});

test('fields of JSON and logfmt, those first that are there most', () => {
  const bodies = ['{"status":503,"path":"/a"}', 'ready', 'status=200 took=5ms', '{"status":200}'];
  expect([...fieldsOf(bodies)]).toEqual([
    ['status', ['200', '503']],
    ['path', ['/a']],
    ['took', ['5ms']]
  ]);
});
