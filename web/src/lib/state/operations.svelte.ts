/** What people did to containers, newest first. */
import type { Operation } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { session } from './session.svelte';

class Operations {
  all = $state.raw<readonly Operation[]>([]);
  loaded = $state(false);
  failure = $state<string | null>(null);

  async refresh(): Promise<void> {
    try {
      this.all = await api.getOperations();
      this.failure = null;
      this.loaded = true;
    } catch (error) {
      session.noticed(error);
      this.failure = error instanceof ApiError ? error.message : 'The operations could not be read';
    }
  }
}

export const operations = new Operations();
