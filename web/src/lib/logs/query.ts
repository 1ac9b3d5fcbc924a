/**
 * The query language, as far as the page needs it: what the server said against a query, and which words to mark.
 *
 * The server alone decides what a query finds. Marking errs on one side: what is not plainly a word or a phrase is not
 * marked.
 */

/** What is wrong with a query, told by the server. */
export interface QueryFault {
  /** The query that was refused. */
  query: string;
  /** A clause for people, lower case, and what to do about it. */
  message: string;
  hint: string;
  /** Where the fault starts, as an index into `query`; its length when something is missing at the end. */
  at: number;
}

const FAULT = /^query: ([\s\S]*?)(?: \(at character (\d+)\); ([\s\S]*))?$/;

/** Reads a refusal's `detail`; null when it is not about the query. */
export function faultOf(detail: string, query: string): QueryFault | null {
  const match = FAULT.exec(detail);
  if (!match) return null;
  const [, message = '', character = '1', hint = ''] = match;
  // The server counts characters, a string counts UTF-16 units.
  const at = [...query].slice(0, Number(character) - 1).join('').length;
  return { query, message, hint, at: Math.min(at, query.length) };
}

/** A text to mark; `folded` finds the other case of A to Z too. */
export interface Needle {
  text: string;
  folded: boolean;
}

const RESERVED = /^(?:level|stream|container|stack|service):/;
const NAME = /^\.?[\p{L}_@$][\p{L}\p{N}_@$./-]*:/u;
const REGEX = /^\/(?:[^/\\]|\\[\s\S])+\/i?(?=[\s)]|$)/;

/** The words and phrases that a matching line holds as they stand; none of those that are negated. */
export function needlesOf(query: string): Needle[] {
  const needles: Needle[] = [];
  /** Whether each open group is under a negation. */
  const groups = [false];
  let negated = false;
  let at = 0;
  while (at < query.length) {
    const rest = query.slice(at);
    const outer = groups[groups.length - 1] ?? false;
    const term = termAt(rest);
    at += term.length;
    if (term.kind === 'space') continue;
    if (term.kind === 'not') {
      negated = !negated;
      continue;
    }
    if (term.kind === 'open') groups.push(outer !== negated);
    if (term.kind === 'close' && groups.length > 1) groups.pop();
    const words = term.kind === 'text' || term.kind === 'field';
    if (words && outer === negated && term.text !== '') needles.push(needle(term.text));
    negated = false;
  }
  return needles;
}

/** The words and phrases that a query is all of, or null when it asks for anything else: then only the server knows. */
export function plainWords(query: string): Needle[] | null {
  const needles: Needle[] = [];
  for (let at = 0; at < query.length;) {
    const term = termAt(query.slice(at));
    at += term.length;
    if (term.kind === 'text') needles.push(needle(term.text));
    else if (term.kind !== 'space') return null;
  }
  return needles.length > 0 ? needles : null;
}

/** Whether a text, without terminal sequences, holds all of them. */
export function holdsAll(text: string, needles: readonly Needle[]): boolean {
  const folded = needles.some((needle) => needle.folded) ? lower(text) : text;
  return needles.every((needle) => (needle.folded ? folded : text).includes(needle.text));
}

const LEVEL_VALUE = /^(?:>=|<=|>|<)?(?:trace|debug|info|warn|error|fatal|none)$/i;
const STREAM_VALUE = /^(?:stdout|stderr)$/i;

/** Whether a query may be all that is being typed, so that it is worth asking; a refusal is not yet worth telling. */
export function seemsWhole(query: string): boolean {
  let open = 0;
  let last: Term['kind'] = 'space';
  for (let at = 0; at < query.length;) {
    const rest = query.slice(at);
    const term = termAt(rest);
    const word = rest.slice(0, term.length);
    at += term.length;
    if (term.kind === 'space') continue;
    if (term.kind === 'open') open++;
    if (term.kind === 'close' && --open < 0) return false;
    const [, name, value = ''] = /^(level|stream):(.*)$/.exec(word) ?? [];
    if (name === 'level' && !LEVEL_VALUE.test(value)) return false;
    if (name === 'stream' && !STREAM_VALUE.test(value)) return false;
    if (/^[a-z]*:?"/i.test(word) && !/"$/.test(word.slice(word.indexOf('"') + 1))) return false;
    if (term.kind === 'other' && /:(?:[<>]=?)?$/.test(word)) return false;
    last = word === 'OR' || word === 'AND' ? 'not' : term.kind;
  }
  return open === 0 && last !== 'not' && last !== 'open';
}

interface Term {
  kind: 'space' | 'not' | 'open' | 'close' | 'text' | 'field' | 'other';
  length: number;
  text: string;
}

function termAt(rest: string): Term {
  const term = (kind: Term['kind'], length: number, text = ''): Term => ({ kind, length, text });
  const space = /^\s+/.exec(rest);
  if (space) return term('space', space[0].length);
  if (rest.startsWith('(')) return term('open', 1);
  if (rest.startsWith(')')) return term('close', 1);
  if (/^-(?![\s)-]|$)/.test(rest)) return term('not', 1);
  const operator = /^(?:OR|AND|NOT)(?=[\s()]|$)/.exec(rest);
  if (operator) return term(operator[0] === 'NOT' ? 'not' : 'other', operator[0].length);
  const phrase = phraseAt(rest);
  if (phrase) return term('text', phrase.length, phrase.text);
  const regex = REGEX.exec(rest);
  if (regex) return term('other', regex[0].length);
  const word = rest.slice(0, wordLength(rest));
  const name = NAME.exec(word)?.[0];
  if (name === undefined) return term('text', word.length, word);
  const value = rest.slice(name.length);
  const quoted = phraseAt(value) ?? REGEX.exec(value)?.[0];
  if (quoted !== undefined) return term('other', name.length + quoted.length);
  if (RESERVED.test(name) || /^[<>]|\*/.test(word.slice(name.length))) return term('other', word.length);
  // Also of a line that says just that, and of what only looks like a field: `error:`, `std::vec`.
  return term('field', word.length, word.replace(/^\./, ''));
}

function phraseAt(rest: string): { length: number; text: string } | undefined {
  const match = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
  return match ? { length: match[0].length, text: (match[1] ?? '').replace(/\\(["\\])/g, '$1') } : undefined;
}

function wordLength(rest: string): number {
  let open = 0;
  for (let at = 0; at < rest.length; at++) {
    const char = rest[at] ?? '';
    if (char === '(') open++;
    if (/\s/.test(char) || (char === ')' && --open < 0)) return at;
  }
  return rest.length;
}

const needle = (text: string): Needle => ({ text, folded: !/\p{Uppercase}/u.test(text) });

const lower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** More marks in one line than these help nobody. */
const MARKS_MAX = 200;

/** Where the needles stand in a text, by rising start, overlaps joined. */
export function marksIn(text: string, needles: readonly Needle[]): [start: number, end: number][] {
  const found: [number, number][] = [];
  let folded: string | null = null;
  for (const needle of needles) {
    const subject = needle.folded ? (folded ??= lower(text)) : text;
    let at = subject.indexOf(needle.text);
    for (let count = 0; at !== -1 && count < MARKS_MAX; count++) {
      found.push([at, at + needle.text.length]);
      at = subject.indexOf(needle.text, at + needle.text.length);
    }
  }
  found.sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [start, end] of found) {
    const last = joined[joined.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}
