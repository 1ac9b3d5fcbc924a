/** The log views on the page, asked what leaving the page would lose. */
import { queriesOf, withQueries } from './view-address.svelte';

export interface Reader {
  /** Which of the page's views it is, the first at 0. */
  index: number;
  /** The line that is being read; null while the view follows: whoever comes back follows again. */
  at: () => string | null;
  /** Whether something stands there that no address says: a cleared view, a stopped stream, picked lines. */
  holds: () => boolean;
}

const readers = new Set<Reader>();

/** Returns what takes it out again. */
export function addReader(reader: Reader): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

/** Whether all views would be back as they are. */
export function readersFollow(): boolean {
  return [...readers].every((reader) => reader.at() === null && !reader.holds());
}

/** The page's address with the lines that are being read in it. */
export function withPlaces(url: URL): URL {
  const queries = queriesOf(url);
  for (const { index, at } of readers) {
    const cursor = at();
    if (cursor !== null) queries[index]?.set('at', cursor);
  }
  return withQueries(url, queries);
}
