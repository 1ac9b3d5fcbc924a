/** What can be done with a line of one view: its fields, columns of them, copies, links, rules that hide its like. */
import { untrack } from 'svelte';
import { stripControls } from '$lib/logs/ansi';
import { fieldTerm, withTerm } from '$lib/logs/field-query';
import { type TreeNode, treeOf } from '$lib/logs/field-tree';
import type { LineRow } from '$lib/logs/rows';
import { copyText } from './clipboard';
import { containers } from './containers.svelte';
import { COLUMNS_MAX, columnsOf, rememberColumns, rememberedColumns } from './field-columns';
import { serviceOf, serviceWords } from './hide-rules.svelte';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';
import { notices } from './notices.svelte';
import { OpenTrees } from './open-trees.svelte';
import type { ViewAddress } from './view-address.svelte';

interface Commands {
  copyLink: (row: LineRow) => void;
  /** Shows what stands around the line. */
  context?: (row: LineRow) => void;
}

export class LineTools {
  readonly trees: OpenTrees;
  readonly commands: Commands;
  /** The line that rules like it are being made for. */
  hiding = $state.raw<LineRow | null>(null);
  #view: LogView;
  #scroller: LogScroller;
  #address: ViewAddress;
  columns = $derived.by(() => columnsOf(this.#address.query.get('columns')));

  constructor(view: LogView, scroller: LogScroller, address: ViewAddress, commands: Commands) {
    this.#view = view;
    this.#scroller = scroller;
    this.#address = address;
    this.commands = commands;
    this.trees = new OpenTrees((row) => scroller.changed(row));
  }

  /** Brings the columns back that the reader last chose for the service, unless the address names some. */
  open(): void {
    const service = this.#service;
    if (service === null || this.#address.query.has('columns')) return;
    const columns = rememberedColumns(service);
    if (columns.length > 0) this.#address.set({ columns: columns.join(',') });
  }

  /** Opens the line's fields, or closes them. False when it has none. */
  toggleTree({ key, record }: LineRow): boolean {
    if (!this.trees.isOpen(key) && treeOf(record.body) === null) return false;
    this.trees.toggle(key);
    return true;
  }

  /** Opens what the focused line has to open: its fields, or the rest of its group. */
  openFocused(): void {
    const { focused, rows } = this.#view;
    const at = rows.findIndex(({ key }) => key === focused);
    const row = rows[at];
    const next = rows[at + 1];
    if (row?.kind !== 'line' || this.toggleTree(row)) return;
    if (next?.kind === 'fold') this.#view.toggleFold(next.head);
  }

  filter({ field, value }: TreeNode, not: boolean): void {
    const term = fieldTerm(field, textOf(value));
    if (term !== null) this.#address.set({ filter: withTerm(this.#view.filter.wanted, term, not) }, true);
  }

  find({ field, value }: TreeNode): void {
    const term = fieldTerm(field, textOf(value));
    if (term !== null) this.#address.set({ find: term }, true);
  }

  toggleColumn(field: string): void {
    const { columns } = this;
    const without = columns.filter((column) => column !== field);
    if (without.length === columns.length && columns.length >= COLUMNS_MAX) {
      notices.say('bad', `There are ${COLUMNS_MAX} columns already: take one away first`);
      return;
    }
    const next = without.length < columns.length ? without : [...columns, field];
    this.#address.set({ columns: next.length > 0 ? next.join(',') : null });
    if (this.#service !== null) rememberColumns(this.#service, next);
  }

  async copy({ record }: LineRow): Promise<void> {
    const done = await copyText(stripControls(record.body));
    notices.say(done ? 'good' : 'bad', done ? 'Line copied' : 'This browser does not let the page copy');
  }

  /** Asks which lines like this one are to be hidden: rules look at a group's first line. */
  hide(row: LineRow): void {
    this.hiding = this.#view.headOf(row);
  }

  /** Hides by the rules that there are now, without moving what is read. */
  async ruled(): Promise<void> {
    this.hiding = null;
    await this.#view.setHiding(true, this.#scroller.reading);
  }

  /** Where a container's lines have their message. Not followed: a label never changes, and rows are not written anew. */
  messageField(containerId: string): string | null {
    return untrack(() => containers.byId(containerId)?.message_field ?? null);
  }

  /** The one service that the view is of. */
  get #service(): string | null {
    const services = new Set(this.#view.containers.map((container) => serviceWords(serviceOf(container))));
    const [only] = services;
    return services.size === 1 && only !== undefined ? only : null;
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
