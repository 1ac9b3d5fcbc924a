/** The table of containers: its columns' order, and what two containers are compared by. */
import type { Container, ContainerStats } from '$lib/protocol/api';
import { stateWords } from './tree';

export const SORTS = [
  'name',
  'state',
  'cpu',
  'memory',
  'network',
  'restarts',
  'image',
  'lines',
  'errors',
  'error'
] as const;

export type SortKey = (typeof SORTS)[number];

export interface Sort {
  key: SortKey;
  descending: boolean;
}

export type StatsOf = (container: Container) => ContainerStats | undefined;

/** Words begin at A; of figures and times the highest are looked for. */
const ASCENDING_FIRST = new Set<SortKey>(['name', 'state', 'image']);

/** Reads `cpu` and `-cpu` (descending), as the page's URL has it; null: by stack. */
export function sortOf(text: string | null): Sort | null {
  const descending = text?.startsWith('-') ?? false;
  const key = SORTS.find((known) => known === (descending ? text?.slice(1) : text));
  return key ? { key, descending } : null;
}

export const sortText = ({ key, descending }: Sort) => (descending ? '-' : '') + key;

/** What a click on a column's head leads to: its own order, the other way round, then by stack again. */
export function nextSort(sort: Sort | null, key: SortKey): Sort | null {
  const first = !ASCENDING_FIRST.has(key);
  if (sort?.key !== key) return { key, descending: first };
  return sort.descending === first ? { key, descending: !first } : null;
}

function valueOf(container: Container, key: SortKey, stats: ContainerStats | undefined): number | string | null {
  const { log } = container;
  switch (key) {
    case 'name':
      return container.name;
    case 'state':
      return stateWords(container);
    case 'cpu':
      return stats?.cpu_cores ?? null;
    case 'memory':
      return stats?.memory_bytes ?? null;
    case 'network':
      return typeof stats?.received_per_sec === 'number' ? stats.received_per_sec + (stats.sent_per_sec ?? 0) : null;
    case 'restarts':
      return container.restart_count;
    case 'image':
      return container.image;
    case 'lines':
      return container.present ? log.rate : null;
    case 'errors':
      return log.errors_15m;
    case 'error':
      return log.last_error ? Date.parse(log.last_error.timestamp) : null;
  }
}

/** Sorted; what has no value stands last whichever way round, and equals by name. */
export function sorted(containers: readonly Container[], { key, descending }: Sort, stats: StatsOf): Container[] {
  const valued = containers.map((container) => ({ container, value: valueOf(container, key, stats(container)) }));
  const byName = (a: Container, b: Container) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1);
  valued.sort((a, b) => {
    if (a.value === b.value) return byName(a.container, b.container);
    if (a.value === null) return 1;
    if (b.value === null) return -1;
    return a.value < b.value === descending ? 1 : -1;
  });
  return valued.map(({ container }) => container);
}

/** `31%` of a core, as `docker stats` has it; `0.4%` below ten. */
export function percent(cores: number): string {
  const value = cores * 100;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}%`;
}
