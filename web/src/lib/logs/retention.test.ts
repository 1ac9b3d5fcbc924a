import { describe, expect, test } from 'vitest';
import type { RetentionChange, RetentionLimits } from '$lib/protocol/api';
import {
  ageWords,
  changeWords,
  fieldOf,
  joined,
  limitWords,
  misplaced,
  ownWords,
  percent,
  share,
  sizeWords
} from './retention';

const limits: RetentionLimits = {
  limit: '2GiB',
  age: { limit: null, seconds: null, source: 'default' },
  size: { limit: '2GiB', bytes: 2_147_483_648, source: 'default' },
  configured: null,
  setting: null
};
const change = (takes: Partial<RetentionChange['takes']>, of: Partial<RetentionLimits> = {}): RetentionChange => ({
  applied: false,
  limits: { ...limits, ...of },
  takes: { logs: 0, records: 0, bytes: 0, stored_bytes: 0, ...takes }
});

describe('retention', () => {
  test('limits are said in words', () => {
    expect([604_800, 129_600, 60, 61, 1].map(ageWords)).toEqual([
      '7 days',
      '36 hours',
      '1 minute',
      '61 seconds',
      '1 second'
    ]);
    expect(['2GiB', '500MB', '1B'].map(sizeWords)).toEqual(['2 GiB', '500 MB', '1 B']);
    expect(limitWords(limits)).toBe('at most 2 GiB, of any age');
    const age = { limit: '30d', seconds: 2_592_000, source: 'setting' } as const;
    expect(limitWords({ ...limits, age })).toBe('at most 2 GiB, none older than 30 days');
  });

  test('own limits are said in words', () => {
    expect(ownWords({ own: null })).toBe('');
    expect(ownWords({ own: { limit: '1w,500MB', seconds: 604_800, bytes: 5e8 } })).toBe('7 days, 500 MB');
    expect(ownWords({ own: { limit: '36h', seconds: 129_600, bytes: null } })).toBe('36 hours');
    expect(ownWords({ own: { limit: '1GiB', seconds: null, bytes: 1 << 30 } })).toBe('1 GiB');
  });

  test('two fields are one limit', () => {
    expect(joined(' 2GB ', '30d')).toBe('30d,2GB');
    expect(joined('2GB', '')).toBe('2GB');
    expect(joined(' ', '')).toBeNull();
  });

  test('a refusal stands at the field that it quotes', () => {
    expect(fieldOf('"10m" could be minutes or megabytes', '2GB', '10m ')).toBe('age');
    expect(fieldOf('"10m" could be minutes or megabytes', '10m', '30d')).toBe('size');
    expect(fieldOf('MiniMan does not answer', '2GB', '')).toBeNull();
  });

  test('an age where a size belongs is told', () => {
    const age = { limit: '30d', seconds: 2_592_000, source: 'setting' } as const;
    const size = { limit: '2GB', bytes: 2e9, source: 'setting' } as const;
    expect(misplaced(change({}, { age }), '30d', '')).toEqual({ field: 'size', text: '30d is an age, not a size.' });
    expect(misplaced(change({}, { size }), '', '2GB')?.field).toBe('age');
    expect(misplaced(change({}, { age, size }), '2GB', '30d')).toBeNull();
    expect(misplaced(change({}, { size }), '2GB', '')).toBeNull();
  });

  test('a change says what it costs', () => {
    expect(changeWords(change({}))).toBe('Nothing that is stored goes now; the oldest lines go when their time comes.');
    expect(changeWords(change({ logs: 1, records: 1_204, stored_bytes: 12_300 }))).toBe(
      '1,204 lines of 1 container go now, the oldest: 12.3 kB on disk. They do not come back.'
    );
    const setting = { limit: '2GiB', who: 'ada', at: '2026-11-21T14:02:07Z' };
    expect(changeWords(change({}, { configured: '30d', setting }))).toMatch(
      /instead of the configured 30d, also after/
    );
    expect(changeWords(change({}, { configured: '30d', setting: { ...setting, limit: null } }))).not.toMatch(/instead/);
  });

  test('shares', () => {
    expect([share(0, 10), share(1, 1e9), share(5, 10), share(20, 10), share(1, 0)]).toEqual([0, 0.5, 50, 100, 0]);
    expect([percent(0, 10), percent(1, 1e9), percent(5, 10)]).toEqual(['–', '<1%', '50%']);
  });
});
