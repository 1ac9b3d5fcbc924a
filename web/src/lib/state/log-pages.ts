/**
 * Pages of one view over HTTP, one at a time: what a second request would ask from has moved when the first is there.
 * A jump makes every page that was asked for before it worthless, and ends the requests for them.
 */
import type { LogPage, Selectors } from '$lib/protocol/api';
import * as api from '$lib/transport/api';

/** Rows a page: a screen holds some 50, so this is several screens and still one quick answer. */
export const PAGE_ROWS = 500;

export type PageKind = 'older' | 'newer' | 'jump';

export class LogPages {
  #selectors: Selectors;
  #failed: (error: unknown) => void;
  #busy: PageKind | null = null;
  #jumps = 0;
  #abort = new AbortController();

  constructor(selectors: Selectors, failed: (error: unknown) => void) {
    this.#selectors = selectors;
    this.#failed = failed;
  }

  get busy(): boolean {
    return this.#busy !== null;
  }

  /** The page; null when another is under way, when a jump overtook it, or when it failed, which is told. */
  async read(kind: PageKind, query: api.LogsQuery, of = this.#selectors): Promise<LogPage | null> {
    if (this.#busy !== null && kind !== 'jump') return null;
    if (kind === 'jump') this.drop();
    const jumps = this.#jumps;
    const { signal } = this.#abort;
    this.#busy = kind;
    try {
      const page = await api.getLogs(of, query, signal);
      return jumps === this.#jumps ? page : null;
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      return null;
    } finally {
      if (jumps === this.#jumps) this.#busy = null;
    }
  }

  /** Ends what is under way; nothing comes of it. */
  drop(): void {
    this.#jumps++;
    this.#busy = null;
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  close(): void {
    this.#abort.abort();
  }
}
