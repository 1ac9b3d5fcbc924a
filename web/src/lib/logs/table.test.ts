import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Container, ContainerStats } from '$lib/protocol/api';
import { nextSort, percent, SORTS, sorted, sortOf, sortText } from './table';
import { container } from './testing';

const failed = (name: string, at: string | null): Container => {
  const made = container({ name });
  const last_error = at === null ? null : { cursor: '1:0', timestamp: at, text: 'it broke' };
  return { ...made, id: name, log: { ...made.log, last_error } };
};
const stats = (cpu: number | null): ContainerStats => ({
  id: '',
  read: '',
  cpu_cores: cpu,
  memory_bytes: 0,
  memory_limit_bytes: null,
  received_per_sec: null,
  sent_per_sec: null
});
const names = (containers: readonly Container[]) => containers.map(({ name }) => name);

test('newest errors first, and what never failed stands last either way', () => {
  const all = [failed('a', null), failed('b', '2026-11-21T12:00:00Z'), failed('c', '2026-11-21T13:00:00Z')];
  expect(names(sorted(all, { key: 'error', descending: true }, () => undefined))).toEqual(['c', 'b', 'a']);
  expect(names(sorted(all, { key: 'error', descending: false }, () => undefined))).toEqual(['b', 'c', 'a']);
});

test('usage sorts what is known, equals go by name', () => {
  const all = ['d', 'c', 'b', 'a'].map((name) => failed(name, null));
  const cpu: Record<string, number | null> = { a: 0.1, b: 0.9, c: null, d: 0.1 };
  const of = ({ name }: Container) => (name === 'c' ? undefined : stats(cpu[name] ?? null));
  expect(names(sorted(all, { key: 'cpu', descending: true }, of))).toEqual(['b', 'a', 'd', 'c']);
});

test('a click on a head goes through both orders and back to stacks', () => {
  const first = nextSort(null, 'cpu');
  expect(first).toEqual({ key: 'cpu', descending: true });
  const second = nextSort(first, 'cpu');
  expect(second).toEqual({ key: 'cpu', descending: false });
  expect(nextSort(second, 'cpu')).toBeNull();
  expect(nextSort(first, 'name')).toEqual({ key: 'name', descending: false });
});

test('an order survives the URL, and what is none is by stack', () => {
  fc.assert(
    fc.property(fc.constantFrom(...SORTS), fc.boolean(), (key, descending) => {
      expect(sortOf(sortText({ key, descending }))).toEqual({ key, descending });
    })
  );
  for (const text of [null, '', '-', 'colour', '--cpu']) expect(sortOf(text)).toBeNull();
});

test('percent of a core', () => {
  expect([0, 0.004, 0.31, 2.5].map(percent)).toEqual(['0.0%', '0.4%', '31%', '250%']);
});
