/** A rule that hides lines like one: its fixed words, without what is another each time. */
import type { LogRecord } from '$lib/protocol/api';
import { stripControls } from './ansi';
import { quoted } from './field-query';
import { leadingTime, structureOf } from './fields';

/** As the server has it: bytes of a rule. Letters outside of ASCII take up to three. */
const RULE_CHARS_MAX = 340;
const PHRASES_MAX = 4;
/** Words with a digit in them: numbers, ids, addresses, times, and what hangs on them. */
const VARIABLE = /[\p{L}\p{N}_-]*\p{N}[\p{L}\p{N}_-]*/u;
/** A phrase says something with this many letters. */
const LETTERS_MIN = 2;

/** The query that finds lines like this one; the reader may change it before it becomes a rule. */
export function proposedRule(record: LogRecord, time: number, messageField: string | null): string {
  const body = stripControls(record.body);
  const structure = structureOf(body, messageField);
  const isJson = structure !== null && !structure.trailing && body.trimStart().startsWith('{');
  const text = structure?.message ?? body.slice(leadingTime(body, time));
  // In JSON quotes, backslashes and foreign letters may be written in other ways.
  const pieces = text.split(isJson ? /["\\]|[^\x20-\x7e]+/ : /[\n\r]+/);
  const phrases = pieces
    .flatMap((piece) => piece.split(new RegExp(VARIABLE, 'gu')))
    .map(trimmed)
    .filter((phrase) => (phrase.match(/\p{L}/gu)?.length ?? 0) >= LETTERS_MIN);
  const kept: string[] = [];
  let left = RULE_CHARS_MAX;
  for (const phrase of [...new Set(phrases)].slice(0, PHRASES_MAX)) {
    const cut = phrase.slice(0, left);
    left -= cut.length;
    if (cut !== '') kept.push(quoted(cut));
  }
  return kept.length > 0 ? kept.join(' ') : quoted(text.trim().slice(0, RULE_CHARS_MAX));
}

/** Punctuation that only led to what was left out says nothing. */
const trimmed = (phrase: string) => phrase.replace(/^[\s,;:.'"()[\]{}=+\-–]+|[\s,;.'"()[\]{}+\-–]+$/g, '');
