/** What a view on the page means beyond itself: its errors are seen, or told while nobody looks; it may not be lost. */
import type { ViewAddress } from './view-address.svelte';
import { isLookedAt, onLook } from './attention';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';
import { addReader } from './readers';
import { seen } from './seen.svelte';
import { unseen } from './unseen.svelte';

export class LogAttendance {
  #view: LogView;
  #closing: (() => void)[];

  /** `name`: what the view is called; `holds`: whether something stands in it that no address says. */
  constructor(view: LogView, scroller: LogScroller, { index }: ViewAddress, name: () => string, holds: () => boolean) {
    this.#view = view;
    view.onArrived = (rows) => unseen.came(rows, name());
    this.#closing = [
      addReader({
        index,
        at: () => (view.following || view.phase !== 'ready' ? null : (scroller.reading?.record.cursor ?? null)),
        holds: () => view.streaming === 'frozen' || view.clearedAt !== null || holds()
      }),
      onLook(() => this.look())
    ];
  }

  /** The counts are others, or the page is looked at again: what stands before somebody's eyes is seen. */
  look(): void {
    if (this.#view.following && isLookedAt()) seen.look(this.#view.containers);
  }

  close(): void {
    for (const close of this.#closing) close();
  }
}
