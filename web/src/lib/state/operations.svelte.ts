/** What people did to containers, newest first, as it goes on. */
import { askAgainMs } from '$lib/logs/operations';
import type { Operation } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { live } from './live.svelte';
import { session } from './session.svelte';

const PAGE = 100;

class Operations {
  all = $state.raw<readonly Operation[]>([]);
  loaded = $state(false);
  /** There are older ones than those. */
  more = $state(false);
  failure = $state<string | null>(null);

  /** Keeps the newest fresh until the returned function is called. */
  watch(): () => void {
    let ended = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible' && session.status === 'in') await this.#refresh();
      clearTimeout(timer);
      if (!ended) timer = setTimeout(() => void look(), askAgainMs(this.all));
    };
    const stop = live.onContainersChanged(() => void look());
    void look();
    return () => {
      ended = true;
      clearTimeout(timer);
      stop();
    };
  }

  async older(): Promise<void> {
    await this.#read(this.all.at(-1)?.id, (older) => [...this.all, ...older]);
  }

  async #refresh(): Promise<void> {
    await this.#read(undefined, (newest) => {
      const last = newest.at(-1)?.id ?? Infinity;
      return [...newest, ...this.all.filter(({ id }) => id < last)];
    });
  }

  async #read(before: number | undefined, merged: (page: Operation[]) => Operation[]): Promise<void> {
    try {
      const page = await api.getOperations(PAGE, before);
      const known = this.all.length;
      this.all = merged(page);
      // Only a page that went further back knows whether there is more.
      if (!this.loaded || before !== undefined || known < PAGE) this.more = page.length === PAGE;
      this.failure = null;
      this.loaded = true;
    } catch (error) {
      session.noticed(error);
      this.failure = error instanceof ApiError ? error.message : 'they could not be read';
    }
  }
}

export const operations = new Operations();
