/** The socket's state for the page, and who listens to it. */
import type { StatusChange } from '$lib/protocol/events';
import { type Connection, LiveSocket } from '$lib/transport/socket';
import { session } from './session.svelte';
import { onWake } from './wake';

export type { Connection };

class Live {
  connection = $state<Connection>('connecting');
  /** When the connection was lost, in milliseconds; null while there is one. */
  lostSince = $state<number | null>(null);
  readonly socket: LiveSocket;
  #changed = new Set<() => void>();
  #statusChanged = new Set<(change: StatusChange) => void>();

  constructor() {
    this.socket = new LiveSocket({
      connection: (connection) => this.#connection(connection),
      containersChanged: () => this.#changed.forEach((listener) => listener()),
      statusChange: (change) => this.#statusChanged.forEach((listener) => listener(change))
    });
  }

  /** Connects, and tries again at once whenever that may work. Returns what ends it. */
  open(): () => void {
    this.socket.open();
    const stop = onWake(({ slept }) => void this.#woke(slept));
    return () => {
      stop();
      this.socket.close();
    };
  }

  onContainersChanged(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  onStatusChange(listener: (change: StatusChange) => void): () => void {
    this.#statusChanged.add(listener);
    return () => this.#statusChanged.delete(listener);
  }

  async #woke(slept: boolean): Promise<void> {
    // Somebody may have logged in again in another tab.
    if (session.status === 'expired' && (await session.load()) !== 'in') return;
    if (slept || this.connection !== 'connected') this.socket.retry();
  }

  #connection(connection: Connection): void {
    this.connection = connection;
    if (connection === 'connected') {
      this.lostSince = null;
      this.#changed.forEach((listener) => listener());
      return;
    }
    if (connection !== 'connecting') this.lostSince ??= Date.now();
    // A refused handshake is most often a session that ended.
    if (connection === 'refused') void session.load();
  }
}

export const live = new Live();
