import { expect, test } from 'vitest';
import { Submission } from './submission.svelte';

test('a failure is told until it is sent again, and it is under way until it is known', async () => {
  const form = new Submission();
  const failed = form.send(() => Promise.reject(new Error('the name is taken')));
  expect([form.busy, form.failure]).toEqual([true, '']);
  expect(await failed).toBe(false);
  expect([form.busy, form.failure]).toEqual([false, 'The name is taken.']);
  const done = form.send(() => Promise.resolve());
  expect([form.busy, form.failure]).toEqual([true, '']);
  expect(await done).toBe(true);
  expect([form.busy, form.failure]).toEqual([false, '']);
});
