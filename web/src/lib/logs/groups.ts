/**
 * Lines that belong together: stack traces and indented continuations, by the rules of `miniman-log/src/group.rs`. The
 * server finds and hides whole groups; the page folds long ones. Begun in the middle of a log, the first answers can differ.
 */
import { stripControls } from './ansi';
import * as shape from './group-shape';
import type { LineRow } from './rows';

const LINES_MAX = 1_000;
const CHARS_MAX = 256 * 1_024;
const NUMBERS_MAX = 2_000;
const PAUSE_MS_MAX = 1_000;
/** Characters of a line that are looked at. */
const LOOK_CHARS = 512;
/** Between Node's caret and the first frame: the error's message. */
const CARET_LINES_MAX = 8;

const WARN = 13;
const ERROR = 17;

/** How a group goes on. */
type Kind = 'plain' | 'python' | 'pythonEnd' | 'go' | 'rustMessage' | 'rust' | 'nodePlace' | 'nodeSource' | 'nodeCaret';

interface Trace {
  kind: Kind;
  /** Frames, or words that only a crash has, were seen. */
  certain: boolean;
  /** The last line was blank. */
  blank: boolean;
  /** A line of it was indented. */
  indented: boolean;
  left: number;
}

interface Open {
  head: string;
  first: number;
  lines: number;
  chars: number;
  last: number;
  severity: number;
  trace: Trace;
}

const CHAINS = [
  'During handling of the above exception, another exception occurred:',
  'The above exception was the direct cause of the following exception:'
];

/** A line's place: its group's first line, and how many lines of the group stand before it. */
export interface Place {
  head: string;
  index: number;
}

export class Grouper {
  /** A log's last group on each stream. */
  #open = new Map<string, Open>();

  /** The next line of its log. */
  push(row: LineRow): Place {
    const { record } = row;
    const stream = `${row.log} ${record.iostream}`;
    const start = record.body.slice(0, LOOK_CHARS);
    const text = start.includes('\x1b') ? stripControls(start) : start;
    const open = this.#open.get(stream);
    const near = open !== undefined && Math.abs(row.time - open.last) <= PAUSE_MS_MAX;
    const goes = near && follow(open.trace, text, record.severity, open.severity);
    if (open && goes && hasRoom(open, row)) {
      const index = open.lines++;
      open.chars += record.body.length;
      open.last = row.time;
      open.severity = effective(open.severity, open.trace);
      return { head: open.head, index };
    }
    // Cut at a bound: what comes belongs to the same trace still.
    const trace = open && goes ? open.trace : traceOf(text);
    const named = record.severity === 0 && open && goes ? open.severity : record.severity;
    this.#open.set(stream, {
      head: row.key,
      first: row.seq,
      lines: 1,
      chars: record.body.length,
      last: row.time,
      severity: effective(named, trace),
      trace
    });
    return { head: row.key, index: 0 };
  }

  /** Lines are missing here: nothing continues what came before. */
  interrupt(log: number): void {
    for (const stream of ['stdout', 'stderr']) this.#open.delete(`${log} ${stream}`);
  }
}

function hasRoom({ lines, first, chars }: Open, { seq, record }: LineRow): boolean {
  return lines < LINES_MAX && seq - first <= NUMBERS_MAX && chars + record.body.length <= CHARS_MAX;
}

const effective = (named: number, { certain }: Trace) => (certain && named === 0 ? ERROR : named);

function traceOf(text: string): Trace {
  const trace = (kind: Kind, certain: boolean): Trace => {
    return { kind, certain, blank: shape.isBlank(text), indented: false, left: 0 };
  };
  if (shape.isTraceback(text)) return trace('python', true);
  if (text.startsWith('panic: ') || text.startsWith('fatal error: ') || shape.isGoroutine(text))
    return trace('go', true);
  if (shape.isRustPanic(text)) return trace(text.endsWith(':') ? 'rustMessage' : 'rust', true);
  if (shape.isNodePlace(text)) return trace('nodePlace', false);
  const crash = text.startsWith('Exception in thread ') || text.startsWith('Unhandled exception. ');
  return trace('plain', crash || shape.isExceptionGroup(text));
}

/** Whether `text`, which itself names `own`, continues the group of level `group`; if so, goes on to the next line. */
function follow(trace: Trace, text: string, own: number, group: number): boolean {
  const blank = shape.isBlank(text);
  const kind = blank ? afterBlank(trace, group) : after(trace, text, own, group);
  if (kind === null) return false;
  trace.left = kind === trace.kind ? Math.max(0, trace.left - 1) : CARET_LINES_MAX;
  trace.kind = kind;
  trace.certain ||= shape.isFrame(text) || kind === 'python' || kind === 'rust' || shape.isExceptionGroup(text);
  trace.blank = blank;
  trace.indented ||= shape.isIndented(text);
  return true;
}

/** Traces have blank lines, and errors that list their causes; between other lines they separate. */
function afterBlank({ kind, certain, blank }: Trace, group: number): Kind | null {
  return (kind !== 'plain' || certain || group >= ERROR) && !blank ? kind : null;
}

/** The kind that the group is with this line; null when it is not the group's. */
function after(trace: Trace, text: string, own: number, group: number): Kind | null {
  const { kind } = trace;
  if (kind === 'python' && !shape.isIndented(text)) return trace.blank ? null : 'pythonEnd';
  if (kind === 'pythonEnd' && shape.isTraceback(text)) return 'python';
  if (kind === 'pythonEnd' && CHAINS.includes(text)) return 'pythonEnd';
  if (kind === 'go' && shape.isOfGo(text)) return 'go';
  if (kind === 'rustMessage') return 'rust';
  if (kind === 'rust' && (text === 'stack backtrace:' || text.startsWith('note: '))) return 'rust';
  // One line of source, which may be anything, and the caret below it; else it was no crash.
  if (kind === 'nodePlace') return 'nodeSource';
  if (kind === 'nodeSource') return shape.isCaret(text) ? 'nodeCaret' : null;
  if (kind === 'nodeCaret' && ((!trace.certain && trace.left > 0) || text.startsWith('Node.js v'))) return 'nodeCaret';
  return plainAfter(trace, text, own, group);
}

/** What continues a group of any kind. */
function plainAfter(trace: Trace, text: string, own: number, group: number): Kind | null {
  const { kind, certain, blank } = trace;
  // In a trace a level may stand anywhere: Go indents the panics that were recovered.
  const levelled = own !== 0 && !certain;
  const followsError = certain || group >= WARN;
  // Python indents it also where it continues nothing.
  const begins = shape.isExceptionGroup(text) && !followsError;
  const indented = shape.isIndented(text) && !levelled && !begins;
  const fits =
    (indented && (!blank || followsError)) ||
    (text.startsWith('Caused by: ') && (certain || trace.indented || followsError)) ||
    (text === 'Caused by:' && followsError) ||
    (trace.indented && !blank && !levelled && shape.isClosing(text)) ||
    (followsError && (text === 'Stack trace:' || shape.isPhpFrame(text))) ||
    (certain && text.startsWith('--- End of '));
  if (fits) return kind;
  // What a logger was given beside its message: the exception stands below it.
  const isBelow = kind === 'plain' && !certain && !blank && group >= WARN;
  if (isBelow && own === 0 && shape.isException(text)) return kind;
  return isBelow && shape.isTraceback(text) ? 'python' : null;
}
