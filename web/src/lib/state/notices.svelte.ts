/** Short messages that stand over the page for a while; failures stay until they are dismissed. */

export interface Notice {
  id: number;
  tone: 'good' | 'bad';
  text: string;
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

  dismiss(id: number): void {
    this.all = this.all.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
