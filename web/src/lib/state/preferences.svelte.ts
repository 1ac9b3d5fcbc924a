/** What the reader set in this browser. A browser that keeps nothing gets the defaults. */
import type { TimeFormat, Zone } from '$lib/logs/time';
import { keep, kept } from './kept';

export type Theme = 'light' | 'dark' | 'system';

function stored<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  const value = kept(key) as T | null;
  return value !== null && allowed.includes(value) ? value : fallback;
}

const SWITCH = ['on', 'off'] as const;

class Preferences {
  #theme = $state<Theme>(stored('theme', ['light', 'dark', 'system'], 'system'));
  #zone = $state<Zone>(stored('zone', ['local', 'utc'], 'local'));
  #timeFormat = $state<TimeFormat>(stored('time', ['time', 'datetime', 'iso'], 'time'));
  #wrap = $state(stored('wrap', SWITCH, 'on') === 'on');
  #sidebar = $state(stored('sidebar', SWITCH, 'on') === 'on');
  #histogram = $state(stored('histogram', SWITCH, 'on') === 'on');
  #notify = $state(stored('notify', SWITCH, 'off') === 'on');
  #findHint = stored('find-hint', SWITCH, 'on') === 'on';
  #letterKeys = $state(stored('keys', SWITCH, 'on') === 'on');

  get theme() {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    keep('theme', theme);
    this.applyTheme();
  }

  get zone() {
    return this.#zone;
  }
  set zone(zone: Zone) {
    this.#zone = zone;
    keep('zone', zone);
  }

  get timeFormat() {
    return this.#timeFormat;
  }
  set timeFormat(format: TimeFormat) {
    this.#timeFormat = format;
    keep('time', format);
  }

  get wrap() {
    return this.#wrap;
  }
  set wrap(wrap: boolean) {
    this.#wrap = wrap;
    keep('wrap', wrap ? 'on' : 'off');
  }

  get sidebar() {
    return this.#sidebar;
  }
  set sidebar(open: boolean) {
    this.#sidebar = open;
    keep('sidebar', open ? 'on' : 'off');
  }

  get histogram() {
    return this.#histogram;
  }
  set histogram(shown: boolean) {
    this.#histogram = shown;
    keep('histogram', shown ? 'on' : 'off');
  }

  /** Errors that come while the page is not looked at are told by the browser. */
  get notify() {
    return this.#notify;
  }
  set notify(on: boolean) {
    this.#notify = on;
    keep('notify', on ? 'on' : 'off');
  }

  /** Whether what the browser's own find sees is still to be said. True once. */
  takeFindHint(): boolean {
    const due = this.#findHint;
    this.#findHint = false;
    keep('find-hint', 'off');
    return due;
  }

  /** Single-letter keys can be switched off, for those whose assistive technology needs them. */
  get letterKeys() {
    return this.#letterKeys;
  }
  set letterKeys(on: boolean) {
    this.#letterKeys = on;
    keep('keys', on ? 'on' : 'off');
  }

  /** Follows the system's theme while that is wanted. Returns what ends it. */
  watchTheme(): () => void {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const change = () => this.applyTheme();
    dark.addEventListener('change', change);
    this.applyTheme();
    return () => dark.removeEventListener('change', change);
  }

  applyTheme(): void {
    const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    const root = document.documentElement;
    root.dataset['theme'] = this.#theme === 'system' ? system : this.#theme;
    // What a browser or a system draws around the page.
    const colour = getComputedStyle(root).getPropertyValue('--surface');
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', colour);
  }
}

export const preferences = new Preferences();
