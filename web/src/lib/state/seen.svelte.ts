/**
 * How many errors of each container had come when a view of it was looked at last, in this browser.
 *
 * Errors that stand in a log before its reader's first visit are no news; a container that appears later is all news.
 */
import type { Container } from '$lib/protocol/api';
import { keep, keptJson } from './kept';

const KEY = 'seen-errors';

class Seen {
  #errors = $state.raw<Readonly<Record<string, number>> | null>(stored());

  constructor() {
    // Another tab looked.
    addEventListener('storage', () => (this.#errors = stored()));
  }

  /** Errors that came since. */
  fresh({ id, log }: Container): number {
    return this.#errors === null ? 0 : Math.max(0, log.errors - (this.#errors[id] ?? 0));
  }

  /** The list is another: what is no longer in it is forgotten, and what retention took is not counted as seen. */
  listed(containers: readonly Container[]): void {
    const known = this.#errors;
    this.#keep(
      containers.flatMap(({ id, log }): [string, number][] => {
        const seen = known === null ? log.errors : known[id];
        return seen === undefined ? [] : [[id, Math.min(seen, log.errors)]];
      })
    );
  }

  /** A view of these is before the reader. */
  look(containers: readonly Container[]): void {
    const looked = containers.map(({ id, log }): [string, number] => [id, log.errors]);
    this.#keep([...Object.entries(this.#errors ?? {}), ...looked]);
  }

  #keep(entries: [string, number][]): void {
    const errors = Object.fromEntries(entries);
    const text = JSON.stringify(errors);
    if (text === JSON.stringify(this.#errors)) return;
    this.#errors = errors;
    keep(KEY, text);
  }
}

function stored(): Record<string, number> | null {
  const value = keptJson(KEY);
  return value !== null && typeof value === 'object' ? (value as Record<string, number>) : null;
}

export const seen = new Seen();
