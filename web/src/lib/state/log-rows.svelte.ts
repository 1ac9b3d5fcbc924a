/** The rows that a view shows of what its window holds: long groups folded, with words at its ends. */
import { Folds } from '$lib/logs/folds';
import type { EdgeRow, LineRow, Row } from '$lib/logs/rows';
import type { LogWindow } from '$lib/logs/window';

export class LogRows {
  list = $state.raw<readonly Row[]>([]);
  /** Lines lost that the view has told of. */
  lost = $state(0);
  /** Which lines open the fold that they are in. */
  isMarked: (row: LineRow) => boolean = () => false;
  #window: LogWindow;
  #folds = new Folds();
  /** Long groups that are open, by their first line. */
  #unfolded = new Set<string>();
  #gaps = new Set<string>();

  constructor(window: LogWindow) {
    this.#window = window;
  }

  /** Makes them anew. The focused line is never folded away. */
  compose(focused: string | null, above: EdgeRow | null, below: EdgeRow | null): void {
    const rows = this.#folds.fold(
      this.#window.rows,
      (head) => this.#unfolded.has(head),
      (row) => row.key === focused || this.isMarked(row)
    );
    this.list = above || below ? [...(above ? [above] : []), ...rows, ...(below ? [below] : [])] : rows;
  }

  has(key: string | null): boolean {
    return this.list.some((row) => row.key === key);
  }

  /** How many of the lines that the window spans it holds. */
  get density(): number {
    let spanned = 0;
    for (const [log, low] of this.#window.low) spanned += (this.#window.high.get(log) ?? low) - low + 1;
    return Math.min(1, this.#window.rows.length / Math.max(1, spanned));
  }

  /** Opens a long group, or folds it. */
  toggleFold(head: string): void {
    if (!this.#unfolded.delete(head)) this.#unfolded.add(head);
  }

  /** Opens the fold that a row is in. False when it is in none that is closed. */
  unfold(key: string): boolean {
    const fold = this.#folds.foldOf(key);
    if (fold === null || this.#unfolded.has(fold)) return false;
    this.#unfolded.add(fold);
    return true;
  }

  /** The first line of a line's group; the line itself where that is not held. */
  headOf(row: LineRow): LineRow {
    const head = this.#folds.headOf(row.key);
    const found = this.#window.rows.find(({ key }) => key === head);
    return found?.kind === 'line' ? found : row;
  }

  /** The lines from one key to another, those behind a fold too. */
  between(from: string, to: string): LineRow[] {
    const rows = this.#window.rows;
    // A fold stands for the lines behind it.
    const is = (wanted: string) => (row: Row) => row.key === wanted || `fold ${this.#folds.foldOf(row.key)}` === wanted;
    const start = rows.findIndex(is(from));
    const end = rows.findLastIndex(is(to));
    return rows.slice(start, end + 1).filter((row) => row.kind === 'line');
  }

  /** Counts what gaps among these rows lost, each once. */
  countLost(rows: readonly Row[]): void {
    for (const row of rows) {
      if (row.kind !== 'gap' || this.#gaps.has(row.key)) continue;
      this.#gaps.add(row.key);
      this.lost += row.gap.missed ?? 0;
    }
  }
}
