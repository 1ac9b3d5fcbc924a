/** Records for tests. */
import type { Container, LogRecord } from '$lib/protocol/api';
import { type LineRow, lineRow } from './rows';

export const NOON = Date.UTC(2026, 10, 21, 12);

export function record(log: number, seq: number, body = `line ${seq}`, time = NOON + seq * 10): LogRecord {
  return {
    cursor: `${log}:${seq}`,
    container_id: String(log).padStart(64, '0'),
    seq,
    timestamp: new Date(time).toISOString(),
    iostream: 'stdout',
    severity: 0,
    body
  };
}

export const line = (log: number, seq: number, time?: number): LineRow => lineRow(record(log, seq, undefined, time));

export function lines(log: number, from: number, to: number): LineRow[] {
  return Array.from({ length: to - from }, (_, index) => line(log, from + index));
}

export function container(given: Partial<Container> & { name: string }): Container {
  return {
    id: given.name.length.toString(16).padStart(64, 'a'),
    image: 'busybox',
    engine: 'local',
    stack: null,
    config_id: 0,
    service: null,
    number: null,
    state: 'running',
    health: 'none',
    exit_code: null,
    oom_killed: false,
    restart_count: 0,
    created: '2026-11-21T12:00:00Z',
    started_at: null,
    finished_at: null,
    ports: [],
    present: true,
    is_self: false,
    actions: [],
    message_field: null,
    log: {
      log_id: 1,
      source: 'files',
      source_detail: null,
      first: null,
      last: null,
      first_seq: null,
      last_seq: null,
      records: 0,
      bytes: 0,
      stored_bytes: 0,
      first_timestamp: null,
      last_timestamp: null,
      gaps: 0,
      backfill: null,
      rate: 0,
      errors: 0,
      errors_15m: 0,
      last_error: null
    },
    ...given
  };
}
