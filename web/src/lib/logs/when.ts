/**
 * Times as people type and paste them: `02:10`, `yesterday 14:00`, `-3h`, `21 Nov 14:02`, ISO 8601, epoch numbers.
 *
 * A time without a day is the last one that was: logs tell of what has been. Nothing is guessed beyond that; a text
 * that is no time is null.
 */
import type { Zone } from './time';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
/** What people write for a unit. */
const UNIT_WORDS: Record<string, string> = {
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  week: 'w',
  weeks: 'w'
};
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Years that a log can be of. An epoch number outside of them is no time. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

interface Day {
  year: number;
  month: number;
  date: number;
}

/** A time of the day in ms, and whether one was given. */
interface Clock {
  ms: number;
  given: boolean;
}

/** Milliseconds since the epoch; null when the text is no time. */
export function readWhen(text: string, now: number, zone: Zone): number | null {
  const asked = text.trim().replace(/\s+/g, ' ');
  if (/^now$/i.test(asked)) return now;
  const ago = durationOf(asked);
  if (ago !== null) return now - durationMs(ago);
  return epoch(asked) ?? iso(asked) ?? written(asked.toLowerCase(), now, zone);
}

/** A length of time in the server's form (`15m`, `1h30m`) from `15m`, `-15m`, `15 min ago`; null when it is none. */
export function durationOf(text: string): string | null {
  const asked = text.trim().toLowerCase();
  const bare = asked
    .replace(/^[-−]\s*/, '')
    .replace(/\s*ago$/, '')
    .replace(/\s+/g, '');
  if (!/^(\d{1,9}[a-z]+)+$/.test(bare)) return null;
  let duration = '';
  for (const [, count = '', word = ''] of bare.matchAll(/(\d+)([a-z]+)/g)) {
    const unit = UNIT_WORDS[word] ?? word;
    if (!Object.hasOwn(UNITS, unit)) return null;
    duration += `${Number(count)}${unit}`;
  }
  const ms = durationMs(duration);
  return ms > 0 && ms < 100 * 366 * DAY ? duration : null;
}

/** The length of what `durationOf` gives. */
export function durationMs(duration: string): number {
  let ms = 0;
  for (const [, count, unit = ''] of duration.matchAll(/(\d+)([a-z]+)/g)) ms += Number(count) * (UNITS[unit] ?? 0);
  return ms;
}

/** Seconds, or as many digits more as milli-, micro- and nanoseconds have. */
function epoch(text: string): number | null {
  const match = /^(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(\.\d{1,9})?$/.exec(text);
  if (!match) return null;
  const [, digits = '', fraction] = match;
  if (fraction !== undefined && digits.length > 10) return null;
  const scale = digits.length <= 10 ? SECOND : digits.length <= 13 ? 1 : digits.length <= 16 ? 1e-3 : 1e-6;
  return possible(Math.floor(Number(digits + (fraction ?? '')) * scale));
}

/** `2026-11-21T14:02:07.123456789Z`, with any offset: what other tools show, pasted. */
function iso(text: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d:?\d\d)$/i.exec(text);
  if (!match) return null;
  const [, day = '', clock = '', fraction = '', offset = ''] = match;
  const zone = /^(z|utc)$/i.test(offset) ? 'Z' : offset.replace(/^(...)(\d\d)$/, '$1:$2');
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  const time = Date.parse(`${day}T${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${zone}`);
  return Number.isNaN(time) ? null : possible(time);
}

/** A day, a time of the day, or both, in the reader's zone. */
function written(text: string, now: number, zone: Zone): number | null {
  const [rest, clock] = clockOf(text);
  if (clock === null) return null;
  const today = dayAt(now, zone);
  if (rest === '') {
    if (!clock.given) return null;
    const at = timeOf(today, clock, zone);
    return at <= now ? at : timeOf({ ...today, date: today.date - 1 }, clock, zone);
  }
  const day = dayOf(rest, today, now, clock, zone);
  return day === null ? null : possible(timeOf(day, clock, zone));
}

