/** Addresses of our own: everything may be served below a path (`--base-path`), which the page learns as it starts. */
import { base } from '$app/paths';

/** The address of a path that begins at MiniMan's own root: `/logs`. */
export const path = (own: string): string => `${base}${own}`;

/** The other way round: an address' path from MiniMan's own root on. */
export const ownPath = (url: URL): string => url.pathname.slice(base.length);
