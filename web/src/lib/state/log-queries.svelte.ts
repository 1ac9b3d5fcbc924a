/** Filter and Find of one view as they are typed, as they stand in its address, and as the view has them. */
import type { LogFind } from './log-find.svelte';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';
import type { ViewAddress } from './view-address.svelte';

/** Both queries, as the address has them. */
interface Queries {
  filter: string;
  find: string;
}

export class LogQueries {
  filterText = $state('');
  findText = $state('');
  #view: LogView;
  #scroller: LogScroller;
  #find: LogFind;
  #place: ViewAddress;
  /** Those that stand in the address, as far as this page knows. */
  #addressed: Queries;
  #closed = false;

  constructor(view: LogView, scroller: LogScroller, find: LogFind, place: ViewAddress, asked: Queries) {
    this.#view = view;
    this.#scroller = scroller;
    this.#find = find;
    this.#place = place;
    this.#addressed = asked;
    this.filterText = asked.filter;
    this.findText = asked.find;
  }

  /** The view was opened, by the filter or without it: a permalink's line that the filter hides is shown without it. */
  opened(): void {
    const { filter } = this.#view;
    if (!filter.fault && filter.query !== this.#addressed.filter.trim()) this.filterText = filter.query;
    void this.find(this.#addressed.find);
    this.#address();
  }

  close(): void {
    this.#closed = true;
  }

  /** The address has others: Back, or a link to the same log. */
  addressed(asked: Queries): void {
    const before = this.#addressed;
    this.#addressed = asked;
    if (asked.filter !== before.filter) this.filter((this.filterText = asked.filter));
    if (asked.find !== before.find) void this.find((this.findText = asked.find));
  }

  filter(query: string): void {
    void this.#view.setFilter(query, this.#scroller.reading).then(() => {
      this.#find.linesCame();
      this.#address();
    });
  }

  clearFilter(): void {
    this.filterText = '';
    this.filter('');
  }

  async find(query: string): Promise<void> {
    await this.#find.ask(query);
    this.#address();
  }

  /** Puts the queries that the lines are of into the address. */
  #address(): void {
    if (this.#closed) return;
    const before = this.#addressed;
    const { filter } = this.#view;
    const now = {
      filter: filter.fault ? before.filter : filter.query,
      find: this.#find.fault ? before.find : this.#find.query
    };
    if (now.filter === before.filter.trim() && now.find === before.find.trim()) return;
    this.#addressed = now;
    this.#place.set({ filter: now.filter || null, find: now.find || null });
  }
}
