/** What this browser keeps for MiniMan. One that keeps nothing, as private windows may, has it until the page is left. */

const PREFIX = 'miniman.';

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/** What was kept as JSON; null without any, or when it is none. */
export function keptJson(key: string): unknown {
  try {
    return JSON.parse(kept(key) ?? 'null');
  } catch {
    return null;
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // The page goes on with what it has.
  }
}
