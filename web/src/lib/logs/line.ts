/** A record as pieces to write into a row: text and what kind of text it is. The body itself is never changed. */
import type { LogRecord } from '$lib/protocol/api';
import { type Span, type Style, isPlain, spansOf, visibleText } from './ansi';
import { leadingTime, structureOf } from './fields';
import { count } from './words';

export type PieceKind = 'text' | 'level' | 'key' | 'value' | 'cut' | 'fold';

export interface Piece {
  kind: PieceKind;
  text: string;
  style: Style | null;
}

export type Level = '' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const LEVELS: readonly Level[] = ['', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** OpenTelemetry's number as a word; '' when the line names none. */
export function levelOf(severity: number): Level {
  return LEVELS[Math.ceil(severity / 4)] ?? '';
}

/** A longer line folds: 4 KiB is about 30 rows of a wide screen. */
export const FOLD_OVER_CHARS = 4_096;
/** What a folded line shows. */
export const FOLDED_CHARS = 1_024;

/** Where a plain line names its level: early, as a word of its own. */
const LEVEL_WORD =
  /\b(?:WARN(?:ING)?|ERROR|ERR|FATAL|CRIT(?:ICAL)?|PANIC|ALERT|EMERG|Warning|Error|warning|error|warn|fatal|panic)\b/;
const LEVEL_WORD_WITHIN = 96;

export interface Shown {
  /** The time column stands before the line, so a time that says the same is left out. */
  hideTime: boolean;
  unfolded: boolean;
  /** Where the service's lines have their message, if that was said. */
  messageField: string | null;
}

const text = (value: string): Piece => ({ kind: 'text', text: value, style: null });

export function piecesOf(record: LogRecord, time: number, { hideTime, unfolded, messageField }: Shown): Piece[] {
  let body = record.body;
  const folded = !unfolded && body.length > FOLD_OVER_CHARS;
  if (folded) body = headOf(body);
  const shown = body.length;
  if (hideTime) body = body.slice(leadingTime(body, time));
  const pieces = isPlain(body) ? plainPieces(body, record.severity, messageField) : ansiPieces(body);
  if (folded)
    pieces.push({
      kind: 'fold',
      text: `… ${count(record.body.length - shown)} more characters`,
      style: null
    });
  if (record.cut) {
    pieces.push({ kind: 'cut', text: `… ${count(record.cut)} bytes cut`, style: null });
  }
  return pieces;
}

/** The first part of a long body, without half a surrogate pair; a rewritten line shows its last state. */
function headOf(body: string): string {
  const rewritten = body.lastIndexOf('\r', body.length - 2);
  const from = rewritten > 0 ? rewritten + 1 : 0;
  const end = from + FOLDED_CHARS;
  const splits = /[\ud800-\udbff]/.test(body[end - 1] ?? '');
  return body.slice(from, splits ? end - 1 : end);
}

function ansiPieces(body: string): Piece[] {
  return spansOf(body).map(({ text, style }: Span) => ({ kind: 'text', text, style }));
}

function plainPieces(body: string, severity: number, messageField: string | null): Piece[] {
  const structure = structureOf(body, messageField);
  if (!structure) return withLevelWord(body, severity);
  const pieces: Piece[] = [];
  if (structure.level !== null) pieces.push({ kind: 'level', text: visibleText(structure.level), style: null });
  if (structure.message !== null) {
    if (structure.trailing) pieces.push(...withLevelWord(structure.message, severity));
    else pieces.push(...messagePieces(structure.message, pieces.length > 0 ? ' ' : ''));
  } else if (pieces.length > 0) pieces.push(text(' '));
  for (const [index, { key, value }] of structure.fields.entries()) {
    pieces.push({ kind: 'key', text: `${index > 0 ? ' ' : ''}${visibleText(key)}=`, style: null });
    pieces.push({ kind: 'value', text: visibleText(value), style: null });
  }
  return pieces.length > 0 ? pieces : [text(body)];
}

/** A message out of JSON may hold what a line can't: escape sequences that JSON had escaped, and line ends. */
function messagePieces(message: string, before: string): Piece[] {
  if (isPlain(message)) return [text(`${before}${message} `)];
  const lines = message.split('\n').map(ansiPieces);
  return [text(before), ...lines.flatMap((line, index) => (index > 0 ? [text('\n'), ...line] : line)), text(' ')];
}

function withLevelWord(body: string, severity: number): Piece[] {
  // Only a line that has a level by the server's reading gets a word marked: "error" in a sentence is a word.
  const match = severity >= 13 ? LEVEL_WORD.exec(body.slice(0, LEVEL_WORD_WITHIN)) : null;
  if (!match) return [text(body)];
  const end = match.index + match[0].length;
  const pieces: Piece[] = [{ kind: 'level', text: match[0], style: null }, text(body.slice(end))];
  if (match.index > 0) pieces.unshift(text(body.slice(0, match.index)));
  return pieces;
}
