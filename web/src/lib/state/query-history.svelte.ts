/** Queries that were asked in this browser, the last one first. */
import { keep, keptJson } from './kept';

const KEY = 'queries';
/** More than a list of suggestions ever shows of one beginning. */
const QUERIES_MAX = 50;
/** Shorter ones are typed faster than they are picked. */
const CHARS_MIN = 3;

class QueryHistory {
  queries = $state.raw<readonly string[]>(stored());

  /** Remembers a query that somebody meant: by Enter, or by leaving it standing. */
  add(query: string): void {
    if (query.length < CHARS_MIN || query === this.queries[0]) return;
    this.queries = [query, ...this.queries.filter((known) => known !== query)].slice(0, QUERIES_MAX);
    keep(KEY, JSON.stringify(this.queries));
  }
}

function stored(): readonly string[] {
  const value = keptJson(KEY);
  return Array.isArray(value) ? value.filter((query) => typeof query === 'string').slice(0, QUERIES_MAX) : [];
}

export const queryHistory = new QueryHistory();
