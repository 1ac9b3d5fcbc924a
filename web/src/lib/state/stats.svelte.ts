/** What running containers use, read while a page that shows it is looked at. */
import type { Container, ContainerStats } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { session } from './session.svelte';

/** The server reads engines at most every 1.5 s for all who look. */
const POLL_MS = 2_000;

class Stats {
  #of = $state.raw<ReadonlyMap<string, ContainerStats>>(new Map());

  of = ({ id }: Container): ContainerStats | undefined => this.#of.get(id);

  /** Reads on until the returned function is called. */
  watch(): () => void {
    let ended = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      if (document.visibilityState === 'visible' && session.status === 'in') await this.#load();
      if (!ended) timer = setTimeout(() => void look(), POLL_MS);
    };
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }

  async #load(): Promise<void> {
    try {
      this.#of = new Map((await api.getStats()).map((stats) => [stats.id, stats]));
    } catch (error) {
      // The list of containers tells what is wrong; figures that nobody renewed would not be true.
      session.noticed(error);
      this.#of = new Map();
    }
  }
}

export const stats = new Stats();
