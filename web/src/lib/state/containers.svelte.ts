/** Every container that the asker may see, kept up to date: by the socket's word, and by a slow poll for rates. */
import type { Container, Engine } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { live } from './live.svelte';
import { seen } from './seen.svelte';
import { session } from './session.svelte';

/** Rates and counts change without an event; a look every three seconds is what an eye follows. */
const POLL_MS = 3_000;
/** At most one request in this time, however often the server says that something changed. */
const COALESCE_MS = 250;

class ContainerList {
  containers = $state.raw<readonly Container[]>([]);
  engines = $state.raw<readonly Engine[]>([]);
  /** What is wrong with what the server keeps, in sentences. */
  troubles = $state.raw<readonly string[]>([]);
  loaded = $state(false);
  failure = $state<string | null>(null);
  #inFlight: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  byId(id: string): Container | undefined {
    return this.containers.find((container) => container.id === id);
  }

  /** The container that a URL means by an id, its beginning or a name: what runs goes before what is gone. */
  find(asked: string): Container | undefined {
    const named = this.containers.filter(({ name }) => name === asked);
    if (named.length > 0) {
      const newest = [...named].sort((a, b) => (a.created < b.created ? 1 : -1));
      return newest.find(({ present }) => present) ?? newest[0];
    }
    const matches = /^[0-9a-f]{4,64}$/.test(asked) ? this.containers.filter(({ id }) => id.startsWith(asked)) : [];
    return matches.length === 1 ? matches[0] : undefined;
  }

  refresh(): Promise<void> {
    this.#inFlight ??= this.#load().finally(() => (this.#inFlight = null));
    return this.#inFlight;
  }

  /** Keeps the list fresh until the returned function is called. */
  watch(): () => void {
    const stop = live.onContainersChanged(() => {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        void this.refresh();
      }, COALESCE_MS);
    });
    const look = () => {
      if (document.visibilityState === 'visible' && session.status === 'in') void this.refresh();
    };
    const poll = setInterval(look, POLL_MS);
    document.addEventListener('visibilitychange', look);
    void this.refresh();
    return () => {
      stop();
      clearInterval(poll);
      document.removeEventListener('visibilitychange', look);
    };
  }

  async #load(): Promise<void> {
    try {
      const { containers, engines, notices } = await api.getContainers();
      seen.listed(containers);
      this.containers = containers;
      this.engines = engines;
      this.troubles = notices;
      this.failure = null;
      this.loaded = true;
    } catch (error) {
      session.noticed(error);
      this.failure = error instanceof ApiError ? error.message : 'the list could not be read';
    }
  }
}

export const containers = new ContainerList();
