/** The page's own URLs: a view is named by names, so that it survives a recreation. */
import { path } from '$lib/paths';
import type { Container, Selectors } from '$lib/protocol/api';

/** The log of one container; by id when it is gone, because its name may serve another one now. */
export function containerHref({ id, name, present }: Pick<Container, 'id' | 'name' | 'present'>): string {
  return path(`/logs?container=${encodeURIComponent(present ? name : id.slice(0, 12))}`);
}

/** How a container is made. */
export function detailsHref({ name }: Pick<Container, 'name'>): string {
  return path(`/containers/${encodeURIComponent(name)}`);
}

export function stackHref(stack: string): string {
  return path(`/logs?stack=${encodeURIComponent(stack)}`);
}

export function serviceHref(stack: string, service: string): string {
  return `${stackHref(stack)}&service=${encodeURIComponent(service)}`;
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
