/** What a log view is of: which logs, and which lines of them. It loads nothing. */
import { ALL } from '$lib/logs/range';
import { selects } from '$lib/logs/selection';
import type { Container, Selectors } from '$lib/protocol/api';
import type { LogsQuery } from '$lib/transport/api';
import { containers } from './containers.svelte';
import { LogFilter } from './log-filter.svelte';
import { LogRange } from './log-range.svelte';

export class LogScope {
  readonly selectors: Selectors;
  readonly filter = new LogFilter();
  readonly range = new LogRange();
  /** Lines that hide rules find are left out, because there are such rules and nobody asked to see what they hide. */
  hiding = $state(false);

  constructor(selectors: Selectors, range = ALL) {
    this.selectors = selectors;
    this.range.set(range);
  }

  /** What the view is of beside its selectors, as the server is asked for it. */
  get query(): Pick<LogsQuery, 'query' | 'since' | 'until' | 'hide'> {
    return { ...this.counted, ...hide(this.hiding) };
  }

  /** What of it counts can be asked for by: they are of what is stored, hidden or not. */
  get counted(): Pick<LogsQuery, 'query' | 'since' | 'until'> {
    return { ...this.range.query, ...(this.filter.query === '' ? {} : { query: this.filter.query }) };
  }

  /** The containers of the view, as the list has them now. */
  get containers(): Container[] {
    return containers.containers.filter((container) => selects(this.selectors, container));
  }

  /** The one container of a view that was opened for one. */
  get container(): Container | undefined {
    const asked = this.selectors.container;
    return asked.length === 1 ? containers.byId(asked[0] ?? '') : undefined;
  }

  get merged(): boolean {
    return this.selectors.container.length !== 1;
  }

  /** Lines between those that are held may be left out. */
  get sparse(): boolean {
    return this.filter.query !== '' || this.hiding;
  }
}

/** What a request says to have hidden lines left out. */
export const hide = (hiding: boolean): { hide?: true } => (hiding ? { hide: true } : {});
