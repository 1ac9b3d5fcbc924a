/**
 * How many errors of each container had come when a view of it was looked at last, in this browser.
 *
 * Errors that stand in a log before its reader's first visit are no news; a container that appears later is all news.
 */
import type { Container } from '$lib/protocol/api';
import { keep, keptJson } from './kept';

const KEY = 'seen-errors';
/** 5,000 × ~75 B are 375 kB of the 5 MB that a browser keeps. A list that lacks containers for a moment forgets none. */
const CONTAINERS_MAX = 5_000;

class Seen {
  #errors = $state.raw<Readonly<Record<string, number>> | null>(stored());

  constructor() {
    // Another tab looked.
    addEventListener('storage', () => (this.#errors = stored()));
  }

  /** Errors that came since; fewer where retention took some of those that were seen. */
  fresh({ id, log }: Container): number {
    return this.#errors === null ? 0 : Math.max(0, log.errors - (this.#errors[id] ?? 0));
  }

  /** The first list that there is: what stands in it is no news. */
  listed(containers: readonly Container[]): void {
    if (this.#errors === null && containers.length > 0) this.look(containers);
  }

  /** A view of these is before the reader. */
  look(containers: readonly Container[]): void {
    const looked = new Map(Object.entries(this.#errors ?? {}));
    for (const { id, log } of containers) {
      // Behind the others: those that were looked at longest ago go first.
      if (looked.get(id) !== log.errors) looked.delete(id);
      looked.set(id, log.errors);
    }
    this.#keep([...looked].slice(-CONTAINERS_MAX));
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
