/** Operations in words, and which of them are looked for. */
import type { Operation } from '$lib/protocol/api';
import { counted } from './words';

export type Outcome = Operation['outcome'];

export const OUTCOMES: readonly [Outcome, string][] = [
  ['pending', 'under way'],
  ['succeeded', 'done'],
  ['failed', 'failed'],
  ['unknown', 'unknown']
];

const WORD = Object.fromEntries(OUTCOMES) as Record<Outcome, string>;

/** How it ended; of many that are under way, how far it is. */
export function outcomeWords({ outcome, targets }: Operation): string {
  if (outcome !== 'pending' || targets.length === 1) return WORD[outcome];
  const done = targets.filter((target) => target.outcome !== 'pending').length;
  return `${WORD.pending}, ${done} of ${targets.length}`;
}

/** `1.3 s`, so far when it is under way; `2 minutes` */
export function tookWords({ started_at, finished_at }: Operation, now: number): string {
  const ms = Math.max(0, (finished_at === null ? now : Date.parse(finished_at)) - Date.parse(started_at));
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : counted(Math.round(ms / 60_000), 'minute');
}

/** Every word has to stand in who did what to which container. */
export function fits({ who, action, targets, outcome }: Operation, text: string, wanted: Outcome | null): boolean {
  if (wanted !== null && outcome !== wanted) return false;
  const where = [who, action, ...targets.flatMap(({ name, error }) => [name, error ?? ''])].join('\n').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word));
}

/** The page's own wait before it asks again: soon while something is under way. */
export function askAgainMs(operations: readonly Operation[]): number {
  return operations.some(({ outcome }) => outcome === 'pending') ? 500 : 3_000;
}
