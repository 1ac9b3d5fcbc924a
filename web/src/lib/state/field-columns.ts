/** Fields that a service's lines show as columns: remembered in this browser, and part of a view's address. */

export const COLUMNS_MAX = 4;
/** Services remembered; those that were set longest ago go. */
const SERVICES_MAX = 100;
const KEY = 'miniman.columns';

/** Field names of an address: separated by commas, which no field of the query language has. */
export function columnsOf(text: string | null): string[] {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  return [...new Set(names)].slice(0, COLUMNS_MAX);
}

type Remembered = Record<string, string[]>;

export function rememberedColumns(service: string): string[] {
  const columns = read()[service];
  return Array.isArray(columns) ? columnsOf(columns.join(',')) : [];
}

export function rememberColumns(service: string, columns: readonly string[]): void {
  const others = Object.entries(read()).filter(([name]) => name !== service);
  const kept = others.slice(-SERVICES_MAX + 1);
  const next = columns.length > 0 ? [...kept, [service, columns]] : kept;
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(next)));
  } catch {
    // Private windows may refuse: the address has them still.
  }
}

function read(): Remembered {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Remembered) : {};
  } catch {
    return {};
  }
}
