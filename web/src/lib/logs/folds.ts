/**
 * Long groups fold behind their first lines. Which rows are left is told from the rows alone and from which groups are
 * open; a fold's own row keeps its place and height, whatever is behind it, so that nothing moves while a group grows.
 */
import { type Place, Grouper } from './groups';
import type { FoldRow, LineRow, Row } from './rows';

/** Lines of a group that are always shown. */
export const FOLD_OVER_LINES = 10;

export class Folds {
  #grouper = new Grouper();
  #seen: readonly Row[] = [];
  /** Of lines that continue another. */
  #places = new Map<string, Place>();
  /** How many lines each long group has, by its first line. */
  #long = new Map<string, number>();

  /** The first line of a line's group. */
  headOf(key: string): string {
    return this.#places.get(key)?.head ?? key;
  }

  /** The group that a line is hidden in when that is folded. */
  foldOf(key: string): string | null {
    const place = this.#places.get(key);
    return place && place.index >= FOLD_OVER_LINES ? place.head : null;
  }

  /** The rows without those that are folded away. `isOpen` is asked for each long group, `opens` for each line behind a fold. */
  fold(rows: readonly Row[], isOpen: (head: string) => boolean, opens: (row: LineRow) => boolean): readonly Row[] {
    this.#look(rows);
    if (this.#long.size === 0) return rows;
    const open = new Set([...this.#long.keys()].filter(isOpen));
    for (const row of rows) {
      const head = row.kind === 'line' ? this.foldOf(row.key) : null;
      if (head !== null && !open.has(head) && opens(row as LineRow)) open.add(head);
    }
    const out: Row[] = [];
    for (const row of rows) {
      const place = row.kind === 'line' ? this.#places.get(row.key) : undefined;
      if (place?.index === FOLD_OVER_LINES) out.push(this.#foldRow(row, place.head, open.has(place.head)));
      if (!place || place.index < FOLD_OVER_LINES || open.has(place.head)) out.push(row);
    }
    return out;
  }

  #foldRow({ log, seq, time }: Row, head: string, open: boolean): FoldRow {
    const lines = (this.#long.get(head) ?? 0) - FOLD_OVER_LINES;
    return { kind: 'fold', key: `fold ${head}`, log, seq, time, head, lines, open };
  }

  /** Groups what is new; all of it when not only the ends are others. */
  #look(rows: readonly Row[]): void {
    let from = this.#known(rows);
    if (from === 0) {
      this.#grouper = new Grouper();
      this.#places.clear();
      this.#long.clear();
    }
    for (; from < rows.length; from++) {
      const row = rows[from] as Row;
      if (row.kind === 'gap') this.#grouper.interrupt(row.log);
      if (row.kind === 'line') this.#place(row);
    }
    this.#seen = rows;
  }

  #place(row: LineRow): void {
    const place = this.#grouper.push(row);
    if (place.index === 0) return;
    this.#places.set(row.key, place);
    if (place.index >= FOLD_OVER_LINES) this.#long.set(place.head, place.index + 1);
  }

  /** How many of the rows were looked at before, in this order and from the same beginning of what is known. */
  #known(rows: readonly Row[]): number {
    const seen = this.#seen;
    const first = rows[0];
    const last = seen[seen.length - 1];
    // What went away at the start is forgotten once it is much.
    if (!first || !last || this.#places.size > 2 * rows.length + 1_000) return 0;
    const offset = seen.indexOf(first);
    const known = seen.length - offset;
    return offset >= 0 && rows[known - 1] === last ? known : 0;
  }
}
