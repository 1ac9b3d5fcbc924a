/**
 * The one point in time that views side by side share.
 *
 * What the pointer is on in one view is marked in the others. A line that was chosen there, or a time that was gone to, is
 * also brought into their sight; that is the only thing beside the reader's own hand that moves a view.
 */
import { untrack } from 'svelte';
import { beyond, beyondWords } from '$lib/logs/beyond';
import { timeOfBound } from '$lib/logs/range';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';
import { preferences } from './preferences.svelte';
import type { ViewAddress } from './view-address.svelte';

/** A time in ms since the epoch, and the view that it was pointed at in. */
interface Point {
  of: ViewAddress;
  time: number;
}

class Points {
  hovered = $state.raw<Point | null>(null);
  chosen = $state.raw<Point | null>(null);
}

const points = new Points();

/** What a view has to do with the time that is shared. Made while the view's component is. */
export class SharedTime {
  #place: ViewAddress;
  #view: LogView;
  #scroller: LogScroller;

  constructor(place: ViewAddress, view: LogView, scroller: LogScroller) {
    this.#place = place;
    this.#view = view;
    this.#scroller = scroller;
    const focusedTime = $derived(view.rows.find(({ key }) => key === view.focused)?.time ?? null);
    $effect(() => this.#choose(focusedTime));
    $effect(() => {
      if (view.following) this.#choose(null);
    });
    $effect(() => {
      const { chosen } = points;
      if (chosen === null || chosen.of === place || view.phase !== 'ready') return;
      // Not inside the effect, because the scroller flushes.
      queueMicrotask(() => void scroller.showTime(chosen.time));
    });
    $effect(() => () => {
      this.hover(null);
      this.#choose(null);
    });
  }

  /** The time that another view points at. */
  get time(): number | null {
    const point = points.hovered ?? points.chosen;
    return point === null || point.of === this.#place ? null : point.time;
  }

  /** The key of the line that stands for that time here. */
  get line(): string | null {
    return this.time === null ? null : this.#view.lineAt(this.time);
  }

  /** Why no line here is of that time, in words; null when one is. */
  get missing(): string | null {
    const { time } = this;
    const view = this.#view;
    if (time === null || view.phase !== 'ready') return null;
    const times = (of: 'first_timestamp' | 'last_timestamp') =>
      view.containers.map(({ log }) => Date.parse(log[of] ?? '')).filter(Number.isFinite);
    const [firsts, lasts] = [times('first_timestamp'), times('last_timestamp')];
    const why = beyond(time, {
      rows: view.rows,
      atStart: view.atStart,
      atEnd: view.atEnd,
      first: firsts.length > 0 ? Math.min(...firsts) : null,
      last: lasts.length > 0 ? Math.max(...lasts) : null,
      over: view.range.ended || view.containers.every(({ state }) => state !== 'running'),
      inRange: view.range.holds(new Date(time).toISOString()),
      cleared: view.clearedAt !== null
    });
    const of = view.filter.query === '' ? 'lines' : 'matches';
    return why && beyondWords(time, why, of, preferences.zone);
  }

  /** The pointer is on a line of that time, or left the lines. */
  hover(time: number | null): void {
    points.hovered = pointed(points.hovered, this.#place, time);
  }

  /** Goes to a time (in the server's form), here and in the others; `led`: with what led to it above. */
  async goTo(bound: string, led = false): Promise<void> {
    await (led ? this.#scroller.leadTo(bound) : this.#view.toTime(bound));
    this.#choose(timeOfBound(bound, Date.now()));
  }

  #choose(time: number | null): void {
    points.chosen = pointed(
      untrack(() => points.chosen),
      this.#place,
      time
    );
  }
}

/** A view takes back what is its own, and nobody else's. */
function pointed(before: Point | null, of: ViewAddress, time: number | null): Point | null {
  if (time === null) return before?.of === of ? null : before;
  return before?.of === of && before.time === time ? before : { of, time };
}
