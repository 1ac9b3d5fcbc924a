/** Heights of rows: what was measured, else what the text's length lets expect. */
import { FOLDED_CHARS, FOLD_OVER_CHARS } from './line';
import type { Row } from './rows';

/** `--row` of the tokens: one line of text. */
export const ROW_PX = 18;
/** Notes, marks and days stand a little apart. */
export const NOTE_PX = 24;

export class RowHeights {
  #measured = new Map<string, number>();
  #columns = 0;

  /** Sets how many characters a row of text holds; 0 when lines do not wrap. Forgets what was measured. */
  reset(columns: number): void {
    this.#columns = columns;
    this.#measured.clear();
  }

  /** Returns whether the height is news. */
  measure(key: string, px: number): boolean {
    if (this.#measured.get(key) === px) return false;
    this.#measured.set(key, px);
    return true;
  }

  has(key: string): boolean {
    return this.#measured.has(key);
  }

  forget(key: string): void {
    this.#measured.delete(key);
  }

  of(row: Row): number {
    return this.#measured.get(row.key) ?? this.#estimate(row);
  }

  /** Forgets rows that are no longer held, once they are many. */
  prune(rows: readonly Row[]): void {
    if (this.#measured.size <= rows.length * 2 + 256) return;
    const kept = new Map<string, number>();
    for (const row of rows) {
      const px = this.#measured.get(row.key);
      if (px !== undefined) kept.set(row.key, px);
    }
    this.#measured = kept;
  }

  #estimate(row: Row): number {
    if (row.kind === 'fold') return ROW_PX;
    if (row.kind !== 'line') return NOTE_PX;
    if (this.#columns === 0) return ROW_PX;
    const { length } = row.record.body;
    return Math.max(1, Math.ceil((length > FOLD_OVER_CHARS ? FOLDED_CHARS : length) / this.#columns)) * ROW_PX;
  }
}
