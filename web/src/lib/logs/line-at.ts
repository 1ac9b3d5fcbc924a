/** Which line of those that are held stands for a time. */
import type { Row } from './rows';

/**
 * The key of the line that was the newest at a time, where rows need not be in its order; the first line for a time before the
 * log. Null when that line may be one that is not held.
 */
export function lineAt(rows: readonly Row[], time: number, { atStart, atEnd }: Held): string | null {
  const at = rows.findLastIndex((row) => row.kind === 'line' && row.time <= time);
  if (at === -1) return (atStart && rows.find(({ kind }) => kind === 'line')?.key) || null;
  const last = rows.findLastIndex(({ kind }) => kind === 'line');
  return at < last || atEnd ? (rows[at]?.key ?? null) : null;
}

/** Whether the rows are from the log's first line on, and up to its last one. */
interface Held {
  atStart: boolean;
  atEnd: boolean;
}
