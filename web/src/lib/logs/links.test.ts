import { expect, test } from 'vitest';
import { mergedHref } from './links';
import { container } from './testing';

const one = (name: string, present = true) => ({ ...container({ name, present }), id: name.padEnd(64, '0') });
const pick = (stack: string | null, service: string | null, ...names: string[]) => ({
  stack,
  service,
  containers: names.map((name) => one(name))
});

test('services of one stack stay services, so that the view outlives their containers', () => {
  expect(mergedHref([pick('shop', 'web', 'w1', 'w2'), pick('shop', 'api', 'a1', 'a2')])).toBe(
    '/logs?stack=shop&service=web&service=api'
  );
});

test('what stacks and services would select too much of is named by containers', () => {
  expect(mergedHref([pick('shop', 'web', 'w1', 'w2'), pick('blog', 'web', 'b1', 'b2')])).toBe(
    '/logs?container=w1&container=w2&container=b1&container=b2'
  );
  expect(mergedHref([pick('shop', 'web', 'w1'), pick('shop', 'web', 'w1')])).toBe('/logs?container=w1');
  expect(mergedHref([{ stack: null, service: null, containers: [one('gone', false)] }])).toBe(
    '/logs?container=gone00000000'
  );
});
