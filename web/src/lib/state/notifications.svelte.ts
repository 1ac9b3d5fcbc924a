/** The browser's notifications of errors, which it shows only to whoever asked for them with a click. */
import { preferences } from './preferences.svelte';

/** `insecure`: over plain http no browser offers them; `unsupported`: this one has none for pages. */
export type NotificationState = 'on' | 'off' | 'blocked' | 'insecure' | 'unsupported';

/** Errors come in bursts: one notification tells of all that came since the last. */
const EVERY_MS = 10_000;
/** The next one takes the place of the last. */
const TAG = 'miniman-errors';

class Notifications {
  #permission = $state<NotificationPermission>('Notification' in window ? Notification.permission : 'denied');
  #told = -Infinity;

  get state(): NotificationState {
    if (!isSecureContext) return 'insecure';
    if (!('Notification' in window)) return 'unsupported';
    if (this.#permission === 'denied') return 'blocked';
    return preferences.notify && this.#permission === 'granted' ? 'on' : 'off';
  }

  /** To be called by a click: the browser then asks. */
  async turnOn(): Promise<void> {
    this.#permission = await Notification.requestPermission();
    preferences.notify = this.#permission === 'granted';
  }

  turnOff(): void {
    preferences.notify = false;
  }

  tell(title: string, body: string): void {
    if (this.state !== 'on' || Date.now() - this.#told < EVERY_MS) return;
    this.#told = Date.now();
    try {
      const shown = new Notification(title, { body, tag: TAG });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      // Browsers of phones have the name and refuse the thing.
      preferences.notify = false;
    }
  }
}

export const notifications = new Notifications();
