import { expect, test } from 'vitest';
import type { Operation } from '$lib/protocol/api';
import { askAgainMs, fits, outcomeWords, tookWords } from './operations';

function operation(outcome: Operation['outcome'], ...targets: Operation['outcome'][]): Operation {
  return {
    id: 1,
    who: 'ada (token ci)',
    action: 'restart',
    started_at: '2026-11-21T12:00:00Z',
    finished_at: outcome === 'pending' ? null : '2026-11-21T12:00:01.25Z',
    outcome,
    targets: targets.map((outcome, index) => ({
      container_id: `${index}`.repeat(64),
      name: `shop-web-${index + 1}`,
      outcome,
      error: outcome === 'failed' ? 'No such network' : null,
      finished_at: null
    }))
  };
}

test('an outcome says how far many are', () => {
  expect(outcomeWords(operation('pending', 'pending'))).toBe('under way');
  expect(outcomeWords(operation('pending', 'succeeded', 'failed', 'pending'))).toBe('under way, 2 of 3');
  expect(outcomeWords(operation('failed', 'succeeded', 'failed'))).toBe('failed');
});

test('what is under way has taken its time so far', () => {
  const noon = Date.parse('2026-11-21T12:00:00Z');
  expect(tookWords(operation('succeeded', 'succeeded'), noon + 90_000)).toBe('1.3 s');
  expect(tookWords(operation('pending', 'pending'), noon + 2_000)).toBe('2.0 s');
  expect(tookWords(operation('pending', 'pending'), noon + 125_000)).toBe('2 minutes');
  // A browser's clock may be behind the server's.
  expect(tookWords(operation('pending', 'pending'), noon - 5_000)).toBe('0.0 s');
});

test('every word is looked for in who, what and where', () => {
  const failed = operation('failed', 'succeeded', 'failed');
  expect(fits(failed, '', null)).toBe(true);
  expect(fits(failed, ' Web-2 restart ', null)).toBe(true);
  expect(fits(failed, 'ada network', null)).toBe(true);
  expect(fits(failed, 'web-2 stop', null)).toBe(false);
  expect(fits(failed, 'web-2', 'succeeded')).toBe(false);
  expect(fits(failed, 'web-2', 'failed')).toBe(true);
});

test('what is under way is asked for sooner', () => {
  expect(askAgainMs([operation('pending', 'pending')])).toBeLessThan(askAgainMs([operation('failed', 'failed')]));
});
