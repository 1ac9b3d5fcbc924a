/** The list of suggestions below a query field: what is in it, and which one the arrow keys are on. */
import { type Completion, type Known, type Suggestion, completionAt } from '$lib/logs/completion';

export class Completer {
  completion = $state.raw<Completion | null>(null);
  /** None at first, so that Enter applies what was typed. */
  active = $state(-1);
  #known: () => Known;

  constructor(known: () => Known) {
    this.#known = known;
  }

  get open(): boolean {
    return this.completion !== null;
  }

  get chosen(): Suggestion | null {
    return this.completion?.suggestions[this.active] ?? null;
  }

  /** Shows what may stand at the caret. */
  show(text: string, caret: number): void {
    this.completion = completionAt(text, caret, this.#known());
    this.active = -1;
  }

  close(): void {
    this.completion = null;
    this.active = -1;
  }

  /** Goes to the next suggestion or the one before; beyond the ends is what was typed. */
  move(by: 1 | -1): void {
    const count = this.completion?.suggestions.length ?? 0;
    this.active = ((this.active + 1 + by + count + 1) % (count + 1)) - 1;
  }
}
