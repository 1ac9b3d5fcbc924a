/** The elements that rows are drawn in: the scroller, its spacer and the layer that carries the rows. */
import { ROW_PX, type RowHeights } from '$lib/logs/heights';

export interface ScrollElements {
  scroller: HTMLElement;
  spacer: HTMLElement;
  layer: HTMLElement;
}

export class ScrollLayer {
  viewport = 0;
  width = 0;
  /** The spacer's height. */
  height = 0;
  /** Rows hang on the spacer's lower edge, instead of standing at a place of their own. */
  hanging = true;
  readonly element: HTMLElement;
  #scroller: HTMLElement;
  #spacer: HTMLElement;

  constructor({ scroller, spacer, layer }: ScrollElements) {
    this.#scroller = scroller;
    this.#spacer = spacer;
    this.element = layer;
  }

  get scrollTop(): number {
    return this.#scroller.scrollTop;
  }

  set scrollTop(px: number) {
    this.#scroller.scrollTop = px;
  }

  focus(): void {
    this.#scroller.focus({ preventScroll: true });
  }

  scrollBy(px: number): void {
    this.#scroller.scrollBy({ top: px });
  }

  hang(): void {
    const { style } = this.element;
    this.hanging = true;
    style.transform = '';
    style.top = 'auto';
    style.bottom = '0px';
    // A log that does not fill the screen begins at its upper edge.
    style.minHeight = `${this.viewport}px`;
  }

  standAt(top: number): void {
    const { style } = this.element;
    if (this.hanging) {
      this.hanging = false;
      style.bottom = 'auto';
      style.top = '0px';
      style.minHeight = '';
    }
    style.transform = `translateY(${top}px)`;
  }

  setHeight(px: number): void {
    if (px === this.height) return;
    this.height = px;
    this.#spacer.style.height = `${px}px`;
  }

  /** Reads the scroller's size. Returns whether its width changed. */
  resize(): boolean {
    const { clientHeight, clientWidth } = this.#scroller;
    const widened = clientWidth !== this.width;
    this.viewport = clientHeight;
    this.width = clientWidth;
    if (this.hanging) this.hang();
    return widened;
  }

  /** Measures rows that were not yet. Returns whether any height was news. */
  measure(heights: RowHeights): boolean {
    let news = false;
    for (const [element, key] of this.#rows()) {
      if (!heights.has(key)) news = heights.measure(key, element.getBoundingClientRect().height) || news;
    }
    return news;
  }

  /** Characters that a row of a line's text holds; 0 when lines do not wrap. */
  columns(): number {
    if (this.#scroller.classList.contains('nowrap')) return 0;
    const body = this.element.querySelector<HTMLElement>('.l > p');
    const probe = this.#scroller.querySelector<HTMLElement>('.probe');
    if (!body || !probe || probe.offsetWidth === 0) return Math.max(20, Math.floor(this.width / 8));
    // The probe is 100 characters wide.
    return Math.max(1, Math.floor(body.clientWidth / (probe.getBoundingClientRect().width / 100)));
  }

  /** Rows that are wholly on the screen, from top to bottom. */
  keysOnScreen(): string[] {
    const frame = this.#scroller.getBoundingClientRect();
    return [...this.#rows()]
      .filter(([element]) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top >= frame.top - 1 && bottom <= frame.bottom + 1;
      })
      .map(([, key]) => key);
  }

  /** How far below the upper edge a row stands; null when it is not in the document. */
  topOf(key: string): number | null {
    for (const [element, is] of this.#rows()) {
      if (is === key) return element.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    }
    return null;
  }

  /** Rows that fit onto the screen. */
  get rowsOnScreen(): number {
    return Math.ceil(this.viewport / ROW_PX);
  }

  /** The keys of the first and the last row that are selected. */
  selectedKeys(): [string, string] | null {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const { startContainer, endContainer } = selection.getRangeAt(0);
    const start = this.#keyOf(startContainer);
    const end = this.#keyOf(endContainer);
    return start === null || end === null ? null : [start, end];
  }

  *#rows(): Generator<[HTMLElement, string]> {
    for (const element of this.element.children as HTMLCollectionOf<HTMLElement>) {
      const key = element.dataset['key'];
      if (key !== undefined) yield [element, key];
    }
  }

  #keyOf(node: Node): string | null {
    const element = node instanceof Element ? node : node.parentElement;
    const row = element?.closest<HTMLElement>('[data-key]');
    return row && this.element.contains(row) ? (row.dataset['key'] ?? null) : null;
  }
}
