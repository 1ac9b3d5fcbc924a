/** Queries about one field, as clicks on it write them. */

const RESERVED = /^(?:level|stream|container|stack|service)$/i;
/** A longer value is looked for by its beginning. */
const VALUE_CHARS_MAX = 200;
/** Deeper fields are out of the query language's reach. */
const FIELD_DEPTH_MAX = 32;

/** What finds lines that have this value in this field; null when the language has no words for it. */
export function fieldTerm(field: string | null, value: string): string | null {
  const [first] = value.split('\n', 1);
  const text = (first ?? '').slice(0, VALUE_CHARS_MAX);
  const whole = text === value;
  if (field === null || field === '' || field.split('.').length > FIELD_DEPTH_MAX) {
    return text.trim() === '' ? null : quoted(text.trim());
  }
  const name = RESERVED.test(field) ? `.${field}` : field;
  if (whole) return `${name}:${isPlain(value) ? value : quoted(value)}`;
  return text.trim() === '' ? `${name}:*` : `${name}:* ${quoted(text.trim())}`;
}

/** A query with one more term; `not` leaves out what the term finds. */
export function withTerm(query: string, term: string, not = false): string {
  const before = query.trim();
  const added = not ? `-${/\s/.test(term.replace(/"(?:[^"\\]|\\.)*"/g, '')) ? `(${term})` : term}` : term;
  if (before === '') return added;
  if (before === added || before.split(' ').includes(added)) return before;
  return `${/(?:^|\s)OR(?:\s|$)/.test(before) ? `(${before})` : before} ${added}`;
}

export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Text that reads as itself in a value: no operator, no comparison, no wildcard. */
const isPlain = (value: string) => /^[\p{L}\p{N}_][\p{L}\p{N}_.@/-]*$/u.test(value);
