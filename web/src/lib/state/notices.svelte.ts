/** Short messages that stand over the page for a while; failures stay until they are dismissed. */

export interface Notice {
  id: number;
  tone: 'good' | 'bad';
  text: string;
  /** What can be done about it. */
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 5_000;
const NOTICES_MAX = 4;

class Notices {
  all = $state.raw<readonly Notice[]>([]);
  #next = 1;

  say(tone: Notice['tone'], text: string): void {
    const id = this.#next++;
    this.all = [...this.all, { id, tone, text }].slice(-NOTICES_MAX);
    if (tone === 'good') setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  /** Something that can be done about it stays until it is done or dismissed. */
  offer(text: string, label: string, run: () => void): void {
    this.all = [...this.all, { id: this.#next++, tone: 'good' as const, text, action: { label, run } }].slice(
      -NOTICES_MAX
    );
  }

  dismiss(id: number): void {
    this.all = this.all.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
