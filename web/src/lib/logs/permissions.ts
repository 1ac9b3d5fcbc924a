/** What may be allowed, in words. */
import type { Permission, Role } from '$lib/protocol/api';

/** In the order in which they are shown: each with what it is called and what that means. */
export const PERMISSIONS: readonly { permission: Permission; title: string; what: string }[] = [
  {
    permission: 'see_logs',
    title: 'See logs',
    what: 'containers, their state and their lines; nothing else goes without it'
  },
  { permission: 'see_details', title: 'See details', what: 'limits, mounts and networks' },
  { permission: 'see_environment', title: 'See the environment', what: 'variables and labels; secrets stay hidden' },
  { permission: 'export', title: 'Export', what: 'download logs as files' },
  { permission: 'act', title: 'Act', what: 'start, stop, restart, pause and unpause' },
  { permission: 'kill', title: 'Kill', what: 'end a container at once' },
  { permission: 'remove', title: 'Remove', what: 'remove containers' },
  { permission: 'manage', title: 'Manage', what: 'users, roles, tokens, settings and the audit' }
];

const BUILT_IN: Readonly<Record<string, string>> = {
  viewer: 'sees logs',
  operator: 'also starts, stops and restarts',
  admin: 'everything'
};

/** What a role allows, as half a sentence. */
export function allowed({ name, built_in, permissions }: Role): string {
  const known = built_in ? BUILT_IN[name] : undefined;
  if (known !== undefined) return known;
  if (permissions.length === 0) return 'nothing';
  const titles = PERMISSIONS.filter(({ permission }) => permissions.includes(permission)).map(({ title }) => title);
  return titles.join(', ').toLowerCase();
}

/** A scope's patterns as they are typed: one a line. */
export const patternsOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Whether a pattern looks whole, so that the server can be asked about it; what is wrong otherwise, it says best. */
export const looksWhole = (pattern: string): boolean => /^[^/]+\/(stack|service|name|label):./.test(pattern);
