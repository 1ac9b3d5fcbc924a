/** Fields that a service's lines show as columns: remembered in this browser, and part of a view's address. */
import { keep, keptJson } from './kept';

export const COLUMNS_MAX = 4;
/** Services remembered; those that were set longest ago go. */
const SERVICES_MAX = 100;
const KEY = 'columns';

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
  keep(KEY, JSON.stringify(Object.fromEntries(next)));
}

function read(): Remembered {
  const value = keptJson(KEY);
  return typeof value === 'object' && value !== null ? (value as Remembered) : {};
}
