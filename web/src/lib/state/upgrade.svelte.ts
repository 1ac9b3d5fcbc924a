/**
 * A newer page on the server than the one that runs here. It is taken while nobody would notice: the tab is hidden or was
 * not touched for a while, every view follows, and nothing stands half typed. Until then a notice offers it.
 */
import { updated } from '$app/state';
import { notices } from './notices.svelte';
import { readersFollow } from './readers';

/** So long without a hand on the page is nobody before it. */
const IDLE_MS = 60_000;
const LOOK_MS = 5_000;
const TOUCHES = ['pointerdown', 'pointermove', 'wheel', 'keydown'] as const;
const TEXT = 'input:not([type="checkbox"], [type="radio"]), textarea, select';

class Upgrade {
  #available = false;
  #touched = Date.now();
  #connected = false;

  /** The server is there again: it may be another one. */
  async connected(): Promise<void> {
    // The first time it has just given the page out.
    const again = this.#connected;
    this.#connected = true;
    if (!again || this.#available || !(await updated.check())) return;
    this.#available = true;
    notices.offer('MiniMan was upgraded. This page is still the one from before.', 'Reload', () => location.reload());
    this.#look();
  }

  /** Reloads when it is time, until the returned function is called. */
  watch(): () => void {
    const touched = () => (this.#touched = Date.now());
    const look = () => this.#look();
    const timer = setInterval(look, LOOK_MS);
    for (const touch of TOUCHES) addEventListener(touch, touched, { passive: true, capture: true });
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      for (const touch of TOUCHES) removeEventListener(touch, touched, { capture: true });
      document.removeEventListener('visibilitychange', look);
    };
  }

  #look(): void {
    if (!this.#available) return;
    const idle = document.visibilityState === 'hidden' || Date.now() - this.#touched > IDLE_MS;
    if (idle && readersFollow() && !unfinished()) location.reload();
  }
}

/** Something is asked, typed or selected: a reload would take it away. */
function unfinished(): boolean {
  if (document.querySelector('dialog[open]') !== null || document.activeElement?.matches(TEXT)) return true;
  if (getSelection()?.isCollapsed === false) return true;
  const typed = document.querySelectorAll<HTMLInputElement>(`form :is(${TEXT}):not([type="search"], select)`);
  return [...typed].some(({ value }) => value !== '');
}

export const upgrade = new Upgrade();
