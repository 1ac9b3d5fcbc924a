/** What is kept and what is held now, for admins. */
import type { Retention, RetentionChange } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { confirmation } from './confirmation.svelte';
import { session } from './session.svelte';

/** What is held grows all the time; a look every five seconds shows it, and what a lower limit takes. */
const POLL_MS = 5_000;

class RetentionState {
  told = $state.raw<Retention | null>(null);
  failure = $state<string | null>(null);
  #asked = 0;

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const told = await api.getRetention();
      // An answer that was overtaken would show the limits from before a change.
      if (asked !== this.#asked) return;
      this.told = told;
      this.failure = null;
    } catch (error) {
      if (asked === this.#asked) this.failure = refusal(error);
    }
  }

  /** Keeps it fresh until the returned function is called. */
  watch(): () => void {
    void this.refresh();
    const poll = setInterval(() => {
      if (document.visibilityState === 'visible' && session.status === 'in') void this.refresh();
    }, POLL_MS);
    return () => clearInterval(poll);
  }

  /** What the limit would do; null goes back to the configuration's. Throws what to say when it is refused. */
  async preview(limit: string | null): Promise<RetentionChange> {
    try {
      return await api.setRetention(limit, true);
    } catch (error) {
      throw new Error(refusal(error), { cause: error });
    }
  }

  async set(limit: string | null): Promise<RetentionChange> {
    try {
      const change = await confirmation.guard(() => api.setRetention(limit, false));
      await this.refresh();
      return change;
    } catch (error) {
      throw new Error(refusal(error), { cause: error });
    }
  }
}

function refusal(error: unknown): string {
  session.noticed(error);
  return error instanceof Error ? error.message : String(error);
}

export const retention = new RetentionState();
