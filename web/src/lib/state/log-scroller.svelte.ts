/**
 * Which rows of a log view are in the document, and where.
 *
 * Two modes. Following: the last rows hang on the spacer's lower edge, nothing is measured. Free: rows stand relative to
 * an anchor row whose place in the spacer is fixed, so whatever is added, removed, wrapped or measured elsewhere, what is
 * being read stays on its pixel. What the scrollbar means is set right while nothing moves.
 */
import { flushSync } from 'svelte';
import { RowHeights, ROW_PX } from '$lib/logs/heights';
import { type LineRow, isNumbered, type Row } from '$lib/logs/rows';
import { type Range, fractionAt, rowsWithin, scrollTopFor, spacerHeight, topOf } from '$lib/logs/scroll';
import type { LogView } from './log-view.svelte';
import { type ScrollElements, ScrollLayer } from './scroll-layer';

/** Rows are kept ready this far beyond the screen. */
const OVERSCAN_PX = 400;
/** Older and newer lines are asked for this many rows ahead. */
const PREFETCH_ROWS = 150;
/** After this long without scrolling the scrollbar may be set right. */
const IDLE_MS = 150;
/** Further than this many screens outside the window, a scroll is a jump. */
const JUMP_SCREENS = 2;
/** A scrollbar that is dragged passes many places; the one where it rests this long is loaded. */
const JUMP_REST_MS = 60;
/** A selection is kept in the document up to this many rows. */
const PINNED_ROWS_MAX = 2_000;

export class LogScroller {
  /** The rows in the document. */
  visible = $state.raw<readonly Row[]>([]);
  /** The time of the first row on the screen: its date stays visible. */
  topTime = $state<number | null>(null);
  /** The time of the last line on the screen. */
  bottomTime = $state<number | null>(null);
  /** The keys of the first and the last selected row. */
  selection: [string, string] | null = null;
  /** Where the next line that is jumped to comes to stand, in px below the upper edge; null: where such lines do. */
  landing: number | null = null;
  #view: LogView;
  #layer: ScrollLayer | null = null;
  #heights = new RowHeights();
  #anchor = { key: '', index: 0, top: 0 };
  #range: Range = { start: 0, end: 0, top: 0 };
  #lastTop = 0;
  /** A button is down on the rows: nothing moves away below it until it is up. */
  #held = false;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #jump: ReturnType<typeof setTimeout> | undefined;

  constructor(view: LogView) {
    this.#view = view;
    view.onRows = () => this.paint();
    view.onJump = (key) => this.#jumped(key);
  }

