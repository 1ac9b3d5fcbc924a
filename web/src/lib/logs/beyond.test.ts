import { expect, test } from 'vitest';
import { beyond, beyondWords } from './beyond';
import { NOON, line, lines } from './testing';

const whole = {
  rows: lines(1, 0, 5),
  atStart: true,
  atEnd: true,
  first: null,
  last: null,
  over: true,
  inRange: true,
  cleared: false
};

test('before the first line and behind the last one there is nothing', () => {
  expect(beyond(NOON - 1, whole)).toEqual({ why: 'begins', at: NOON });
  for (const time of [NOON, NOON + 15, NOON + 40]) expect(beyond(time, whole)).toBeNull();
  expect(beyond(NOON + 41, whole)).toEqual({ why: 'ended', at: NOON + 40 });
});

test('a log that goes on is only quiet', () => {
  expect(beyond(NOON + 41, { ...whole, over: false })).toBeNull();
});

test('what is not held is known from the logs', () => {
  const part = { ...whole, atStart: false, atEnd: false, first: NOON - 500, last: NOON + 500 };
  expect(beyond(NOON - 1, part)).toBeNull();
  expect(beyond(NOON - 501, part)).toEqual({ why: 'begins', at: NOON - 500 });
  expect(beyond(NOON + 41, part)).toBeNull();
  expect(beyond(NOON + 501, part)).toEqual({ why: 'ended', at: NOON + 500 });
});

test('a clock that was set back makes no beginning', () => {
  const rows = [line(1, 0, NOON), line(1, 1, NOON - 60_000)];
  expect(beyond(NOON - 1, { ...whole, rows })).toBeNull();
});

test('a range, and what was cleared, are told as what they are', () => {
  expect(beyond(NOON + 15, { ...whole, inRange: false })).toEqual({ why: 'range' });
  expect(beyond(NOON - 1, { ...whole, cleared: true })).toEqual({ why: 'cleared' });
  expect(beyond(NOON + 15, { ...whole, cleared: true })).toBeNull();
  expect(beyond(NOON, { ...whole, rows: [], cleared: true })).toEqual({ why: 'cleared' });
});

test('a log without a line has words elsewhere', () => {
  expect(beyond(NOON, { ...whole, rows: [] })).toBeNull();
});

test('the day stands where it is another', () => {
  const words = (time: number) => beyondWords(time, { why: 'begins', at: NOON }, 'lines', 'utc');
  expect(words(NOON - 1_000)).toBe('Nothing here at 11:59:59.000: its lines begin at 12:00:00.000');
  expect(words(NOON - 86_400_000)).toMatch(
    /^Nothing here at 12:00:00\.000: its lines begin on Sat 21 Nov.* at 12:00:00\.000$/
  );
  expect(beyondWords(NOON + 1, { why: 'ended', at: NOON }, 'matches', 'utc')).toBe(
    'Nothing here at 12:00:00.001: its matches ended at 12:00:00.000'
  );
});
