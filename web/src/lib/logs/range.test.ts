import { describe, expect, it } from 'vitest';
import { absolute, boundOf, hasEnded, holds, rangeOf, rangeWords, writeRange } from './range';

const NOW = Date.parse('2026-11-21T14:02:07.500Z');
const range = (query: string) => rangeOf(new URLSearchParams(query), NOW);

describe('rangeOf', () => {
  it('keeps what the server reads as it is', () => {
    expect(range('since=15m')).toEqual({ since: '15m', until: null });
    expect(range('since=deploy')).toEqual({ since: 'deploy', until: null });
    expect(range('since=2026-11-21T02:10:00.123456789Z&until=2026-11-21T02:20:00Z')).toEqual({
      since: '2026-11-21T02:10:00.123456789Z',
      until: '2026-11-21T02:20:00Z'
    });
  });

  it('reads what people write, and leaves out what is no time', () => {
    expect(range('since=-3h&until=1795269727')).toEqual({ since: '3h', until: '2026-11-21T14:02:07.000Z' });
    expect(range('since=soon&until=restart')).toEqual({ since: null, until: null });
    expect(boundOf('yesterday 14:00', NOW, 'utc')).toBe('2026-11-20T14:00:00.000Z');
  });

  it('comes back from an address', () => {
    for (const query of ['', 'since=1h', 'until=2026-11-21T02%3A20%3A00Z', 'since=start&until=5m']) {
      const written = new URLSearchParams('since=gone&filter=x');
      writeRange(written, range(query));
      expect(rangeOf(written, NOW)).toEqual(range(query));
      expect(written.get('filter')).toBe('x');
    }
  });
});

it('an end in the past is over', () => {
  expect(hasEnded(range('until=1m'), NOW)).toBe(true);
  expect(hasEnded(range('until=2026-11-21T14:02:08Z'), NOW)).toBe(false);
  expect(hasEnded(range('since=1h'), NOW)).toBe(false);
});

it('a time is within or not', () => {
  expect(holds(range('since=1h&until=1m'), NOW - 600_000, NOW)).toBe(true);
  expect(holds(range('since=1h&until=1m'), NOW - 7_200_000, NOW)).toBe(false);
  expect(holds(range('since=1h&until=1m'), NOW - 30_000, NOW)).toBe(false);
  expect(holds(range('since=deploy'), 0, NOW)).toBe(true);
});

it('a link says times', () => {
  expect(absolute(range('since=15m&until=1m'), NOW)).toEqual({
    since: '2026-11-21T13:47:07.500Z',
    until: '2026-11-21T14:01:07.500Z'
  });
  expect(absolute(range('since=deploy'), NOW).since).toBe('deploy');
});

it('says itself in few words', () => {
  const check = (query: string, words: string) => expect(rangeWords(range(query), 'utc', NOW)).toBe(words);
  check('', 'All');
  check('since=15m', 'Last 15 min');
  check('since=90m', 'Last 90m');
  check('since=deploy', 'Since deploy');
  check('since=2026-11-21T02:10:00Z', 'Since Sat 21 Nov 02:10');
  check('until=2026-11-21T02:10:07Z', 'Until Sat 21 Nov 02:10:07');
  check('since=2026-11-21T02:10:00Z&until=2026-11-21T02:20:00Z', 'Sat 21 Nov 02:10 – 02:20');
  check('since=2026-11-20T02:10:00Z&until=2026-11-21T02:20:30Z', 'Fri 20 Nov 02:10 – Sat 21 Nov 02:20:30');
  check('since=3h&until=1h', '3h ago – 1h ago');
  check('since=restart&until=1h', 'the last restart – 1h ago');
});
