/** Errors that came into open views while nobody looked at the page: for its title, its icon and a notification. */
import { stripControls } from '$lib/logs/ansi';
import { levelOf } from '$lib/logs/line';
import type { Row } from '$lib/logs/rows';
import { counted } from '$lib/logs/words';
import { isLookedAt, onLook } from './attention';
import { notifications } from './notifications.svelte';

/** What a notification shows of a line. */
const TEXT_CHARS_MAX = 200;

class Unseen {
  errors = $state(0);

  /** Lines came into a view that is called `name`. */
  came(rows: readonly Row[], name: string): void {
    if (isLookedAt()) return;
    const errors = rows.filter((row) => row.kind === 'line').filter(({ record }) => isError(record.severity));
    const newest = errors.at(-1);
    if (!newest) return;
    this.errors += errors.length;
    const text = stripControls(newest.record.body).slice(0, TEXT_CHARS_MAX);
    notifications.tell(`${counted(this.errors, 'error')} in ${name}`, text);
  }

  /** Forgets them whenever the page is looked at, until the returned function is called. */
  watch(): () => void {
    return onLook(() => (this.errors = 0));
  }
}

function isError(severity: number): boolean {
  return ['error', 'fatal'].includes(levelOf(severity));
}

export const unseen = new Unseen();
