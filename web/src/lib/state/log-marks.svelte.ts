/** What happened to a view's containers, as the store has it: what was told meanwhile and not here is there. */
import type { Mark, Selectors } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { session } from './session.svelte';

/** What happens to a container comes in bursts: sent a signal, exited, stopped, started. */
const SETTLE_MS = 1_500;

export class LogMarks {
  list = $state.raw<readonly Mark[]>([]);
  #selectors: Selectors;
  #came: (marks: readonly Mark[]) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(selectors: Selectors, came: (marks: readonly Mark[]) => void) {
    this.#selectors = selectors;
    this.#came = came;
  }

  /** Reads them when what happens now has happened. */
  loadSoon(ms = SETTLE_MS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#load(), ms);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      this.list = await api.getMarks(this.#selectors);
      this.#came(this.list);
    } catch (error) {
      session.noticed(error);
    }
  }
}
