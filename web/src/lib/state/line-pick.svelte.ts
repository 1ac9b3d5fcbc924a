/**
 * Lines that the reader picked from one to another, however far apart: copied from the store, not from the document.
 *
 * What is picked is a part of each log between two positions, so it stays what it is while rows come and go.
 */
import { type Position, behind, formatCursor } from '$lib/logs/cursor';
import { stripControls } from '$lib/logs/ansi';
import type { LineRow, Row } from '$lib/logs/rows';
import { bytes, counted } from '$lib/logs/words';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { copyText } from './clipboard';
import type { LogView } from './log-view.svelte';
import { notices } from './notices.svelte';

/** What is copied at most: clipboards and what it is pasted into hold no more gladly. */
export const COPY_BYTES_MAX = 10_000_000;

interface End {
  /** The last numbers before the line, and with it. */
  before: Position;
  through: Position;
}

export class LinePick {
  /** The line that picking would begin with. */
  #start: End | null = null;
  #anchor = $state.raw<End | null>(null);
  #head = $state.raw<End | null>(null);
  #view: LogView;
  #open = $state(false);
  #busy = $state(false);
  /** Text that waits for a press: a browser lets a page copy only shortly after one. */
  #ready = $state.raw<{ text: string; words: string } | null>(null);

  constructor(view: LogView) {
    this.#view = view;
  }

  get some(): boolean {
    return this.#anchor !== null && this.#head !== null;
  }

  /** The next line that is pressed is picked up to, without Shift: a finger has none. */
  get open(): boolean {
    return this.#open;
  }

  get state(): 'picked' | 'reading' | 'ready' {
    if (this.#ready) return 'ready';
    return this.#busy ? 'reading' : 'picked';
  }

  /** How many lines; null where only the store knows. */
  get count(): number | null {
    const ends = this.#ends;
    if (!ends || this.#view.merged || this.#view.filter.query !== '') return null;
    return total(ends.to.through) - total(ends.from.before);
  }

  /** Picking would begin with this row from now on; what was picked is not any more. */
  start(key: string | null): void {
    this.clear();
    this.#start = key === null ? null : this.#view.positionsAt(key);
  }

  /** Picks a row, and from there up to the one that is pressed next. */
  begin(key: string): void {
    this.start(key);
    this.to(key);
    this.#open = true;
  }

  /** Picks up to a row. */
  to(key: string): void {
    const end = this.#view.positionsAt(key);
    this.#anchor ??= this.#start ?? end;
    this.#head = end;
    this.#ready = null;
  }

  clear(): boolean {
    const some = this.some;
    this.#anchor = this.#head = this.#ready = null;
    this.#open = false;
    return some;
  }

  holds(row: Row): row is LineRow {
    const ends = this.#ends;
    if (!ends || row.kind !== 'line') return false;
    return (
      row.seq > (ends.from.before.get(row.log) ?? -Infinity) && row.seq <= (ends.to.through.get(row.log) ?? -Infinity)
    );
  }

  /** Copies what is picked. Reading it may take longer than a press counts for; then the next press copies. */
  async copy(): Promise<void> {
    if (this.#busy) return;
    const ready = this.#ready ?? (await this.#read());
    if (!ready) return;
    this.#ready = ready;
    if (!(await copyText(ready.text))) return;
    notices.say('good', ready.words);
    this.clear();
  }

  get #ends(): { from: End; to: End } | null {
    if (!this.#anchor || !this.#head) return null;
    const forwards = total(this.#head.through) >= total(this.#anchor.through);
    return forwards ? { from: this.#anchor, to: this.#head } : { from: this.#head, to: this.#anchor };
  }

  async #read(): Promise<{ text: string; words: string } | null> {
    const ends = this.#ends;
    if (!ends) return null;
    this.#busy = true;
    try {
      const next = behind(ends.to.through);
      const query = { ...this.#view.query, after: formatCursor(ends.from.before), before: formatCursor(next) };
      const { text, cut } = await api.readText(this.#view.selectors, query, COPY_BYTES_MAX);
      const lines = text.split('\n');
      const copied = `${counted(lines.length, 'line')} copied`;
      return {
        text: lines.map(stripControls).join('\n'),
        words: cut ? `Cut at ${bytes(COPY_BYTES_MAX)}: the first ${copied}` : copied
      };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notices.say('bad', `Nothing was copied: ${error.message}`);
      return null;
    } finally {
      this.#busy = false;
    }
  }
}

function total(position: Position): number {
  let sum = 0;
  for (const seq of position.values()) sum += seq;
  return sum;
}
