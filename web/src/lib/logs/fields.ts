/**
 * What a line says in a structure: JSON objects, logfmt, a timestamp of its own.
 *
 * Reading fields is for showing them; copying and search keep the body as it is.
 */

export interface Field {
  key: string;
  value: string;
}

export interface Structured {
  level: string | null;
  message: string | null;
  fields: Field[];
  /** Set when `message` is the text before trailing `key=value` pairs, so that nothing is reordered. */
  trailing: boolean;
}

/** A longer body is shown as text: parsing it for a glance is not worth a frame. */
export const STRUCTURE_CHARS_MAX = 65_536;
/** Deeper values are shown as their JSON text. */
const DEPTH_MAX = 6;
const FIELDS_MAX = 200;

const MESSAGE_KEYS = ['msg', 'message', 'event', 'error', 'err'];
const LEVEL_KEYS = ['level', 'lvl', 'severity', 'log.level', 'loglevel', 'levelname'];
const TIME_KEYS = ['time', 'ts', 'timestamp', '@timestamp', 't', 'date', 'datetime'];

/** The structure of a body, or null when it has none. `messageField`: where the service has its message. */
export function structureOf(body: string, messageField: string | null = null): Structured | null {
  if (body.length > STRUCTURE_CHARS_MAX) return null;
  const json = objectIn(body);
  if (json && json.before === '') return fromPairs(flatten(json.object), messageField);
  if (json) return { level: null, message: json.before, fields: flatten(json.object), trailing: true };
  return body.includes('=') ? logfmt(body, messageField) : null;
}

/** All fields of a body in its order, nested ones by path; null when it has none. */
export function pairsOf(body: string): Field[] | null {
  if (body.length > STRUCTURE_CHARS_MAX) return null;
  const json = objectIn(body);
  if (json) return flatten(json.object);
  return body.includes('=') ? (logfmtPairs(body)?.pairs ?? null) : null;
}

/** What a body says in a field; null when it says nothing there. */
export function fieldOf(body: string, field: string): string | null {
  return pairsOf(body)?.find(({ key }) => key === field)?.value ?? null;
}

/** The JSON object that a body is, or that ends it behind other text. */
export function objectIn(body: string): { object: Record<string, unknown>; before: string } | null {
  const text = body.trimEnd();
  if (!text.endsWith('}')) return null;
  const start = /^\s*\{/.test(text) ? text.indexOf('{') : text.indexOf('{"');
  if (start < 0) return null;
  try {
    const value: unknown = JSON.parse(text.slice(start));
    const before = text.slice(0, start);
    return typeof value === 'object' && value !== null
      ? { object: value as Record<string, unknown>, before: before.trim() === '' ? '' : before }
      : null;
  } catch {
    return null;
  }
}

function flatten(object: Record<string, unknown>, prefix = '', depth = 1, out: Field[] = []): Field[] {
  for (const [name, value] of Object.entries(object)) {
    if (out.length >= FIELDS_MAX) break;
    const key = prefix + name;
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (nested && depth < DEPTH_MAX && Object.keys(value).length > 0) {
      flatten(value as Record<string, unknown>, `${key}.`, depth + 1, out);
    } else out.push({ key, value: typeof value === 'string' ? value : JSON.stringify(value) });
  }
  return out;
}

function fromPairs(pairs: Field[], messageField: string | null): Structured {
  const level = pairs.find(({ key }) => LEVEL_KEYS.includes(key.toLowerCase())) ?? null;
  const own = messageField === null ? null : (pairs.find(({ key }) => key === messageField) ?? null);
  const message = own ?? pick(pairs, MESSAGE_KEYS);
  const fields = pairs.filter((field) => field !== level && field !== message && !isTime(field));
  return { level: level && levelWord(level.value), message: message?.value ?? null, fields, trailing: false };
}

function pick(pairs: Field[], keys: string[]): Field | null {
  for (const wanted of keys) {
    const found = pairs.find(({ key, value }) => key.toLowerCase() === wanted && value !== '');
    if (found) return found;
  }
  return null;
}

function isTime({ key, value }: Field): boolean {
  return TIME_KEYS.includes(key.toLowerCase()) && /^[\dT:.,+\-Z /]{8,}$/.test(value);
}

/** pino and bunyan number their levels. */
const NUMBERED: Record<string, string> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };

function levelWord(value: string): string {
  return NUMBERED[value] ?? value.slice(0, 12).toUpperCase();
}

const KEY = /[A-Za-z_@][\w.\-@/]*/y;

/**
 * A body of `key=value` pairs, or text with at least two of them at its end. One pair at the end of a sentence is
 * part of the sentence.
 */
function logfmtPairs(body: string): { pairs: Field[]; start: number } | null {
  const pairs: Field[] = [];
  let start = body.length;
  let at = 0;
  while (at < body.length && pairs.length < FIELDS_MAX) {
    if (body.charCodeAt(at) === 0x20) {
      at++;
      continue;
    }
    const pair = pairAt(body, at);
    if (pair) {
      if (pairs.length === 0) start = at;
      pairs.push({ key: pair.key, value: pair.value });
      at = pair.end;
    } else {
      // A word: pairs before it do not stand at the end.
      pairs.length = 0;
      start = body.length;
      const space = body.indexOf(' ', at);
      at = space === -1 ? body.length : space;
    }
  }
  return pairs.length < 2 ? null : { pairs, start };
}

function logfmt(body: string, messageField: string | null): Structured | null {
  const found = logfmtPairs(body);
  if (!found) return null;
  const { pairs, start } = found;
  if (start === 0) return fromPairs(pairs, messageField);
  return { level: null, message: body.slice(0, start), fields: pairs, trailing: true };
}

function pairAt(body: string, at: number): (Field & { end: number }) | null {
  KEY.lastIndex = at;
  const key = KEY.exec(body)?.[0];
  if (key === undefined || body[at + key.length] !== '=') return null;
  const from = at + key.length + 1;
  if (body[from] !== '"') {
    const space = body.indexOf(' ', from);
    const end = space === -1 ? body.length : space;
    return { key, value: body.slice(from, end), end };
  }
  let end = from + 1;
  while (end < body.length && body[end] !== '"') end += body[end] === '\\' ? 2 : 1;
  if (end >= body.length) return null;
  return { key, value: body.slice(from + 1, end).replace(/\\(.)/g, '$1'), end: end + 1 };
}

const LEADING_TIME =
  /^\[?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?\]?[ \t]+(?=\S)/;

/** A line's own time agrees with the record's within this much: writing and reading take a moment. */
const AGREES_MS = 2_000;

/** How many characters of the body are a timestamp that says the same as the record's; 0 when none. */
export function leadingTime(body: string, time: number): number {
  const match = LEADING_TIME.exec(body);
  if (!match) return 0;
  const [year, month, date, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number
  ];
  const at = Date.UTC(year, month - 1, date, hour, minute, second);
  const zone = match[8];
  const offsets =
    zone === undefined ? [0, -new Date(time).getTimezoneOffset()] : [/\d/.test(zone) ? minutesOf(zone) : 0];
  const agrees = offsets.some((offset) => Math.abs(at - offset * 60_000 - time) <= AGREES_MS);
  return agrees ? match[0].length : 0;
}

function minutesOf(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}
