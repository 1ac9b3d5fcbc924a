/** Rows of the view's own making: words for what happened to the view. */
import { type Position } from '$lib/logs/cursor';
import { type EdgeRow, type NoteRow, type Row, isNumbered } from '$lib/logs/rows';
import { moment } from '$lib/logs/time';
import { bytes, counted } from '$lib/logs/words';
import type { Container } from '$lib/protocol/api';
import { preferences } from './preferences.svelte';

/** Where a view that followed stopped being seen; it went on at the end. */
export function passedNote(at: Position, rows: number): NoteRow[] {
  const [first] = at;
  if (!first) return [];
  const [log, seq] = first;
  const text = `${counted(rows, 'line')} went by from here on while this page was not looked at`;
  return [{ kind: 'note', key: `passed ${log}:${seq}`, log, seq, time: 0, tone: 'warn', text, aside: '' }];
}

const edge = (edge: EdgeRow['edge'], text: string): EdgeRow => {
  return { kind: 'edge', key: `edge ${edge}`, log: -1, seq: 0, time: 0, edge, text };
};

/** What stands below the last line of a range that has an end. */
export const rangeEnd = edge('until', 'Range ends here');

/** What stands above the first line. */
export function edgeRow(
  clearedAt: number | null,
  atStart: boolean,
  first: Row | undefined,
  containers: readonly Container[],
  filtered: boolean,
  bounded: boolean
): EdgeRow | null {
  if (clearedAt !== null) return edge('cleared', `Cleared ${moment(clearedAt, preferences.zone).slice(-5)}`);
  if (!atStart || first === undefined || !isNumbered(first)) return null;
  if (bounded) return edge('since', 'Range starts here');
  const reading = containers.map(({ log }) => log.backfill).filter((backfill) => backfill && !backfill.done);
  if (reading.length > 0) {
    const read = reading.reduce((sum, backfill) => sum + (backfill?.bytes_read ?? 0), 0);
    const total = reading.reduce((sum, backfill) => sum + (backfill?.bytes_total ?? 0), 0);
    return edge('backfill', `Older lines are still being read: ${bytes(read)} of ${bytes(total)}`);
  }
  if (filtered) {
    const [begins] = containers.flatMap(({ log }) => log.first_timestamp ?? []).sort();
    const since = begins === undefined ? '' : ` · the log begins ${moment(Date.parse(begins), preferences.zone)}`;
    return edge('start', `No older line matches${since}`);
  }
  return edge('start', `The log begins here · ${moment(first.time, preferences.zone)}`);
}
