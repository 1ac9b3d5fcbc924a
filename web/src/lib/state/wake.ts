/**
 * Notices that the page was away: the network was, the tab was hidden, or the machine slept. A timer can't tell: while a
 * machine sleeps it stands still, and a connection that is long dead seems to live for as long as its patience lasts.
 */

const TICK_MS = 5_000;
/**
 * The server gives a connection up after a ping (15 s) and its patience (45 s) at the latest. Hidden tabs tick once a
 * minute, which is no sleep.
 */
const SLEPT_MS = 90_000;

export interface Woke {
  /** So long that the server has given the connection up. */
  slept: boolean;
}

/** Tells whenever there may be a connection again, or none any more. Returns what ends it. */
export function onWake(listener: (woke: Woke) => void): () => void {
  let ticked = Date.now();
  const look = (came: boolean) => {
    const slept = Date.now() - ticked > SLEPT_MS;
    ticked = Date.now();
    if (slept || came) listener({ slept });
  };
  const tick = setInterval(() => look(false), TICK_MS);
  const online = () => look(true);
  const shown = () => document.visibilityState === 'visible' && look(true);
  addEventListener('online', online);
  document.addEventListener('visibilitychange', shown);
  return () => {
    clearInterval(tick);
    removeEventListener('online', online);
    document.removeEventListener('visibilitychange', shown);
  };
}
