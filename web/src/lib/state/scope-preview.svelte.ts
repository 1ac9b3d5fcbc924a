/** Which containers a scope includes, while its patterns are typed. */
import type { Container } from '$lib/protocol/api';
import { looksWhole } from '$lib/logs/permissions';
import { errorWords } from '$lib/logs/words';
import * as api from '$lib/transport/api';

/** Between two keys: asking for every one would ask about half patterns. */
const TYPING_MS = 250;

export class ScopePreview {
  /** Null while it is not known. */
  containers = $state.raw<readonly Container[] | null>(null);
  failure = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | null = null;
  #abort: AbortController | null = null;

  /** Asks about these patterns once they rest. */
  show(patterns: readonly string[]): void {
    this.stop();
    this.containers = null;
    this.failure = null;
    if (patterns.length === 0 || !patterns.every(looksWhole)) return;
    this.#timer = setTimeout(() => void this.#ask(patterns), TYPING_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#abort?.abort();
    this.#abort = null;
  }

  async #ask(patterns: readonly string[]): Promise<void> {
    const abort = (this.#abort = new AbortController());
    try {
      this.containers = await api.getContainersWithin(patterns, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted) this.failure = errorWords(error);
    }
  }
}
