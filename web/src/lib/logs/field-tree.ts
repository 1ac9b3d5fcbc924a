/** A line's whole structure, level by level: what opens below a line. Nothing is made of a level before it is opened. */
import { objectIn, pairsOf } from './fields';

/** Opening is a click, so it may take a moment: a body of the longest kind is parsed in some 10 ms. */
const TREE_CHARS_MAX = 1_048_576;
/** Entries of one level that are shown at once; more are asked for. */
export const LEVEL_ENTRIES = 100;
/** The first levels are open from the start, if they are small. */
const OPEN_LEVELS = 2;
const OPEN_ENTRIES_MAX = 20;
/** A longer value is cut here; the line itself has all of it. */
const VALUE_CHARS_MAX = 2_000;

export interface TreeNode {
  /** Which one it is in its tree. */
  id: string;
  name: string;
  /** Its field in the query language; null when that has no words for it. */
  field: string | null;
  value: unknown;
  /** Entries below it; null of a value that has none. */
  size: number | null;
}

/** The tree of a body, or null when it has none. */
export function treeOf(body: string): TreeNode | null {
  if (body.length > TREE_CHARS_MAX) return null;
  const value = objectIn(body)?.object ?? logfmtObject(body);
  return value ? { id: '', name: '', field: '', value, size: Object.keys(value).length } : null;
}

function logfmtObject(body: string): Record<string, string> | null {
  const pairs = pairsOf(body);
  return pairs ? Object.fromEntries(pairs.map(({ key, value }) => [key, value])) : null;
}

/** The first `count` nodes of the level below one. */
export function nodesBelow({ id, field, value }: TreeNode, count: number): TreeNode[] {
  const isList = Array.isArray(value);
  const entries: [string, unknown][] = isList
    ? value.slice(0, count).map((entry, index) => [String(index), entry])
    : Object.entries(value as object).slice(0, count);
  return entries.map(([name, entry]) => ({
    id: `${id}/${name.replaceAll('/', '//')}`,
    name,
    // Any element of a list stands for its field.
    field: isList ? field : below(field, name),
    value: entry,
    size: sizeOf(entry)
  }));
}

/** Whether a level is open before anybody opened or closed it. */
export function isOpenAtFirst({ id, size }: TreeNode): boolean {
  return id.replaceAll('//', '').split('/').length <= OPEN_LEVELS && (size ?? 0) <= OPEN_ENTRIES_MAX;
}

/** A value as text: of texts what they say, of all else its JSON. */
export function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text;
}

/** What stands for a level that is closed. */
export function levelText({ value, size }: TreeNode): string {
  const entries = `${size} ${size === 1 ? 'entry' : 'entries'}`;
  return Array.isArray(value) ? `[${entries}]` : `{${entries}}`;
}

function sizeOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null) return null;
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  return size === 0 ? null : size;
}

const STEP = /^[\p{L}\p{N}_@$./-]+$/u;
const FIRST = /^[\p{L}_@$]/u;

function below(field: string | null, name: string): string | null {
  if (field === null || !STEP.test(name) || (field === '' && !FIRST.test(name))) return null;
  return field === '' ? name : `${field}.${name}`;
}
