/**
 * Where a log view stands in the page's URL.
 *
 * The page shows up to four views side by side. The first is the URL's own query; each further one is a query of its own
 * in a parameter `beside`. A view reads and writes its parameters here and nowhere else, so that it does not matter
 * which of them it is.
 */
import { createContext } from 'svelte';
import { goto } from '$app/navigation';
import { page } from '$app/state';
import { ownPath, path } from '$lib/paths';

/** Views side by side: four of 80 characters are what a wide screen holds. */
export const VIEWS_MAX = 4;

const BESIDE = 'beside';

export interface ViewAddress {
  /** Selectors, filter and all else that the view's address holds. */
  readonly query: URLSearchParams;
  /** Which of the page's views it is, the first at 0. */
  readonly index: number;
  /** The page's title and the ids of the seed's controls are the first view's. */
  readonly first: boolean;
  /** The page's keys are for this view. */
  readonly active: boolean;
  /** Changes parameters of the address; null takes one out. It replaces the address; `push` lets Back undo it. */
  set(changes: Record<string, string | null>, push?: boolean): void;
  /** The view's own address, as a page of its own. */
  href(): URL;
}

export const [viewAddress, provideViewAddress] = createContext<ViewAddress>();

/** The queries of all views in a URL, the first one first. */
export function queriesOf(url: URL): URLSearchParams[] {
  const own = new URLSearchParams(url.searchParams);
  const beside = own.getAll(BESIDE).slice(0, VIEWS_MAX - 1);
  own.delete(BESIDE);
  return [own, ...beside.map((query) => new URLSearchParams(query))];
}

/** The page of these views. */
export function withQueries(url: URL, [own, ...beside]: readonly URLSearchParams[]): URL {
  const next = new URL(url);
  next.search = (own ?? '').toString();
  for (const query of beside) next.searchParams.append(BESIDE, query.toString());
  return next;
}

/** Changes of one moment become one navigation: the page's own URL follows later. */
let changed: { url: URL; push: boolean } | null = null;

function change(edit: (queries: URLSearchParams[]) => void, push: boolean): void {
  if (changed === null) queueMicrotask(navigate);
  const url = changed?.url ?? page.url;
  const queries = queriesOf(url);
  edit(queries);
  changed = { url: withQueries(url, queries), push: push || (changed?.push ?? false) };
}

function navigate(): void {
  if (changed === null) return;
  const { url, push } = changed;
  changed = null;
  if (url.href !== page.url.href) void goto(url, { replaceState: !push, keepFocus: true, noScroll: true });
}

/** Which of the views the keys of the page are for. */
class ActiveView {
  index = $state(0);
}

export const activeView = new ActiveView();

/** The address of the view at a place, the first at 0. */
export function addressAt(index: number): ViewAddress {
  const query = $derived(queriesOf(page.url)[index] ?? new URLSearchParams());
  return {
    get query() {
      return query;
    },
    index,
    first: index === 0,
    get active() {
      return activeView.index === index;
    },
    set(changes, push = false) {
      change((queries) => {
        for (const [key, value] of Object.entries(changes)) {
          if (value === null) queries[index]?.delete(key);
          else queries[index]?.set(key, value);
        }
      }, push);
    },
    href: () => withQueries(index === 0 ? page.url : new URL(path('/logs'), page.url), [new URLSearchParams(query)])
  };
}

/** Opens a view beside those that are open; false when there are as many as may be. */
export function openBeside(href: string): boolean {
  const url = ownPath(page.url) === '/logs' || ownPath(page.url).startsWith('/docker/logs/') ? page.url : null;
  const query = new URL(href, page.url).searchParams;
  if (url === null) {
    void goto(href);
    return true;
  }
  const queries = queriesOf(url);
  if (queries.length >= VIEWS_MAX) return false;
  activeView.index = queries.length;
  change((queries) => queries.push(query), true);
  return true;
}

/** Closes the view at a place; the next one moves up. */
export function closeView(index: number): void {
  activeView.index = 0;
  const queries = queriesOf(page.url).filter((_, at) => at !== index);
  void goto(withQueries(new URL(path('/logs'), page.url), queries));
}
