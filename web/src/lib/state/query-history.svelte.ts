/** Queries that were asked in this browser, the last one first. */

const KEY = 'miniman.queries';
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
    try {
      localStorage.setItem(KEY, JSON.stringify(this.queries));
    } catch {
      // Private windows may refuse: it is remembered until the page is left.
    }
  }
}

function stored(): readonly string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter((query) => typeof query === 'string').slice(0, QUERIES_MAX) : [];
  } catch {
    return [];
  }
}

export const queryHistory = new QueryHistory();
