import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockMs, clockShort, columnTime, dayLabel, type Zone } from './time';
import { durationMs, durationOf, readWhen } from './when';

/** A Saturday. */
const NOW = Date.parse('2026-11-21T14:02:07.500Z');
const utc = (text: string, now = NOW) => {
  const time = readWhen(text, now, 'utc');
  return time === null ? null : new Date(time).toISOString();
};

describe('readWhen', () => {
  it.each([
    ['now', '2026-11-21T14:02:07.500Z'],
    ['02:10', '2026-11-21T02:10:00.000Z'],
    ['2:10', '2026-11-21T02:10:00.000Z'],
    ['02:10:33.25', '2026-11-21T02:10:33.250Z'],
    ['14:02', '2026-11-21T14:02:00.000Z'],
    // A time that is still to come was yesterday.
    ['14:03', '2026-11-20T14:03:00.000Z'],
    ['today 09:30', '2026-11-21T09:30:00.000Z'],
    ['yesterday', '2026-11-20T00:00:00.000Z'],
    ['Yesterday 14:00', '2026-11-20T14:00:00.000Z'],
    ['fri 14:00', '2026-11-20T14:00:00.000Z'],
    ['Friday', '2026-11-20T00:00:00.000Z'],
    ['sat 14:00', '2026-11-21T14:00:00.000Z'],
    ['sat 15:00', '2026-11-14T15:00:00.000Z'],
    ['wednesday 08:00', '2026-11-18T08:00:00.000Z'],
    ['21 Nov 14:02', '2026-11-21T14:02:00.000Z'],
    ['Sat 21 Nov 14:02', '2026-11-21T14:02:00.000Z'],
    ['Nov 21, 14:02:07', '2026-11-21T14:02:07.000Z'],
    ['21 December', '2025-12-21T00:00:00.000Z'],
    ['3 Feb 2024 01:02', '2024-02-03T01:02:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20 14:02:07.113', '2026-11-20T14:02:07.113Z'],
    ['2026-11-20T14:02:07', '2026-11-20T14:02:07.000Z'],
    ['11-20 14:02:07.113', '2026-11-20T14:02:07.113Z'],
    ['2026-11-21T13:47:07.123456789Z', '2026-11-21T13:47:07.123Z'],
    ['2026-11-21T15:47:07+02:00', '2026-11-21T13:47:07.000Z'],
    ['2026-11-21 15:47:07,5 +0200', '2026-11-21T13:47:07.500Z'],
    ['2026-11-21 13:47 UTC', '2026-11-21T13:47:00.000Z'],
    ['1795269727', '2026-11-21T14:02:07.000Z'],
    ['1795269727.25', '2026-11-21T14:02:07.250Z'],
    ['1795269727250', '2026-11-21T14:02:07.250Z'],
    ['1795269727250999', '2026-11-21T14:02:07.250Z'],
    ['1795269727250999888', '2026-11-21T14:02:07.250Z'],
    ['-3h', '2026-11-21T11:02:07.500Z'],
    ['−3h', '2026-11-21T11:02:07.500Z'],
    ['3h ago', '2026-11-21T11:02:07.500Z'],
    ['90 min', '2026-11-21T12:32:07.500Z'],
    ['1h30m', '2026-11-21T12:32:07.500Z'],
    ['2 days ago', '2026-11-19T14:02:07.500Z'],
    ['29 Feb', '2024-02-29T00:00:00.000Z'],
    ['29 Feb 2024', '2024-02-29T00:00:00.000Z']
  ])('reads %s', (text, time) => expect(utc(text)).toBe(time));

  it.each([
    '',
    'soon',
    '25:00',
    '12:60',
    '2026-13-01',
    '2026-02-30',
    '31 Nov',
    'nov',
    '12',
    '3x',
    '-',
    '1e9',
    'fr',
    '99999999999d'
  ])('takes “%s” for no time', (text) => expect(utc(text)).toBeNull());

  it('reads in the browser’s zone what the page shows in it', () => {
    for (const zone of ['local', 'utc'] as Zone[]) {
      fc.assert(
        fc.property(fc.integer({ min: Date.UTC(2001, 0, 2), max: NOW }), (time) => {
          // An hour that a clock shows twice is no time that one could mean.
          if (new Date(time).getTimezoneOffset() !== new Date(time + 7_200_000).getTimezoneOffset()) return;
          if (new Date(time).getTimezoneOffset() !== new Date(time - 7_200_000).getTimezoneOffset()) return;
          expect(readWhen(columnTime(time, zone, 'iso'), NOW, zone)).toBe(time);
          expect(readWhen(`${dayLabel(time, zone, 0)} ${clockMs(time, zone)}`, NOW, zone)).toBe(time);
          const minute = readWhen(`${dayLabel(time, zone, 0)} ${clockShort(time, zone)}`, NOW, zone);
          expect(minute).toBe(Math.floor(time / 60_000) * 60_000);
        })
      );
    }
  });

  it('never gives a time of the day that is still to come', () => {
    const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    fc.assert(
      fc.property(
        clock,
        fc.integer({ min: 0, max: 86_400_000 }),
        fc.constantFrom<Zone>('utc', 'local'),
        (at, later, zone) => {
          const now = NOW + later;
          const text = at.map((part) => `${part}`.padStart(2, '0')).join(':');
          const time = readWhen(text, now, zone) ?? NaN;
          expect(time).toBeLessThanOrEqual(now);
          expect(time).toBeGreaterThan(now - 90_000_000);
          expect(clockShort(time, zone)).toBe(text);
        }
      )
    );
  });

  it('reads any text without an exception', () => {
    fc.assert(fc.property(fc.string(), (text) => void readWhen(text, NOW, 'local')));
  });
});

describe('durationOf', () => {
  it('gives the server’s form', () => {
    const check = (text: string, expected: string | null) => expect(durationOf(text)).toBe(expected);
    check('15m', '15m');
    check('-15m', '15m');
    check('15 minutes ago', '15m');
    check('1 hour 30 min', '1h30m');
    check('1w1d', '1w1d');
    check('015m', '15m');
    check('0m', null);
    check('15', null);
    check('15q', null);
    check('constructor', null);
  });

  it('measures it', () => {
    expect(durationMs('1h30m')).toBe(5_400_000);
    expect(durationMs('250ms')).toBe(250);
    expect(durationMs('7d')).toBe(604_800_000);
  });
});
