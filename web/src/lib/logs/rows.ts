/**
 * What stands in a log view: lines, and the words for everything else that happened.
 *
 * A row's key is its identity: it never changes and never returns for another row, so DOM nodes and measured heights
 * can be kept by it. `log` and `seq` say where a row belongs in its log, `time` places it among other logs.
 */
import type { Gap, LogPage, LogRecord, Mark } from '$lib/protocol/api';
import { logOf, seqOf } from './cursor';

interface Placed {
  key: string;
  log: number;
  /** A line's own number, a gap's first one; for marks and notes the number of the line that they follow. */
  seq: number;
  /** Milliseconds since the epoch. */
  time: number;
}

export interface LineRow extends Placed {
  kind: 'line';
  record: LogRecord;
}

export interface GapRow extends Placed {
  kind: 'gap';
  /** The gap's last number. */
  last: number;
  gap: Gap;
}

/** What happened to a container, besides its lines; several marks in a row with nothing between them. */
export interface MarkRow extends Placed {
  kind: 'mark';
  marks: readonly Mark[];
}

export type NoteTone = 'plain' | 'good' | 'bad' | 'warn';

/** One sentence: how an action ended, what a hidden tab passed. */
export interface NoteRow extends Placed {
  kind: 'note';
  tone: NoteTone;
  text: string;
  /** What else belongs to it: whose container, who did it. */
  aside: string;
}

export interface DayRow extends Placed {
  kind: 'day';
}

/** What stands for the lines of a long group that are folded away, or where they begin when they are not. */
export interface FoldRow extends Placed {
  kind: 'fold';
  /** The key of the group's first line. */
  head: string;
  lines: number;
  open: boolean;
}

/** Where the view begins or ends: the log's first line, a line that Clear drew, history still being read, its range. */
export interface EdgeRow extends Placed {
  kind: 'edge';
  edge: 'start' | 'cleared' | 'backfill' | 'since' | 'until';
  text: string;
}

export type Row = LineRow | GapRow | MarkRow | NoteRow | DayRow | FoldRow | EdgeRow;

/** Rows that take numbers of their log: what paging counts and cursors are made of. */
export type Numbered = LineRow | GapRow;

/** Rows that stand behind a number and take none. */
export type Annotation = MarkRow | NoteRow;

/** Bytes that a row is taken to hold beside its text, against the window's bound. */
export const ROW_BYTES = 240;

export function rowBytes(row: Row): number {
  return row.kind === 'line' ? ROW_BYTES + row.record.body.length : ROW_BYTES;
}

/** The last number that a row takes. */
export function lastSeq(row: Numbered): number {
  return row.kind === 'gap' ? row.last : row.seq;
}

export function isNumbered(row: Row): row is Numbered {
  return row.kind === 'line' || row.kind === 'gap';
}

export function lineRow(record: LogRecord): LineRow {
  return {
    kind: 'line',
    key: record.cursor,
    log: logOf(record.cursor),
    seq: record.seq,
    time: Date.parse(record.timestamp),
    record
  };
}

export function gapRow(gap: Gap): GapRow {
  return {
    kind: 'gap',
    key: `gap ${gap.from}`,
    log: logOf(gap.from),
    seq: seqOf(gap.from),
    last: seqOf(gap.to),
    time: Date.parse(gap.until ?? gap.since ?? '') || 0,
    gap
  };
}

function markKey(mark: Mark): string {
  return `mark ${mark.container_id.slice(0, 12)} ${mark.timestamp} ${mark.kind}`;
}

export function markRow(mark: Mark): Annotation {
  const at = { key: markKey(mark), log: logOf(mark.after), seq: seqOf(mark.after), time: Date.parse(mark.timestamp) };
  if (mark.kind !== 'action') return { ...at, kind: 'mark', marks: [mark] };
  const { success, who } = mark.detail as { success?: boolean; who?: string };
  return {
    ...at,
    kind: 'note',
    tone: success ? 'good' : 'bad',
    text: mark.text,
    aside: `${mark.name} · ${who ?? '?'}`
  };
}

/** The keys of the annotations that a row shows. */
export function annotationKeys(row: Row): string[] {
  if (row.kind === 'mark') return row.marks.map(markKey);
  return row.kind === 'note' ? [row.key] : [];
}

/** A page's rows as they came. */
export function pageRows(page: LogPage): Numbered[] {
  return page.records.flatMap((entry) => {
    if ('gap' in entry) return gapRow(entry.gap);
    return 'summary' in entry ? [] : lineRow(entry);
  });
}
