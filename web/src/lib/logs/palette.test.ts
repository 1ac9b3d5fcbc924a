import fc from 'fast-check';
import { expect, test } from 'vitest';
import { choicesOf, found, PAGES, score } from './palette';
import { container } from './testing';

const web = { ...container({ name: 'shop-web-1', stack: 'shop', service: 'web', number: 1 }), id: 'a' };
const worker = { ...container({ name: 'worker', actions: ['stop', 'restart'] }), id: 'b' };
const old = { ...container({ name: 'worker-old', present: false }), id: 'c' };
const slow = {
  id: 1,
  name: 'Slow ones',
  query: 'stack=shop&filter=slow',
  created: '2026-11-21T12:00:00Z',
  shared: false,
  mine: true,
  removable: true,
  who: 'ann'
};
const choices = choicesOf([web, worker, old], PAGES, [slow]);
const titles = (typed: string) => found(choices, typed).map(({ title }) => title);

test('containers, stacks, services, saved searches, pages and what may be done', () => {
  expect(choices.map(({ title }) => title)).toEqual([
    'shop-web-1',
    'worker',
    'shop',
    'shop / web',
    'Slow ones',
    'Containers',
    'Everything',
    'Operations',
    'Details of shop-web-1',
    'Details of worker',
    'Stop worker',
    'Restart worker',
    'worker-old'
  ]);
});

test('the beginning of a name goes first, then words in it, then letters in order', () => {
  expect(titles('work')[0]).toBe('worker');
  expect(titles('restart work')).toEqual(['Restart worker']);
  expect(titles('stop')[0]).toBe('Stop worker');
  expect(titles('sw1')[0]).toBe('shop-web-1');
  expect(titles('oper')[0]).toBe('Operations');
  expect(titles('saved slow')).toEqual(['Slow ones']);
  expect(titles('zzz')).toEqual([]);
});

test('every text is found by its own letters, whatever they are', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      expect(score(text, 'page', text)).not.toBeNull();
    })
  );
});
