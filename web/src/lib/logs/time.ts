/**
 * Times as the reader wants them: in the browser's zone or in UTC, short or whole.
 *
 * The server's times carry nanoseconds, a `Date` holds milliseconds: exact texts are cut from the server's own text.
 */

export type Zone = 'local' | 'utc';
export type TimeFormat = 'time' | 'datetime' | 'iso';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number) => (value < 10 ? `0${value}` : `${value}`);
const three = (value: number) => (value < 10 ? `00${value}` : value < 100 ? `0${value}` : `${value}`);

interface Parts {
  year: number;
  month: number;
  date: number;
  day: number;
  clock: string;
  ms: number;
}

function parts(time: number, zone: Zone): Parts {
  // In UTC the same getters serve, on a date moved by its own offset.
  const date = new Date(zone === 'utc' ? time + new Date(time).getTimezoneOffset() * 60_000 : time);
  return {
    year: date.getFullYear(),
    month: date.getMonth(),
    date: date.getDate(),
    day: date.getDay(),
    clock: `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
    ms: date.getMilliseconds()
  };
}

/** `14:02:07.113` */
export function clockMs(time: number, zone: Zone): string {
  const { clock, ms } = parts(time, zone);
  return `${clock}.${three(ms)}`;
}

/** `14:02:07` */
export function clock(time: number, zone: Zone): string {
  return parts(time, zone).clock;
}

/** `14:02` */
export function clockShort(time: number, zone: Zone): string {
  return parts(time, zone).clock.slice(0, 5);
}

/** `Sat 21 Nov`, with the year when it is not this one. */
export function dayLabel(time: number, zone: Zone, now = Date.now()): string {
  const { day, date, month, year } = parts(time, zone);
  const label = `${DAYS[day]} ${date} ${MONTHS[month]}`;
  return year === parts(now, zone).year ? label : `${label} ${year}`;
}

/** `Sat 21 Nov 14:02` */
export function moment(time: number, zone: Zone, now = Date.now()): string {
  return `${dayLabel(time, zone, now)} ${clockShort(time, zone)}`;
}

/** A line's time in the time column. */
export function columnTime(time: number, zone: Zone, format: TimeFormat): string {
  const { year, month, date, clock, ms } = parts(time, zone);
  if (format === 'time') return `${clock}.${three(ms)}`;
  if (format === 'datetime') return `${two(month + 1)}-${two(date)} ${clock}.${three(ms)}`;
  return `${year}-${two(month + 1)}-${two(date)}T${clock}.${three(ms)}${zone === 'utc' ? 'Z' : ''}`;
}

/** Characters that the time column needs. */
export function columnChars(format: TimeFormat, zone: Zone): number {
  return { time: 12, datetime: 18, iso: zone === 'utc' ? 24 : 23 }[format];
}

/** The whole time with nanoseconds, and how long ago: what hovering shows. */
export function exactTime(timestamp: string, zone: Zone, now = Date.now()): string {
  const time = Date.parse(timestamp);
  const { year, month, date, clock } = parts(time, zone);
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? '000';
  const day = `${year}-${two(month + 1)}-${two(date)}`;
  return `${day} ${clock}.${fraction} ${zoneName(time, zone)} · ${ago(now - time)}`;
}

/** `UTC`, `UTC+1`, `UTC+5:30` */
export function zoneName(time: number, zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const offset = -new Date(time).getTimezoneOffset();
  if (offset === 0) return 'UTC';
  const minutes = Math.abs(offset) % 60;
  return `UTC${offset < 0 ? '−' : '+'}${Math.floor(Math.abs(offset) / 60)}${minutes ? `:${two(minutes)}` : ''}`;
}

const UNITS: readonly [number, string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second']
];

/** `3 days`, `1 hour`, `less than a second` */
export function duration(ms: number): string {
  for (const [size, unit] of UNITS) {
    const count = Math.floor(ms / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'less than a second';
}

/** `3 days ago`, `just now` */
export function ago(ms: number): string {
  return ms < 1_000 ? 'just now' : `${duration(ms)} ago`;
}

/** Numbers the calendar days of a zone. Remembers the last day's bounds: it is asked for every line. */
export function dayOf(zone: Zone): (time: number) => number {
  let from = 0;
  let to = 0;
  let day = 0;
  return (time) => {
    if (time >= from && time < to) return day;
    const { year, month, date } = parts(time, zone);
    const start = zone === 'utc' ? Date.UTC(year, month, date) : new Date(year, month, date).getTime();
    const end = zone === 'utc' ? start + 86_400_000 : new Date(year, month, date + 1).getTime();
    from = start;
    to = end;
    day = Date.UTC(year, month, date) / 86_400_000;
    return day;
  };
}
