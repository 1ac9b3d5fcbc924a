/** The Socket.IO events that the page sends and receives: the seed's, and batch mode. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type StreamRequest = Schemas['StreamContainerLogs'] & { batch: true; subscription: string };
export type StreamAnswer = { subscription: string } | { error: { code: string; detail: string } };
export type LogBatch = Schemas['LogBatch'];
export type LogGap = Schemas['LogGap'];
export type LogMark = Schemas['LogMark'];
export type StatusChange = Schemas['ContainerStatusChange'];
export type StreamComplete = Schemas['DockerLogComplete'];

export interface ServerEvents {
  log_batch: (batch: LogBatch) => void;
  log_gap: (gap: LogGap) => void;
  log_mark: (mark: LogMark) => void;
  docker_log_complete: (complete: StreamComplete) => void;
  container_status_change: (change: StatusChange) => void;
  containers_changed: (changed: Schemas['ContainersChanged']) => void;
  status: (status: Schemas['StatusMessage']) => void;
}

export interface ClientEvents {
  join: (room: { room: string }) => void;
  leave: (room: { room: string }) => void;
  stream_container_logs: (request: StreamRequest, answer: (answer: StreamAnswer) => void) => void;
  stop_container_logs: (stop: { subscription: string }) => void;
  log_ack: (ack: Schemas['LogAck']) => void;
}
