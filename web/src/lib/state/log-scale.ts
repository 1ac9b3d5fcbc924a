/**
 * How a view's logs measure: how many lines there are, how many stand before a position, what a part of the
 * scrollbar stands for. Counts come from the container list; numbers that a gap skipped count as lines here.
 */
import type { Position } from '$lib/logs/cursor';
import type { Container } from '$lib/protocol/api';

/** Where a view's range begins and ends, a log; a log that it says nothing about is whole. */
interface Bounds {
  readonly floor: Position;
  readonly ceiling: Position;
}

/** What of a log belongs to the view. */
interface Part {
  log_id: number;
  first_seq: number | null;
  last_seq: number | null;
  first_timestamp: string | null;
  last_timestamp: string | null;
}

export class LogScale {
  #containers: () => readonly Container[];
  #bounds: Bounds;

  constructor(containers: () => readonly Container[], bounds: Bounds) {
    this.#containers = containers;
    this.#bounds = bounds;
  }

  get #parts(): Part[] {
    const { floor, ceiling } = this.#bounds;
    return this.#containers().map(({ log }) => {
      if (log.first_seq === null || log.last_seq === null) return log;
      const first_seq = Math.max(log.first_seq, floor.get(log.log_id) ?? log.first_seq);
      const last_seq = Math.min(log.last_seq, ceiling.get(log.log_id) ?? log.last_seq);
      return { ...log, first_seq, last_seq: Math.max(last_seq, first_seq - 1) };
    });
  }

  /** The number that comes next, a log: what the list knows, or what the view already holds. */
  ends(held: Position = new Map()): Map<number, number> {
    const ends = new Map<number, number>();
    for (const log of this.#parts) {
      ends.set(log.log_id, Math.max(log.last_seq ?? -1, held.get(log.log_id) ?? -1) + 1);
    }
    return ends;
  }

  /** The first number, a log. */
  firsts(): Map<number, number> {
    return new Map(this.#parts.map((log) => [log.log_id, log.first_seq ?? 0]));
  }

  lines(held: Position): number {
    let lines = 0;
    for (const log of this.#parts) {
      if (log.first_seq === null) continue;
      lines += Math.max(log.last_seq ?? -1, held.get(log.log_id) ?? -1) - log.first_seq + 1;
    }
    return lines;
  }

  before(low: Position): number {
    let before = 0;
    for (const log of this.#parts) {
      const from = low.get(log.log_id);
      if (from !== undefined && log.first_seq !== null) before += Math.max(0, from - log.first_seq);
    }
    return before;
  }

  behind(high: Position): number {
    let behind = 0;
    for (const log of this.#parts) {
      const held = high.get(log.log_id);
      if (held !== undefined && log.last_seq !== null) behind += Math.max(0, log.last_seq - held);
    }
    return behind;
  }

  /** Where to read on for a part of the whole: by number in one log, by time in several. */
  place(fraction: number): { after: string } | { since: string } | Record<string, never> {
    const logs = this.#parts.filter(({ first_seq }) => first_seq !== null);
    const [only] = logs;
    if (!only) return {};
    if (logs.length === 1) {
      const first = only.first_seq ?? 0;
      return { after: `${only.log_id}:${first - 1 + Math.floor(fraction * ((only.last_seq ?? first) - first))}` };
    }
    const times = (key: 'first_timestamp' | 'last_timestamp') => logs.map((log) => Date.parse(log[key] ?? ''));
    const from = Math.min(...times('first_timestamp').filter(Number.isFinite));
    const to = Math.max(...times('last_timestamp').filter(Number.isFinite));
    return { since: new Date(from + fraction * (to - from)).toISOString() };
  }
}
