import { beforeEach, expect, test, vi } from 'vitest';
import { container } from '$lib/logs/testing';
import type { Container } from '$lib/protocol/api';

const web = container({ name: 'web' });
const db = container({ name: 'database' });
const withErrors = (of: Container, errors: number): Container => ({ ...of, log: { ...of.log, errors } });

/** What the browser keeps, over reloads of the page. */
let kept: Map<string, string>;

async function opened() {
  vi.resetModules();
  return (await import('./seen.svelte')).seen;
}

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value)
  });
});

test('what stands there at the first visit is no news, what comes later is', async () => {
  const seen = await opened();
  seen.listed([]);
  seen.listed([withErrors(web, 7)]);
  expect(seen.fresh(withErrors(web, 7))).toBe(0);
  expect(seen.fresh(withErrors(web, 9))).toBe(2);
  expect(seen.fresh(withErrors(db, 3))).toBe(3);
});

test('looking is remembered over a reload, and a list that lacks a container forgets nothing', async () => {
  const before = await opened();
  before.listed([withErrors(web, 1)]);
  before.look([withErrors(web, 5)]);
  const seen = await opened();
  seen.listed([]);
  expect(seen.fresh(withErrors(web, 5))).toBe(0);
  expect(seen.fresh(withErrors(web, 6))).toBe(1);
  // Retention took some.
  expect(seen.fresh(withErrors(web, 2))).toBe(0);
});
