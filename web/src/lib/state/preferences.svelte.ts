/** What the reader set in this browser. Kept in local storage; a browser that keeps nothing gets the defaults. */
import type { TimeFormat, Zone } from '$lib/logs/time';

export type Theme = 'light' | 'dark' | 'system';

const PREFIX = 'miniman.';

function stored<T extends string>(key: string, allowed: readonly T[], fallback: T): T {
  try {
    const value = localStorage.getItem(PREFIX + key) as T | null;
    return value !== null && allowed.includes(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // Private windows may refuse: the setting then holds until the page is left.
  }
}

const SWITCH = ['on', 'off'] as const;

class Preferences {
  #theme = $state<Theme>(stored('theme', ['light', 'dark', 'system'], 'system'));
  #zone = $state<Zone>(stored('zone', ['local', 'utc'], 'local'));
  #timeFormat = $state<TimeFormat>(stored('time', ['time', 'datetime', 'iso'], 'time'));
  #wrap = $state(stored('wrap', SWITCH, 'on') === 'on');
  #sidebar = $state(stored('sidebar', SWITCH, 'on') === 'on');
  #histogram = $state(stored('histogram', SWITCH, 'on') === 'on');
  #findHint = stored('find-hint', SWITCH, 'on') === 'on';
  #letterKeys = $state(stored('keys', SWITCH, 'on') === 'on');

  get theme() {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    store('theme', theme);
    this.applyTheme();
  }

  get zone() {
    return this.#zone;
  }
  set zone(zone: Zone) {
    this.#zone = zone;
    store('zone', zone);
  }

  get timeFormat() {
    return this.#timeFormat;
  }
  set timeFormat(format: TimeFormat) {
    this.#timeFormat = format;
    store('time', format);
  }

  get wrap() {
    return this.#wrap;
  }
  set wrap(wrap: boolean) {
    this.#wrap = wrap;
    store('wrap', wrap ? 'on' : 'off');
  }

  get sidebar() {
    return this.#sidebar;
  }
  set sidebar(open: boolean) {
    this.#sidebar = open;
    store('sidebar', open ? 'on' : 'off');
  }

  get histogram() {
    return this.#histogram;
  }
  set histogram(shown: boolean) {
    this.#histogram = shown;
    store('histogram', shown ? 'on' : 'off');
  }

  /** Whether what the browser's own find sees is still to be said. True once. */
  takeFindHint(): boolean {
    const due = this.#findHint;
    this.#findHint = false;
    store('find-hint', 'off');
    return due;
  }

  /** Single-letter keys can be switched off, for those whose assistive technology needs them. */
  get letterKeys() {
    return this.#letterKeys;
  }
  set letterKeys(on: boolean) {
    this.#letterKeys = on;
    store('keys', on ? 'on' : 'off');
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
    document.documentElement.dataset['theme'] = this.#theme === 'system' ? system : this.#theme;
  }
}

export const preferences = new Preferences();
