/** Saved searches: one's own and shared ones, as the server has them. Read when somebody first looks. */
import type { SavedSearch } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { session } from './session.svelte';

class Searches {
  list = $state.raw<readonly SavedSearch[]>([]);
  /** Why they could not be read or changed. */
  failure = $state('');
  #read = false;

  /** Reads them unless they are known. */
  async want(): Promise<void> {
    if (this.#read) return;
    this.#read = true;
    this.#read = await this.#try(async () => {
      this.list = await api.getSearches();
    });
  }

  /** Whether it was saved; else `failure` says why not. */
  async save(name: string, query: string, shared: boolean): Promise<boolean> {
    return this.#try(async () => {
      await api.saveSearch(name, query, shared);
      this.list = await api.getSearches();
    });
  }

  async remove(search: SavedSearch): Promise<boolean> {
    return this.#try(async () => {
      await api.removeSearch(search.id);
      this.list = this.list.filter(({ id }) => id !== search.id);
    });
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    this.failure = '';
    try {
      await work();
      return true;
    } catch (error) {
      session.noticed(error);
      if (!(error instanceof ApiError)) throw error;
      this.failure = error.message;
      return false;
    }
  }
}

export const searches = new Searches();
