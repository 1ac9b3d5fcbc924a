import { expect, test } from 'vitest';
import { factsOf, limitWords, restartWords } from './details';
import { container } from './testing';

const none = {
  memory_bytes: null,
  memory_reserved_bytes: null,
  memory_swap_bytes: null,
  cpu_cores: null,
  processes: null
};

test('limits in words', () => {
  expect(limitWords(none)).toBe('none');
  expect(limitWords({ ...none, memory_bytes: 64_000_000, cpu_cores: 1.5, processes: 100 })).toBe(
    '64.0 MB of memory, 1.5 cores, 100 processes'
  );
});

test('restart policies in words', () => {
  expect(['no', 'always', 'unless-stopped', 'new-one'].map((name) => restartWords(name, 0))).toEqual([
    'stays ended',
    'restarts always',
    'restarts unless it was stopped',
    'new-one'
  ]);
  expect(restartWords('on-failure', 3)).toBe('restarts when it failed, 3 times at most');
});

test('a log that is read by API says what to mount', () => {
  const web = container({ name: 'web' });
  const log = { ...web.log, source: 'api' as const, source_detail: 'Mount /var/lib/docker/containers.' };
  const fact = factsOf({ ...web, log }, null, undefined).find(({ name }) => name === 'Log');
  expect(fact).toEqual({
    name: 'Log',
    text: 'read by API: bursts can be lost. Mount /var/lib/docker/containers.',
    warn: true
  });
});
