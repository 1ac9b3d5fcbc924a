/**
 * What a log view holds of its logs: the window, where that stands in the whole, and the rows that are made of it.
 *
 * The window is `attached` while what comes in is added to it; a reader far above the end detaches it. With a filter the
 * window is of the lines that it finds. Numbers between them say little then: what the scale counts is taken as holding
 * matches as densely as the window does.
 *
 * It asks for nothing. Pages (`log-paging.ts`) and what comes in (`log-following.svelte.ts`) go into the window, and
 * `changed` makes the rows after that. Pixels are the scroller's business: it is told when rows changed.
 */
import { NOWHERE, type Position, before } from '$lib/logs/cursor';
import { lineAt } from '$lib/logs/line-at';
import type { Held } from '$lib/logs/place';
import { type Annotation, type LineRow, type Row, isNumbered } from '$lib/logs/rows';
import { dayOf } from '$lib/logs/time';
import { LogWindow } from '$lib/logs/window';
import { ApiError } from '$lib/transport/api';
import { edgeRow, rangeEnd } from './log-notes';
import { LogRows } from './log-rows.svelte';
import { LogScale } from './log-scale';
import { LogScope } from './log-scope.svelte';
import { preferences } from './preferences.svelte';
import { session } from './session.svelte';

export class LogSpan extends LogScope {
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  failure = $state<{ code: string; detail: string } | null>(null);
  following = $state(true);
  /** Lines that came since the view stopped following. */
  unread = $state(0);
  clearedAt = $state<number | null>(null);
  focused = $state<string | null>(null);
  /** How many lines hide rules leave out among what is held; null when a filter makes that unknown. */
  hidden = $state<number | null>(0);
  /** Told after `rows` changed, inside the same frame. */
  onRows: () => void = () => undefined;
  /** Told after a jump: which row now stands for the place that was asked for. */
  onJump: (key: string | null) => void = () => undefined;

  readonly window = new LogWindow(dayOf(preferences.zone));
  readonly scale = new LogScale(() => this.containers, this.range);
  readonly shown = new LogRows(this.window);
  attached = true;
  /** The window is from the first line on that the view can show. */
  begins = false;
  /** Where Clear drew its line. */
  cleared: Position = NOWHERE;

  get rows(): readonly Row[] {
    return this.shown.list;
  }

  /** Lines lost that the view has told of. */
  get lost(): number {
    return this.shown.lost;
  }

  /** Which lines open the fold that they are in. */
  set isMarked(isMarked: (row: LineRow) => boolean) {
    this.shown.isMarked = isMarked;
  }

  /** Something is left out that is stored, and so counted and found. */
  get hidesSome(): boolean {
    return this.hiding && this.hidden !== 0;
  }

  /** Lines that the whole view holds in the store, and how many of them stand before the window. */
  get extent(): { lines: number; before: number } {
    const before = this.scale.before(this.window.low);
    if (!this.sparse) return { lines: this.scale.lines(this.window.high), before };
    const behind = this.attached ? 0 : this.scale.behind(this.window.high);
    const density = this.shown.density;
    return { lines: (before + behind) * density + this.rows.length, before: before * density };
  }

  /** The rows, and which numbers of each log they are all of. */
  get held(): Held {
    return { rows: this.rows, low: this.window.low, high: this.window.high };
  }

  /** The first number of each log. */
  get firsts(): Position {
    return this.scale.firsts();
  }

  /** Where the logs begin, for a view that has read up to there; one of a range has not. */
  get beginnings(): Position {
    return this.range.asked.since === null ? this.firsts : NOWHERE;
  }

  /** The number that comes next in each log. */
  get ends(): Position {
    return this.scale.ends(this.window.high);
  }

  get atStart(): boolean {
    return this.begins || this.clearedAt !== null;
  }

  get atEnd(): boolean {
    return this.attached;
  }

  /** Opens a long group, or folds it. */
  toggleFold(head: string): void {
    this.shown.toggleFold(head);
    this.following = false;
    this.moved();
    this.changed();
  }

  /** What is marked, and so which folds are open, changed. */
  refold(): void {
    if (this.phase === 'ready') this.changed();
  }

  /** The first line of a line's group; the line itself where that is not held. */
  headOf(row: LineRow): LineRow {
    return this.shown.headOf(row);
  }

  focus(key: string | null): void {
    this.focused = key;
    if (key === null) return;
    this.following = false;
    this.moved();
    // It stays open when the line is left: nothing folds away by itself.
    if (this.shown.unfold(key)) this.changed();
  }

  /** The reader went somewhere: where a filter took a line away is no longer where to go back to. */
  moved(): void {
    this.filter.origin = null;
  }

  /** The key of the line that was the newest at a time; null when that may be one that is not held. */
  lineAt(time: number): string | null {
    return lineAt(this.rows, time, this);
  }

  /** The zone changed: days begin elsewhere. */
  zoneChanged(): void {
    this.window.setDayOf(dayOf(preferences.zone));
    this.changed();
  }

  /** Where a row stands in each log; logs that say nothing before it begin behind it. */
  positionsAt(key: string): { before: Position; through: Position } | null {
    const at = this.window.positionsAt(key);
    if (!at) return null;
    const firsts = before(this.firsts);
    return { before: new Map([...firsts, ...at.before]), through: new Map([...firsts, ...at.through]) };
  }

  /** The rows as text, from one key to another: raw bodies. */
  linesBetween(from: string, to: string): LineRow[] {
    return this.shown.between(from, to);
  }

  /** Marks and notes, for their places in what is held. */
  annotate(annotations: readonly Annotation[]): void {
    if (this.window.annotate(annotations)) this.changed();
  }

  /** Shows what is held, with a row in its place; the first one for null. */
  show(key: string | null): void {
    this.phase = 'ready';
    this.following = false;
    this.#compose();
    this.onJump(key ?? this.rows[0]?.key ?? null);
  }

  /** Shows the end of what is held, and keeps to it. */
  follow(): void {
    this.phase = 'ready';
    this.following = true;
    this.unread = 0;
    this.window.trimStart();
    this.changed();
  }

  /** Something of it could not be read. */
  failed(error: unknown): void {
    session.noticed(error);
    if (!(error instanceof ApiError)) throw error;
    if (this.filter.refused(error.message)) return;
    this.filter.failed();
    this.failure = { code: error.code, detail: error.message };
    if (this.phase === 'loading') this.phase = 'failed';
  }

  /** The window is another: so are the rows. */
  changed(): void {
    this.#compose();
    this.onRows();
  }

  #compose(): void {
    const first = this.window.rows.find(isNumbered);
    const { since } = this.range.asked;
    const filtered = this.filter.query !== '';
    const edge = edgeRow(this.clearedAt, this.begins, first, this.containers, filtered, since !== null);
    const ends = this.range.ended && this.attached && first !== undefined;
    this.shown.compose(this.focused, edge, ends ? rangeEnd : null);
    if (this.hiding) this.hidden = filtered ? null : this.window.leftOut;
  }
}
