/** A view's filter: the query that its lines are of, what was asked for since, and where the reader was before. */
import type { LineRow } from '$lib/logs/rows';
import { type QueryFault, faultOf } from '$lib/logs/query';
import type { LogPage } from '$lib/protocol/api';

export class LogFilter {
  /** What the lines of the view are found by; '' for all lines. */
  query = $state('');
  /** Why the query that was asked for last is none; the view still shows the lines of `query`. */
  fault = $state<QueryFault | null>(null);
  /** Lines that were looked through for `query`. */
  scanned = $state(0);
  /** The line under the reader's eyes when a filter took it away, until the reader moves. */
  origin: { row: LineRow; focused: boolean } | null = null;
  #asked = '';
  #searches = $state(0);

  get searching(): boolean {
    return this.#searches > 0;
  }

  /** Remembers what is asked for. False when that is asked for already, also when it was refused. */
  ask(query: string): boolean {
    if (query === this.#asked) return false;
    this.#asked = query;
    this.fault = null;
    return true;
  }

  /** What the next page that is jumped to is of: a jump must not lose a filter that is on its way. */
  get wanted(): string {
    return this.fault === null ? this.#asked : this.query;
  }

  /** What was asked for could not be had: the same may be asked for again. */
  failed(): void {
    this.#asked = this.query;
  }

  /** The view shows a first page of this query now. */
  took(query: string, page: LogPage): void {
    this.query = query;
    this.#asked = query;
    this.scanned = page.summary?.scanned ?? 0;
    if (query === '') this.origin = null;
  }

  /** Whether a refusal was about the query; then it stands at the field. */
  refused(detail: string): boolean {
    const fault = faultOf(detail, this.#asked);
    if (fault) this.fault = fault;
    return fault !== null;
  }

  async search<T>(query: string, search: Promise<T>): Promise<T> {
    if (query === '') return search;
    this.#searches++;
    try {
      return await search;
    } finally {
      this.#searches--;
    }
  }
}
