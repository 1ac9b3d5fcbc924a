/** Which lines show their fields below them, and which levels of those are open: by row, as rows come and go. */
import { SvelteMap } from 'svelte/reactivity';
import { LEVEL_ENTRIES, type TreeNode, isOpenAtFirst } from '$lib/logs/field-tree';

/** Trees kept open; each may be a screen high, so this is more than anybody comes back to. */
const TREES_MAX = 200;

/** By node: whether it is open, and how many entries of it are shown. */
type Levels = SvelteMap<string, { open: boolean; entries: number }>;

export class OpenTrees {
  #trees = new SvelteMap<string, Levels>();
  #changed: (row: string) => void;

  /** `changed` is told which row has another height now. */
  constructor(changed: (row: string) => void) {
    this.#changed = changed;
  }

  isOpen(row: string): boolean {
    return this.#trees.has(row);
  }

  toggle(row: string): void {
    if (!this.#trees.delete(row)) {
      const [oldest] = this.#trees.keys();
      if (this.#trees.size >= TREES_MAX && oldest !== undefined) this.toggle(oldest);
      this.#trees.set(row, new SvelteMap());
    }
    this.#changed(row);
  }

  isLevelOpen(row: string, node: TreeNode): boolean {
    return this.#trees.get(row)?.get(node.id)?.open ?? isOpenAtFirst(node);
  }

  entries(row: string, node: TreeNode): number {
    return this.#trees.get(row)?.get(node.id)?.entries ?? LEVEL_ENTRIES;
  }

  toggleLevel(row: string, node: TreeNode): void {
    const open = !this.isLevelOpen(row, node);
    this.#trees.get(row)?.set(node.id, { open, entries: this.entries(row, node) });
    this.#changed(row);
  }

  showMore(row: string, node: TreeNode): void {
    const entries = this.entries(row, node) + LEVEL_ENTRIES;
    this.#trees.get(row)?.set(node.id, { open: true, entries });
    this.#changed(row);
  }
}