/** Splits off the time of the day that a text ends with. */
function clockOf(text: string): [rest: string, clock: Clock | null] {
  const match = /^(.*?)(?:^|[t ])(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/.exec(text);
  if (!match) return [text, { ms: 0, given: false }];
  const [, rest = '', hours, minutes, seconds = '0', fraction = ''] = match;
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  if (hour > 23 || minute > 59 || second > 59) return [text, null];
  const ms = hour * HOUR + minute * MINUTE + second * SECOND + Number(fraction.padEnd(3, '0').slice(0, 3));
  return [rest.replace(/[ ,]+$/, '').trim(), { ms, given: true }];
}

function dayOf(text: string, today: Day, now: number, clock: Clock, zone: Zone): Day | null {
  if (text === 'today') return today;
  if (text === 'yesterday') return { ...today, date: today.date - 1 };
  const weekday = WEEKDAYS.findIndex((name) => text.length >= 3 && name.startsWith(text));
  if (weekday >= 0) {
    // The last such day; today's only when that time has been.
    const back = (new Date(Date.UTC(today.year, today.month, today.date)).getUTCDay() - weekday + 7) % 7;
    const day = { ...today, date: today.date - back };
    return timeOf(day, clock, zone) <= now ? day : { ...day, date: day.date - 7 };
  }
  const named = namedDay(text.replace(/^(sun|mon|tue|wed|thu|fri|sat)[a-z]*,? /, ''));
  const day = named ?? numberedDay(text);
  if (!day || day.month < 0 || day.month > 11 || day.date < 1) return null;
  if (day.year > 0) return day.date > daysIn(day) ? null : day;
  // The last such day that has been; the 29th of February may be eight years back.
  for (let year = today.year; year >= today.year - 8; year--) {
    const candidate = { ...day, year };
    if (day.date <= daysIn(candidate) && timeOf(candidate, clock, zone) <= now) return candidate;
  }
  return null;
}

/** `21 nov`, `nov 21`, `21 november 2025`; year 0 when none is given. */
function namedDay(text: string): Day | null {
  const match =
    /^(\d{1,2})\.? ([a-z]{3,9})(?:,? (\d{4}))?$/.exec(text) ?? /^([a-z]{3,9}) (\d{1,2})(?:,? (\d{4}))?$/.exec(text);
  if (!match) return null;
  const [, first = '', second = '', year = '0'] = match;
  const [date, name] = /^\d/.test(first) ? [first, second] : [second, first];
  return { year: Number(year), month: MONTHS.indexOf(name.slice(0, 3)), date: Number(date) };
}

/** `2026-11-21`, `2026/11/21`, `11-21`. */
function numberedDay(text: string): Day | null {
  const match = /^(?:(\d{4})[-/])?(\d{1,2})[-/](\d{1,2})$/.exec(text);
  if (!match) return null;
  return { year: Number(match[1] ?? 0), month: Number(match[2]) - 1, date: Number(match[3]) };
}

function daysIn({ year, month }: Day): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

function dayAt(time: number, zone: Zone): Day {
  const date = new Date(time);
  return zone === 'utc'
    ? { year: date.getUTCFullYear(), month: date.getUTCMonth(), date: date.getUTCDate() }
    : { year: date.getFullYear(), month: date.getMonth(), date: date.getDate() };
}

function timeOf({ year, month, date }: Day, { ms }: Clock, zone: Zone): number {
  if (zone === 'utc') return Date.UTC(year, month, date) + ms;
  // By the clock on the wall, also on days that have 23 or 25 hours.
  const [hour, minute] = [Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE)];
  return new Date(year, month, date, hour, minute, 0, ms % MINUTE).getTime();
}

function possible(time: number): number | null {
  return time >= EARLIEST && time < LATEST ? time : null;
}
