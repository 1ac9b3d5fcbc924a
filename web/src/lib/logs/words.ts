/** Sentences for what is no line. Everything that is missing has words here, in one tone. */
import type { Gap, Mark } from '$lib/protocol/api';
import { type Zone, clockMs, duration } from './time';

/** `1,204` in every locale: the page is in English. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 line`, `1,204 lines` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `312/s`, `0.4/s`, `12k/s`; a dash for silence. */
export function rate(perSecond: number): string {
  if (perSecond < 0.05) return '–';
  if (perSecond < 1) return `${perSecond.toFixed(1)}/s`;
  return perSecond < 10_000 ? `${count(perSecond)}/s` : `${Math.round(perSecond / 1000)}k/s`;
}

/** `312 lines/s`, `1 line/s` */
export function linesRate(perSecond: number): string {
  const figure = rate(perSecond).replace('/s', '');
  return `${figure} ${figure === '1' ? 'line' : 'lines'}/s`;
}

/** `45 ms behind`, `1.2 s behind`: from a line's own time to its display. */
export function behindWords(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms behind`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s behind` : `${duration(ms)} behind`;
}

/** `812 B`, `1.2 MB`: powers of 1,000, as disks and Docker count. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

const WHY: Record<string, (lines: string, plural: boolean) => string> = {
  'rotated-away': (lines, plural) => `${lines} ${plural ? 'were' : 'was'} rotated away before they could be read`,
  damaged: (lines, plural) => `${lines} ${plural ? 'stand' : 'stands'} in a damaged part of the log file`,
  'source-lost': (lines, plural) => `${lines} ${plural ? 'were' : 'was'} written while the log could not be read`,
  retention: (lines, plural) => `${lines} ${plural ? 'were' : 'was'} removed to keep within the space for logs`,
  'daemon-skipped': (lines, plural) => `${lines} ${plural ? 'were' : 'was'} skipped by the Docker daemon`
};

/** `1,204 lines were rotated away before they could be read, 14:02:07.114 to 14:02:07.871` */
export function gapWords(gap: Gap, zone: Zone): string {
  const lines = gap.missed === null ? 'Lines, nobody can know how many,' : counted(gap.missed, 'line');
  const why = WHY[gap.reason] ?? ((text: string, plural: boolean) => `${text} ${plural ? 'are' : 'is'} missing`);
  return why(lines, gap.missed !== 1) + span(gap.since, gap.until, zone);
}

function span(since: string | null, until: string | null, zone: Zone): string {
  const at = (timestamp: string) => clockMs(Date.parse(timestamp), zone);
  if (since !== null && until !== null) return `, ${at(since)} to ${at(until)}`;
  if (until !== null) return `, before ${at(until)}`;
  return since !== null ? `, after ${at(since)}` : '';
}

const BAD_MARKS = /oom|died|unhealthy|failed|lost/;

/** Whether a mark tells of something that went wrong. */
export function markIsBad({ kind, text }: Pick<Mark, 'kind' | 'text'>): boolean {
  return BAD_MARKS.test(kind) || /exited (?!0\b)\d+|out of memory|unhealthy/.test(text);
}

/** Marks that follow each other, as one sentence: the name stands once. */
export function marksWords(marks: readonly Mark[]): string {
  return marks
    .map(({ text, name }, index) => (index > 0 && text.startsWith(`${name} `) ? text.slice(name.length + 1) : text))
    .join(' · ');
}

/** What somebody's sight is limited to: each list has to have a pattern that fits. */
export function scopeWords(scopes: readonly (readonly string[])[]): string {
  return scopes.map((patterns) => `what fits ${patterns.join(' or ')}`).join(' and ');
}

/** What went wrong, as a sentence. */
export function errorWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text[0]?.toUpperCase() ?? '') + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}