  attach(elements: ScrollElements): () => void {
    const layer = new ScrollLayer(elements);
    const onScroll = () => this.#scrolled(layer);
    const onSelection = () => this.#selected(layer);
    const observer = new ResizeObserver(() => (layer.resize() ? this.relayout() : this.paint()));
    this.#layer = layer;
    const onDown = (event: PointerEvent) => (this.#held = event.button === 0 && event.pointerType === 'mouse');
    const onUp = () => this.#release();
    elements.layer.addEventListener('pointerdown', onDown);
    addEventListener('pointerup', onUp);
    addEventListener('pointercancel', onUp);
    elements.scroller.addEventListener('scroll', onScroll, { passive: true });
    document.addEventListener('selectionchange', onSelection);
    observer.observe(elements.scroller);
    return () => {
      elements.scroller.removeEventListener('scroll', onScroll);
      document.removeEventListener('selectionchange', onSelection);
      removeEventListener('pointerup', onUp);
      removeEventListener('pointercancel', onUp);
      observer.disconnect();
      clearTimeout(this.#idle);
      clearTimeout(this.#jump);
      this.#layer = null;
    };
  }

  /** Puts the view's rows into the document. Called at most once a frame, outside of effects. */
  paint(): void {
    const layer = this.#layer;
    if (!layer || layer.viewport === 0 || document.visibilityState === 'hidden') return;
    if (this.#held && this.#view.following) return;
    if (this.#view.following) this.#paintEnd(layer);
    else this.#paintFree(layer);
    this.#prefetch();
  }

  /** Rows have other heights now: wrapping, the time column or the width changed. */
  relayout(): void {
    if (!this.#layer) return;
    if (!this.#view.following && this.#layer.hanging) this.#leaveEnd(this.#layer);
    this.#heights.reset(this.#layer.columns());
    this.paint();
  }

  /** A row was opened or folded. */
  changed(key: string): void {
    this.#heights.forget(key);
    this.paint();
  }

  page(direction: 1 | -1): void {
    if (this.#layer) this.#layer.scrollBy(direction * Math.max(ROW_PX, this.#layer.viewport - 2 * ROW_PX));
  }

  /** Brings a row of the window onto the screen, moving as little as possible. */
  reveal(key: string): void {
    const layer = this.#layer;
    const index = this.#view.rows.findIndex((row) => row.key === key);
    if (!layer || index === -1) return;
    if (layer.hanging) this.#leaveEnd(layer);
    const top = topOf(this.#anchor, index, this.#height);
    const bottom = top + this.#height(index);
    const from = layer.scrollTop;
    if (top < from) this.#scrollTo(layer, index, ROW_PX);
    else if (bottom > from + layer.viewport) layer.scrollTop = bottom - layer.viewport + ROW_PX;
    this.paint();
  }

  /** Goes to a time, with what led to it above: a third down the screen. */
  async leadTo(time: string): Promise<void> {
    this.landing = this.#layer && third(this.#layer);
    await this.#view.toTime(time);
    this.landing = null;
  }

  /**
   * Brings a time into sight that another view is at, and moves nothing when it is there. What the view is of stays as it
   * is: a time outside of its range, or of what Clear took away, is not gone to.
   */
  async showTime(time: number): Promise<void> {
    const view = this.#view;
    view.setFollowing(false);
    const key = view.lineAt(time);
    const bound = new Date(time).toISOString();
    if (key !== null) this.#showThirdDown(key);
    else if (view.clearedAt === null && view.range.holds(bound)) await this.leadTo(bound);
  }

  #showThirdDown(key: string): void {
    const layer = this.#layer;
    if (!layer || layer.keysOnScreen().includes(key)) return;
    if (layer.hanging) this.#leaveEnd(layer);
    const index = this.#view.rows.findIndex((row) => row.key === key);
    this.#scrollTo(layer, index, third(layer));
    this.paint();
  }

  /** Scrolls until a row stands so far below the upper edge. */
  #scrollTo(layer: ScrollLayer, index: number, below: number): void {
    // Rows that came in above may stand above the spacer's edge, where no scrolling leads to.
    const lacking = Math.ceil(below - topOf(this.#anchor, index, this.#height));
    if (lacking > 0) this.#shift(layer, lacking, layer.scrollTop + lacking);
    layer.scrollTop = topOf(this.#anchor, index, this.#height) - below;
  }

  /** The line that is being read: the focused one while it is on the screen, else the first whole one. */
  get reading(): LineRow | null {
    const keys = new Set(this.keysOnScreen());
    const lines = this.visible.filter((row) => row.kind === 'line' && keys.has(row.key)) as LineRow[];
    return lines.find(({ key }) => key === this.#view.focused) ?? lines[0] ?? null;
  }

  get width(): number {
    return this.#layer?.width ?? 0;
  }

  focus(): void {
    this.#layer?.focus();
  }

  /** How far below the upper edge a row of the document stands. */
  topOf(key: string): number | null {
    return this.#layer?.topOf(key) ?? null;
  }

  keysOnScreen(): string[] {
    return this.#layer?.keysOnScreen() ?? [];
  }

  #height = (index: number): number => {
    const row = this.#view.rows[index];
    return row ? this.#heights.of(row) : 0;
  };

  #paintEnd(layer: ScrollLayer): void {
    const rows = this.#view.rows;
    // Each row is at least one line high, so these always fill the screen.
    const count = layer.rowsOnScreen + 8;
    this.#show(rows.slice(-count));
    if (!layer.hanging) layer.hang();
    // A log that fits into the layer must be reachable in full; a longer one needs only about the right height.
    const few = rows.length <= count;
    const wanted = few ? layer.element.offsetHeight : Math.max(3 * layer.viewport, this.#wholeHeight(layer));
    if (few || Math.abs(wanted - layer.height) > layer.height / 100) layer.setHeight(wanted);
    const end = layer.height - layer.viewport;
    if (layer.scrollTop !== end) layer.scrollTop = end;
    this.#lastTop = end;
    this.#setTopTime(rows[rows.length - Math.min(rows.length, layer.rowsOnScreen)]);
    this.#setBottomTime(rows.slice(-1 - layer.rowsOnScreen));
  }

  /** From hanging on the end to standing by an anchor, without a pixel's move. */
  #leaveEnd(layer: ScrollLayer): void {
    const top = layer.element.offsetTop;
    const key = this.visible[0]?.key ?? '';
    const index = this.#indexOf(key, this.#view.rows.length - this.visible.length);
    layer.measure(this.#heights);
    this.#anchor = { key, index: Math.max(0, index), top };
    layer.standAt(top);
  }

  #paintFree(layer: ScrollLayer): void {
    if (layer.hanging) this.#leaveEnd(layer);
    const rows = this.#view.rows;
    if (rows.length === 0) return this.#show([]);
    const index = this.#indexOf(this.#anchor.key, this.#anchor.index);
    this.#anchor.index = index === -1 ? Math.min(this.#anchor.index, rows.length - 1) : index;
    const from = layer.scrollTop;
    const to = from + layer.viewport + OVERSCAN_PX;
    // Measuring may show that fewer or more rows fill the screen than their texts let expect.
    for (let round = 0; round < 3; round++) {
      this.#range = this.#pin(rowsWithin(this.#anchor, rows.length, this.#height, from - OVERSCAN_PX, to));
      this.#show(rows.slice(this.#range.start, this.#range.end));
      if (!layer.measure(this.#heights)) break;
    }
    this.#heights.prune(rows);
    this.#range.top = topOf(this.#anchor, this.#range.start, this.#height);
    layer.standAt(this.#range.top);
    this.#reanchor(rows, from);
    this.#setBottomTime(rows.slice(this.#range.start, this.#lastOnScreen(from + layer.viewport)));
    this.#fitHeight(layer, from);
    this.#clampStart(layer);
  }

  #show(rows: readonly Row[]): void {
    this.visible = rows;
    flushSync();
  }

  /** The anchor becomes the first whole row on the screen: what is above it may change, it may not move. */
  #reanchor(rows: readonly Row[], from: number): void {
    let top = this.#range.top;
    for (let index = this.#range.start; index < this.#range.end; index++) {
      const row = rows[index] as Row;
      if (top >= from && isNumbered(row)) {
        this.#anchor = { key: row.key, index, top };
        this.#setTopTime(row);
        return;
      }
      top += this.#height(index);
    }
  }

  /** The index behind the last row that begins above a place in the spacer. */
  #lastOnScreen(bottom: number): number {
    let { start: index, top } = this.#range;
    while (index < this.#range.end && top < bottom) top += this.#height(index++);
    return index;
  }

  #setBottomTime(shown: readonly Row[]): void {
    const last = shown.findLast((row) => row.kind === 'line');
    if (last) this.bottomTime = last.time;
  }

  #setTopTime(row: Row | undefined): void {
    if (row && row.time > 0) this.topTime = row.time;
  }

  /** The index of a key, searched outwards from where it was. */
  #indexOf(key: string, near: number): number {
    const rows = this.#view.rows;
    for (let distance = 0; distance <= rows.length; distance++) {
      if (rows[near + distance]?.key === key) return near + distance;
      if (rows[near - distance]?.key === key) return near - distance;
    }
    return -1;
  }

  #wholeHeight(layer: ScrollLayer): number {
    return spacerHeight(this.#view.extent.lines, this.#averageHeight(), layer.viewport);
  }

  /** The rows on the screen stand for the rest. */
  #averageHeight(): number {
    const sum = this.visible.reduce((px, row) => px + this.#heights.of(row), 0);
    return this.visible.length > 0 ? Math.max(ROW_PX, sum / this.visible.length) : ROW_PX;
  }

  #fitHeight(layer: ScrollLayer, from: number): void {
    const bottom = topOf(this.#anchor, this.#view.rows.length, this.#height);
    const wanted = this.#view.atEnd ? bottom : Math.max(this.#wholeHeight(layer), bottom + 2 * layer.viewport);
    // Never shorter than what is on the screen: the browser would move it.
    layer.setHeight(Math.max(wanted, from + layer.viewport));
  }

  /** The log's first row belongs at the spacer's upper edge; near it there is no waiting for a pause. */
  #clampStart(layer: ScrollLayer): void {
    const from = layer.scrollTop;
    const first = this.#range.start === 0;
    if (first && this.#view.atStart && this.#range.top > from) this.#shift(layer, -this.#range.top, 0);
    else if (from < layer.viewport && !(first && this.#range.top === 0)) this.#rebase();
  }

  /** Sets the scrollbar right: moves rows and scroll position by the same amount, so that nothing is seen to move. */
  #rebase(): void {
    const layer = this.#layer;
    if (!layer || layer.hanging || this.#view.rows.length === 0) return;
    const from = layer.scrollTop;
    const above = from - topOf(this.#anchor, 0, this.#height);
    if (this.#view.atStart) return this.#shift(layer, Math.round(above - from), Math.round(above));
    const { lines, before } = this.#view.extent;
    const average = this.#averageHeight();
    const whole = this.#wholeHeight(layer);
    // A log that is drawn in full length keeps exact distances; a longer one keeps the part.
    const place =
      lines * average <= whole
        ? before * average + above
        : scrollTopFor(before + above / average, lines, whole, layer.viewport);
    const wanted = Math.round(Math.max(place, layer.viewport * 2));
    if (Math.abs(wanted - from) >= layer.viewport / 2) this.#shift(layer, Math.round(wanted - from), wanted);
  }

  #shift(layer: ScrollLayer, by: number, scrollTop: number): void {
    if (by === 0) return;
    this.#anchor.top += by;
    this.#range.top += by;
    layer.setHeight(Math.max(layer.height, scrollTop + layer.viewport));
    layer.standAt(this.#range.top);
    layer.scrollTop = scrollTop;
    this.#lastTop = layer.scrollTop;
    this.#fitHeight(layer, this.#lastTop);
  }

  #scrolled(layer: ScrollLayer): void {
    const top = layer.scrollTop;
    const by = top - this.#lastTop;
    this.#lastTop = top;
    // What the scroller set itself comes back as an event too.
    if (Math.abs(by) < 1) return;
    this.#view.moved();
    if (this.#view.following) {
      if (top >= layer.height - layer.viewport - 1) return;
      this.#view.following = false;
    }
    this.#paintFree(layer);
    if (by > 0 && this.#endInView(layer)) this.#view.reachedEnd();
    this.#jumpIfFar(layer, top);
    this.#prefetch();
    this.#rebaseWhenIdle();
  }

  #rebaseWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rebase(), IDLE_MS);
  }

  #endInView(layer: ScrollLayer): boolean {
    if (!this.#view.atEnd || this.#range.end < this.#view.rows.length) return false;
    return topOf(this.#anchor, this.#range.end, this.#height) <= layer.scrollTop + layer.viewport + 2;
  }

  #jumpIfFar(layer: ScrollLayer, top: number): void {
    const far = JUMP_SCREENS * layer.viewport;
    const above = !this.#view.atStart && top + layer.viewport < topOf(this.#anchor, 0, this.#height) - far;
    const below = !this.#view.atEnd && top > topOf(this.#anchor, this.#view.rows.length, this.#height) + far;
    clearTimeout(this.#jump);
    if (!above && !below) return;
    const fraction = fractionAt(top, layer.height, layer.viewport);
    this.#jump = setTimeout(() => void this.#view.toFraction(fraction), JUMP_REST_MS);
  }

  #jumped(key: string | null): void {
    const layer = this.#layer;
    if (!layer) return;
    const index = this.#view.rows.findIndex((row) => row.key === key);
    if (layer.hanging) this.#leaveEnd(layer);
    // A line that was asked for stands a third down, with what led to it above.
    const offset = this.landing ?? (this.#view.focused === null ? 0 : third(layer));
    this.landing = null;
    this.#anchor = { key: key ?? '', index: Math.max(0, index), top: layer.scrollTop + offset };
    this.#paintFree(layer);
    // Below the last line there is nothing: what led to it fills the screen.
    const gap = layer.scrollTop + layer.viewport - topOf(this.#anchor, this.#view.rows.length, this.#height);
    if (this.#view.atEnd && gap > 0) {
      this.#anchor.top += gap;
      this.#paintFree(layer);
    }
    this.#prefetch();
    this.#rebaseWhenIdle();
  }

  #release(): void {
    if (!this.#held) return;
    this.#held = false;
    // After the click that this ends, so that it still meets its row.
    setTimeout(() => this.paint());
  }

  #prefetch(): void {
    if (this.#view.phase !== 'ready') return;
    const rows = this.#view.rows.length;
    if (this.#view.following) {
      // A screen that is not full, or nearly so.
      if (rows < 2 * PREFETCH_ROWS) void this.#view.older();
      return;
    }
    if (this.#range.start < PREFETCH_ROWS) void this.#view.older();
    if (this.#range.end > rows - PREFETCH_ROWS) void this.#view.newer();
  }

  /** A selection stays in the document while rows around it come and go. */
  #selected(layer: ScrollLayer): void {
    this.selection = layer.selectedKeys();
    if (this.selection && this.#view.following) {
      this.#view.following = false;
      this.paint();
    }
  }

  #pin(range: Range): Range {
    if (!this.selection) return range;
    const [start, end] = this.selection.map((key) => this.#indexOf(key, this.#range.start)) as [number, number];
    if (start === -1 || end === -1) return range;
    const from = Math.min(range.start, start);
    const to = Math.max(range.end, end + 1);
    return to - from > PINNED_ROWS_MAX ? range : { start: from, end: to, top: range.top };
  }
}

/** Where a line stands that was asked for: with some of what led to it above. */
const third = (layer: ScrollLayer) => Math.round(layer.viewport / 3);
