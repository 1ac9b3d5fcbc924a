/**
 * The page's one socket, and the only place that knows Socket.IO.
 *
 * A subscription outlives connections: after a reconnect it is asked for again, from where its owner says it is.
 */
import { type Socket, io } from 'socket.io-client';
import { path } from '$lib/paths';
import type {
  ClientEvents,
  LogBatch,
  LogGap,
  LogMark,
  ServerEvents,
  StatusChange,
  StreamComplete,
  StreamRequest
} from '$lib/protocol/events';

export type Connection = 'connecting' | 'connected' | 'lost' | 'refused';

export type StreamSelection = Omit<StreamRequest, 'batch' | 'subscription'>;

export interface StreamHandlers {
  /** Where the stream goes on; asked on every connect. */
  from: () => StreamSelection;
  batch: (batch: LogBatch) => void;
  gap: (gap: LogGap) => void;
  mark: (mark: LogMark) => void;
  complete: (complete: StreamComplete) => void;
  refused: (error: { code: string; detail: string }) => void;
}

interface Listeners {
  connection: (connection: Connection, detail: string) => void;
  containersChanged: () => void;
  statusChange: (change: StatusChange) => void;
}

/** The longest wait between two attempts: a server that is back is noticed within it. */
const RECONNECT_DELAY_MAX_MS = 5_000;

export class LiveSocket {
  #socket: Socket<ServerEvents, ClientEvents> | null = null;
  #streams = new Map<string, Subscription>();
  #rooms = new Map<string, number>();
  #listeners: Listeners;
  #count = 0;

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
  }

  open(): void {
    if (this.#socket) {
      if (!this.#socket.connected) this.#socket.connect();
      return;
    }
    const socket: Socket<ServerEvents, ClientEvents> = io({
      path: path('/socket.io/'),
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: RECONNECT_DELAY_MAX_MS
    });
    this.#socket = socket;
    socket.on('connect', () => this.#connected());
    socket.on('disconnect', (reason) => {
      this.#listeners.connection('lost', '');
      // The client library gives up by itself when the server closed the session on purpose.
      if (reason === 'io server disconnect') socket.connect();
    });
    socket.on('connect_error', (error) => {
      // An inactive socket was refused by the server; an active one is still trying.
      this.#listeners.connection(socket.active ? 'lost' : 'refused', error.message);
    });
    socket.on('log_batch', (batch) => this.#streams.get(batch.subscription)?.handlers.batch(batch));
    socket.on('log_gap', (gap) => this.#streams.get(gap.subscription)?.handlers.gap(gap));
    socket.on('log_mark', (mark) => this.#streams.get(mark.subscription)?.handlers.mark(mark));
    socket.on('docker_log_complete', (complete) => {
      if (complete.subscription !== undefined) this.#streams.get(complete.subscription)?.handlers.complete(complete);
    });
    socket.on('container_status_change', (change) => this.#listeners.statusChange(change));
    socket.on('containers_changed', () => this.#listeners.containersChanged());
  }

  /** Tries now, whatever it waits for; a connection that there seems to be is given up for it. */
  retry(): void {
    this.#socket?.disconnect().connect();
  }

  close(): void {
    this.#socket?.disconnect();
    this.#socket = null;
    this.#listeners.connection('connecting', '');
  }

  stream(handlers: StreamHandlers): Subscription {
    const subscription = new Subscription(handlers, () => `view-${++this.#count}`, this.#access);
    subscription.ask();
    return subscription;
  }

  /** Hears of a container's changes also while nothing of it is streamed. Returns what leaves again. */
  joinRoom(room: string): () => void {
    this.#rooms.set(room, (this.#rooms.get(room) ?? 0) + 1);
    if (this.#socket?.connected) this.#socket.emit('join', { room });
    return () => {
      const members = (this.#rooms.get(room) ?? 1) - 1;
      if (members > 0) this.#rooms.set(room, members);
      else if (this.#rooms.delete(room) && this.#socket?.connected) this.#socket.emit('leave', { room });
    };
  }

  #access: SocketAccess = {
    socket: () => (this.#socket?.connected ? this.#socket : null),
    streams: this.#streams
  };

  #connected(): void {
    this.#listeners.connection('connected', '');
    for (const room of this.#rooms.keys()) this.#socket?.emit('join', { room });
    for (const subscription of [...this.#streams.values()]) subscription.ask();
  }
}

interface SocketAccess {
  socket: () => Socket<ServerEvents, ClientEvents> | null;
  streams: Map<string, Subscription>;
}

/** One stream of batches. Its name changes with every request, so that a late batch of an old one is nobody's. */
export class Subscription {
  readonly handlers: StreamHandlers;
  #name: string;
  #nextName: () => string;
  #access: SocketAccess;
  #closed = false;

  constructor(handlers: StreamHandlers, nextName: () => string, access: SocketAccess) {
    this.handlers = handlers;
    this.#nextName = nextName;
    this.#access = access;
    this.#name = nextName();
    access.streams.set(this.#name, this);
  }

  /** Asks for the stream from where its owner is now; what was asked before ends. */
  ask(): void {
    if (this.#closed) return;
    const socket = this.#access.socket();
    if (!socket) return;
    this.#access.streams.delete(this.#name);
    socket.emit('stop_container_logs', { subscription: this.#name });
    const name = this.#nextName();
    this.#name = name;
    this.#access.streams.set(name, this);
    socket.emit('stream_container_logs', { ...this.handlers.from(), batch: true, subscription: name }, (answer) => {
      if (answer && 'error' in answer && name === this.#name && !this.#closed) this.handlers.refused(answer.error);
    });
  }

  ack(batch: LogBatch): void {
    if (batch.subscription !== this.#name) return;
    this.#access.socket()?.emit('log_ack', { subscription: batch.subscription, cursor: batch.last });
  }

  close(): void {
    this.#closed = true;
    this.#access.streams.delete(this.#name);
    this.#access.socket()?.emit('stop_container_logs', { subscription: this.#name });
  }
}
