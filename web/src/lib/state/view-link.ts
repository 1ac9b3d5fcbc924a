/** Links that mean the same later and elsewhere: names instead of ids, times instead of lengths before now. */
import { absolute } from '$lib/logs/range';
import { containerHref } from '$lib/logs/links';
import { path } from '$lib/paths';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { copyText } from './clipboard';
import type { LogView } from './log-view.svelte';
import { notices } from './notices.svelte';
import type { ViewAddress } from './view-address.svelte';

/** Copies a link to the view, or to a line in it, and says whether that went well. */
export async function copyLinkTo(view: LogView, address: ViewAddress, at: string | null): Promise<void> {
  try {
    const { href } = await linkTo(view, address, at);
    const done = await copyText(href);
    notices.say(done ? 'good' : 'bad', done ? 'Link copied' : 'This browser does not let the page copy');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    notices.say('bad', `The link could not be made: ${error.message}`);
  }
}

/** The view's own address; with a line's cursor, the address of that line in it. */
async function linkTo(view: LogView, address: ViewAddress, at: string | null): Promise<URL> {
  const own = address.href();
  const link = new URL(path('/logs'), own);
  link.search = own.search;
  const { searchParams } = link;
  // By name, so that the link survives a recreation, also where the address holds an id.
  const name = nameOf(view);
  if (name !== null) searchParams.set('container', name);
  if (view.filter.query === '') searchParams.delete('filter');
  else searchParams.set('filter', view.filter.query);
  const { since, until } = await fixed(view);
  for (const [key, value] of Object.entries({ since, until, at })) {
    if (value === null) searchParams.delete(key);
    else searchParams.set(key, value);
  }
  return link;
}

/** The view's address without the line that it is at. By name, also where the address holds an id. */
export function savedQuery(view: LogView, address: ViewAddress): string {
  const query = new URLSearchParams(address.query);
  query.delete('at');
  const name = nameOf(view);
  if (name !== null) query.set('container', name);
  return query.toString();
}

/** What an address calls the one container of a view. */
function nameOf({ container }: LogView): string | null {
  return container ? new URL(containerHref(container), location.href).searchParams.get('container') : null;
}

/** The view's range in times. A deploy or a restart is another one tomorrow; when it was, the server knows. */
async function fixed(view: LogView): Promise<{ since: string | null; until: string | null }> {
  const { asked } = view.range;
  const { since, until } = absolute(asked, Date.now());
  if (since === null || /^\d/.test(since)) return { since, until };
  const counts = await api.getHistogram(view.selectors, { since, buckets: 1 });
  return { since: counts.since, until };
}
