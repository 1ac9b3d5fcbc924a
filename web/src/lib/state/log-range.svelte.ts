/** The range of a view: what it was asked for, and where it begins and ends in each log. */
import { NOWHERE, type Position, before, formatCursor, parseCursor } from '$lib/logs/cursor';
import { ALL, type TimeRange, hasEnded, holds, isAll, sameRange, timeOfBound } from '$lib/logs/range';
import { pageRows } from '$lib/logs/rows';
import type { LogPage } from '$lib/protocol/api';
import type { LogsQuery } from '$lib/transport/api';

export class LogRange {
  #asked = $state.raw<TimeRange>(ALL);
  /** The first number, a log; empty while that is not known, and where nothing bounds it. */
  floor: Position = NOWHERE;
  /** The last number, a log. */
  ceiling: Position = NOWHERE;

  get asked(): TimeRange {
    return this.#asked;
  }

  /** False when it is that already. */
  set(asked: TimeRange): boolean {
    if (sameRange(asked, this.#asked)) return false;
    this.#asked = asked;
    this.floor = this.ceiling = NOWHERE;
    return true;
  }

  get limited(): boolean {
    return !isAll(this.#asked);
  }

  /** Nothing can come any more that belongs to it: a view of it does not follow. */
  get ended(): boolean {
    return hasEnded(this.#asked, Date.now());
  }

  holds(bound: string): boolean {
    const now = Date.now();
    const time = timeOfBound(bound, now);
    return time === null || holds(this.#asked, time, now);
  }

  /** What each page of the view asks for. */
  get query(): Pick<LogsQuery, 'since' | 'until'> {
    const { since, until } = this.#asked;
    return { ...(since === null ? {} : { since }), ...(until === null ? {} : { until }) };
  }

  /**
   * Finds out where in the logs the range begins and ends: what the scrollbar stands for. `read` asks for one line. Until
   * that is known, and where it can't be, the scrollbar stands for the whole logs.
   */
  async measure(read: (query: LogsQuery) => Promise<LogPage | null>): Promise<void> {
    const { asked } = this;
    const [first, last] = await Promise.all([
      asked.since === null ? null : read({ ...this.query, order: 'asc', limit: 1 }),
      asked.until === null ? null : read({ ...this.query, order: 'desc', limit: 1 })
    ]);
    if (asked !== this.asked) return;
    if (first) this.floor = moved(first, 1);
    if (last) this.ceiling = moved(last, -1);
  }

  /**
   * A page from a time on, inside of the range: a point as `since` is another time for each container, and only one `since`
   * can be asked for.
   */
  from(time: string): Pick<LogsQuery, 'since' | 'until' | 'after'> {
    const after = before(this.floor);
    const { until } = this.query;
    return {
      since: time,
      ...(after.size === 0 ? {} : { after: formatCursor(after) }),
      ...(until === undefined ? {} : { until })
    };
  }
}

/** The outermost numbers of the range, from a page that holds one line of them at most. */
function moved(page: LogPage, by: 1 | -1): Position {
  const position = new Map([...parseCursor(page.next)].map(([log, seq]) => [log, seq + by]));
  for (const row of pageRows(page)) position.set(row.log, row.seq);
  return position;
}
