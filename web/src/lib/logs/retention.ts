/** What is kept, in sentences. The limits' own words are the server's: nothing here reads them. */
import type { HeldLog, RetentionChange, RetentionLimits } from '$lib/protocol/api';
import { bytes, count, counted } from './words';

const UNITS: readonly [number, string][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second']
];

/** `7 days`, `36 hours`: exact, unlike what is said of how long ago something was. */
export function ageWords(seconds: number): string {
  const [size, unit] = UNITS.find(([size]) => seconds % size === 0) ?? [1, 'second'];
  return counted(seconds / size, unit);
}

/** `2 GiB` of `2GiB` */
export const sizeWords = (limit: string) => limit.replace(/^(\d+)(\D+)$/, '$1 $2');

/** `at most 2 GiB, none older than 30 days` */
export function limitWords({ size, age }: RetentionLimits): string {
  const old = age.seconds === null ? 'of any age' : `none older than ${ageWords(age.seconds)}`;
  return `at most ${sizeWords(size.limit)}, ${old}`;
}

/** Where a limit comes from. */
export const SOURCE: Record<RetentionLimits['age']['source'], string> = {
  default: 'the default',
  configuration: 'from the configuration',
  setting: 'set here'
};

/** Whether a limit was set here, and holds in place of the configuration's. */
export const isSet = ({ setting }: RetentionLimits) => setting !== null && setting.limit !== null;

/** The two fields as one limit; null when both are empty. */
export function joined(size: string, age: string): string | null {
  return (
    [age, size]
      .map((part) => part.trim())
      .filter(Boolean)
      .join(',') || null
  );
}

export type Field = 'size' | 'age';

/** Which field a refusal is about: it quotes what it refuses. */
export function fieldOf(refusal: string, size: string, age: string): Field | null {
  const quoted = (text: string) => text.trim() !== '' && refusal.includes(`"${text.trim()}"`);
  if (quoted(size)) return 'size';
  return quoted(age) ? 'age' : null;
}

/** What was typed into the other's field, seen from what the server understood; null when all is in its place. */
export function misplaced(
  { limits }: RetentionChange,
  size: string,
  age: string
): { field: Field; text: string } | null {
  if (size.trim() !== '' && limits.size.source !== 'setting') {
    return { field: 'size', text: `${size.trim()} is an age, not a size.` };
  }
  if (age.trim() !== '' && limits.age.source !== 'setting') {
    return { field: 'age', text: `${age.trim()} is a size, not an age.` };
  }
  return null;
}

/** What a change does, for the person who is asked whether to do it. */
export function changeWords({ limits, takes }: RetentionChange): string {
  const gone =
    takes.records === 0
      ? 'Nothing that is stored goes now; the oldest lines go when their time comes.'
      : `${counted(takes.records, 'line')} of ${counted(takes.logs, 'container')} ` +
        `${takes.records === 1 ? 'goes' : 'go'} now, the oldest: ${bytes(takes.stored_bytes)} on disk. ` +
        `${takes.records === 1 ? 'It does' : 'They do'} not come back.`;
  const instead =
    limits.configured !== null && isSet(limits)
      ? ` This holds instead of the configured ${limits.configured}, also after a restart.`
      : '';
  return gone + instead;
}

/** How much of the whole, 0 to 100; what is there at all is to be seen. */
export function share(part: number, whole: number): number {
  if (part <= 0 || whole <= 0) return 0;
  return Math.min(100, Math.max(0.5, (100 * part) / whole));
}

/** `12%`, `<1%`; a dash for nothing. */
export function percent(part: number, whole: number): string {
  if (part <= 0 || whole <= 0) return '–';
  const value = Math.min(100, (100 * part) / whole);
  return value < 1 ? '<1%' : `${count(value)}%`;
}

/** A container's own limits: `7 days, 500 MB` */
export function ownWords({ own }: Pick<HeldLog, 'own'>): string {
  if (own === null) return '';
  const age = own.seconds === null ? [] : [ageWords(own.seconds)];
  const size = own.bytes === null ? [] : [sizeWords(own.limit.replace(/^.*,/, ''))];
  return [...age, ...size].join(', ');
}

/** What is said of a container beside its name. */
export function aside({ present, container_id }: HeldLog): string {
  return present ? '' : `gone · ${container_id.slice(0, 6)}`;
}
