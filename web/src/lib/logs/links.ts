/** The page's own URLs: a view is named by names, so that it survives a recreation. */
import { path } from '$lib/paths';
import type { Container, Selectors } from '$lib/protocol/api';

/** The log of one container; by id when it is gone, because its name may serve another one now. */
export function containerHref({ id, name, present }: { id: string; name: string; present: boolean }): string {
  return path(`/logs?container=${encodeURIComponent(present ? name : id.slice(0, 12))}`);
}

/** How a container is made. */
export function detailsHref({ name }: { name: string }): string {
  return path(`/containers/${encodeURIComponent(name)}`);
}

export function stackHref(stack: string): string {
  return path(`/logs?stack=${encodeURIComponent(stack)}`);
}

export function serviceHref(stack: string, service: string): string {
  return `${stackHref(stack)}&service=${encodeURIComponent(service)}`;
}

/** What one row of the sidebar stands for. */
export interface Pick {
  stack: string | null;
  service: string | null;
  containers: readonly Container[];
}

/**
 * One view of everything that was picked. Services stay services, so that the view outlives their containers; where
 * stacks and services would select more than was picked, their containers are named.
 */
export function mergedHref(picks: readonly Pick[]): string {
  const stacks = new Set(picks.map(({ stack }) => stack));
  const [stack] = stacks;
  const query = new URLSearchParams();
  if (
    stacks.size === 1 &&
    stack &&
    picks.every(({ service, containers }) => service !== null && containers.length > 1)
  ) {
    query.append('stack', stack);
    for (const service of new Set(picks.map(({ service }) => service ?? ''))) query.append('service', service);
  } else {
    const containers = picks.flatMap(({ containers }) => containers);
    const names = containers.map(({ id, name, present }) => (present ? name : id.slice(0, 12)));
    for (const name of new Set(names)) query.append('container', name);
  }
  return path(`/logs?${query}`);
}

/** Selectors as they stand in a URL; names are not resolved yet. */
export function selectorsOf(query: URLSearchParams): Selectors {
  const all = (kind: string) => query.getAll(kind).filter((value) => value !== '');
  return { container: all('container'), stack: all('stack'), service: all('service'), engine: all('engine') };
}

/** Where to go after logging in: an own path, nothing else. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? path(next) : path('/');
}
