/** Going from one found line to the next, in what the store holds. */
import { formatCursor } from '$lib/logs/cursor';
import { both } from '$lib/logs/find';
import { placeBefore, placeBehind } from '$lib/logs/place';
import { type LineRow, pageRows } from '$lib/logs/rows';
import * as api from '$lib/transport/api';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';
import { notices } from './notices.svelte';

/** `overtaken`: another step began meanwhile. */
export type Walked = 'found' | 'none' | 'overtaken';

const UNHIDDEN = 'A hide rule hides this line. What is hidden is shown now.';

/** Makes a row of the page the focused one, and brings it onto the screen. */
export function focusRow(view: LogView, scroller: LogScroller, key: string | null): void {
  const before = view.focused;
  view.focus(key);
  if (before !== null) scroller.changed(before);
  if (key === null) return;
  scroller.changed(key);
  scroller.reveal(key);
}

export class LogWalk {
  #view: LogView;
  #scroller: LogScroller;
  #abort = new AbortController();

  constructor(view: LogView, scroller: LogScroller) {
    this.#view = view;
    this.#scroller = scroller;
  }

  /**
   * Focuses the next line that a query finds, or the one before; of a group the first one that matches.
   *
   * @throws {ApiError} when the store could not be asked
   */
  async step(query: string, direction: 1 | -1): Promise<Walked> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const row = await this.#search(query, direction, signal);
      if (signal.aborted) return 'overtaken';
      if (!row) return 'none';
      if (this.#view.rows.some(({ key }) => key === row.key)) focusRow(this.#view, this.#scroller, row.key);
      else if ((await this.#view.goTo(row)) === 'unhidden') notices.say('good', UNHIDDEN);
      return 'found';
    } catch (error) {
      if (signal.aborted) return 'overtaken';
      throw error;
    }
  }

  /** The row that was left last: the focused one, else what is right outside of the screen. */
  #start(direction: 1 | -1): number {
    const { rows, focused } = this.#view;
    const at = focused === null ? -1 : rows.findIndex(({ key }) => key === focused);
    if (at !== -1) return at;
    const keys = this.#scroller.keysOnScreen();
    const edge = direction === 1 ? keys[0] : keys[keys.length - 1];
    const shown = rows.findIndex(({ key }) => key === edge);
    return (shown === -1 ? (direction === 1 ? 0 : rows.length - 1) : shown) - direction;
  }

  async #search(find: string, direction: 1 | -1, signal: AbortSignal): Promise<LineRow | undefined> {
    const view = this.#view;
    const at = this.#start(direction);
    const range =
      direction === 1
        ? { after: formatCursor(placeBehind(view.held, at)), order: 'asc' as const }
        : { before: formatCursor(placeBefore(view.held, at)), order: 'desc' as const };
    const query = both(view.filter.query, find);
    const asked = { ...view.range.query, ...range, query, groups: 'first' as const, limit: 1 };
    const page = await api.getLogs(view.selectors, asked, signal);
    return pageRows(page).find((row) => row.kind === 'line');
  }
}
