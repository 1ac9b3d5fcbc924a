/**
 * Completing a query: what may stand where the caret is, and what the text becomes.
 *
 * It knows no page: what is seen, what was asked before and what is saved is given to it.
 */
import { structureOf } from './fields';

export type SuggestionKind = 'field' | 'value' | 'level' | 'history' | 'saved';

export interface Suggestion {
  kind: SuggestionKind;
  /** What is read in the list. */
  label: string;
  /** What else is known of it. */
  detail: string;
  /** What stands in place of the completed part. */
  insert: string;
}

export interface Completion {
  /** The part of the text that a suggestion takes the place of. */
  from: number;
  to: number;
  suggestions: Suggestion[];
}

export interface Known {
  /** Fields of the lines in the window with their values, most often first. */
  fields: ReadonlyMap<string, readonly string[]>;
  containers: readonly string[];
  services: readonly string[];
  stacks: readonly string[];
  /** Queries that were asked before, the last one first. */
  history: readonly string[];
  saved: readonly { name: string; query: string }[];
}

/** More than these nobody reads; typing on leaves fewer. */
export const SUGGESTIONS_MAX = 8;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'none'];
const OPERATORS = ['>=', '>', '<=', '<'];
const OWN: readonly [name: string, detail: string][] = [
  ['level', 'how bad it is'],
  ['stream', 'stdout or stderr'],
  ['container', 'who said it'],
  ['service', 'of which service'],
  ['stack', 'of which stack']
];

/** What may stand at the caret; null when nothing is known. */
export function completionAt(text: string, caret: number, known: Known): Completion | null {
  const typed = text.slice(0, caret);
  if (text.trim() === '') return asked(text, known, '');
  if (insideQuote(typed)) return null;
  const from = typed.length - (/[^\s()]*$/.exec(typed)?.[0].length ?? 0);
  const to = caret + (/^[^\s()]*/.exec(text.slice(caret))?.[0].length ?? 0);
  const word = typed.slice(from);
  const negated = /^-*/.exec(word)?.[0] ?? '';
  const term = word.slice(negated.length);
  const colon = term.indexOf(':');
  const suggestions =
    colon === -1
      ? [...names(term, negated, known)]
      : values(term.slice(0, colon), term.slice(colon + 1), negated, known);
  const bounded = suggestions.filter(({ insert }) => insert !== text.slice(from, to)).slice(0, SUGGESTIONS_MAX);
  if (bounded.length > 0) return { from, to, suggestions: bounded };
  return asked(text, known, typed);
}

/** Whole queries that begin with the text or hold it. */
function asked(text: string, { saved, history }: Known, typed: string): Completion | null {
  const wanted = typed.trim().toLowerCase();
  const fits = (...texts: string[]) => texts.some((candidate) => candidate.toLowerCase().includes(wanted));
  const suggestions: Suggestion[] = [];
  for (const { name, query } of saved) {
    if (fits(name, query)) suggestions.push({ kind: 'saved', label: name, detail: query, insert: query });
  }
  for (const query of history) {
    const is = suggestions.some(({ insert }) => insert === query);
    if (!is && query !== text.trim() && fits(query)) {
      suggestions.push({ kind: 'history', label: query, detail: 'asked before', insert: query });
    }
  }
  return suggestions.length === 0
    ? null
    : { from: 0, to: text.length, suggestions: suggestions.slice(0, SUGGESTIONS_MAX) };
}

function names(term: string, negated: string, known: Known): Suggestion[] {
  if (term === '') return [];
  const begins = (name: string) => name.toLowerCase().startsWith(term.toLowerCase()) && name !== term;
  const own = OWN.filter(([name]) => begins(name)).map(([name, detail]): Suggestion => {
    return { kind: 'field', label: `${name}:`, detail, insert: `${negated}${name}:` };
  });
  const seen = [...known.fields.keys()].filter(begins).map((name): Suggestion => {
    const insert = `${negated}${isOwn(name) ? '.' : ''}${name}:`;
    return { kind: 'field', label: `${name}:`, detail: known.fields.get(name)?.slice(0, 2).join(', ') ?? '', insert };
  });
  return [...own, ...seen];
}

const isOwn = (name: string) => OWN.some(([own]) => own === name);

function values(name: string, value: string, negated: string, known: Known): Suggestion[] {
  const operator = OPERATORS.find((operator) => value.startsWith(operator)) ?? '';
  const rest = value.slice(operator.length).replace(/^"/, '').toLowerCase();
  const [kind, candidates] = valuesOf(name, known);
  const fits = candidates.filter((candidate) => candidate.toLowerCase().startsWith(rest));
  return fits.map((candidate): Suggestion => {
    const label = `${operator}${candidate}`;
    return { kind, label, detail: name, insert: `${negated}${name}:${operator}${quoted(candidate)}` };
  });
}

function valuesOf(name: string, known: Known): [SuggestionKind, readonly string[]] {
  switch (name) {
    case 'level':
      return ['level', LEVELS];
    case 'stream':
      return ['value', ['stdout', 'stderr']];
    case 'container':
      return ['value', known.containers];
    case 'service':
      return ['value', known.services];
    case 'stack':
      return ['value', known.stacks];
    default:
      return ['value', known.fields.get(name.replace(/^\./, '')) ?? []];
  }
}

/** A value as it stands in a query. */
export function quoted(value: string): string {
  if (/^[^\s()"*/<>][^\s()"*]*$/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** The text with a suggestion in it, and where the caret is then. */
export function accepted(
  text: string,
  { from, to }: Completion,
  { kind, insert }: Suggestion
): { text: string; caret: number } {
  const rest = text.slice(to);
  // A name waits for its value; a whole query and a value are done.
  const space = kind === 'field' || kind === 'history' || kind === 'saved' || /^\s/.test(rest) ? '' : ' ';
  return { text: text.slice(0, from) + insert + space + rest, caret: from + insert.length + space.length };
}

function insideQuote(text: string): boolean {
  let open = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\' && open) at++;
    else if (text[at] === '"') open = !open;
  }
  return open;
}

/** Lines that are looked at for fields: what is seen is enough, and it is done between two keys. */
const LINES_MAX = 400;
const FIELDS_MAX = 200;
const VALUES_MAX = 30;
/** A longer value is text, and nobody picks one. */
const VALUE_CHARS_MAX = 60;

/** The fields that lines have and their values, each by how often it is there. */
export function fieldsOf(bodies: readonly string[]): Map<string, readonly string[]> {
  const seen = new Map<string, Map<string, number>>();
  for (const body of bodies.slice(-LINES_MAX)) {
    for (const { key, value } of structureOf(body)?.fields ?? []) {
      if (!seen.has(key) && seen.size >= FIELDS_MAX) continue;
      const values = seen.get(key) ?? new Map<string, number>();
      seen.set(key, values);
      const known = values.get(value) ?? 0;
      if (value !== '' && value.length <= VALUE_CHARS_MAX && (known > 0 || values.size < VALUES_MAX)) {
        values.set(value, known + 1);
      }
    }
  }
  const often = (values: Map<string, number>) => [...values].sort(([, a], [, b]) => b - a).map(([value]) => value);
  const total = (values: Map<string, number>) => [...values.values()].reduce((sum, count) => sum + count, 0);
  const byUse = [...seen].sort(([, a], [, b]) => total(b) - total(a));
  return new Map(byUse.map(([key, values]) => [key, often(values)]));
}
