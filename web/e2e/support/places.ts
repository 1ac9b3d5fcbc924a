/** The page's places, each by name: axe looks at them in the specs, and `cargo xtask screenshots` takes their pictures. */
import type { Page } from '@playwright/test';
import { talkative } from './docker';
import { expect } from './test';
import type { Options } from './docker';

export interface Place {
  name: string;
  path: string;
  /** What shows that it is all there. */
  ready: (page: Page) => Promise<void>;
  /** It stands before the login. */
  outside?: true;
}

const heading = (name: string) => (page: Page) => expect(page.getByRole('heading', { name })).toBeVisible();
const lines = (page: Page) => expect(page.locator('.log .l').nth(10)).toBeVisible();
const containerRow = (page: Page) => expect(page.getByRole('row', { name: /web-1/ }).first()).toBeVisible();

export const places: Place[] = [
  { name: 'containers', path: '/', ready: containerRow },
  { name: 'log', path: '/logs?container=e2elook-web-1', ready: lines },
  { name: 'stack', path: '/logs?stack=e2elook', ready: lines },
  { name: 'operations', path: '/operations', ready: heading('Operations') },
  { name: 'settings', path: '/settings', ready: containerRow },
  {
    name: 'preferences',
    path: '/settings/preferences',
    ready: (page) => expect(page.getByRole('group', { name: 'Theme' })).toBeVisible()
  },
  {
    name: 'details',
    path: '/containers/e2elook-web-1',
    ready: (page) => expect(page.getByRole('region', { name: 'Environment' })).toBeVisible()
  },
  {
    name: 'beside',
    path: '/logs?container=e2elook-web-1&beside=stack%3De2elook',
    ready: (page) => expect(page.locator('.log').nth(1).locator('.l').nth(1)).toBeVisible()
  },
  {
    name: 'users',
    path: '/settings/users',
    ready: (page) => expect(page.getByRole('row', { name: /^admin/ })).toBeVisible()
  },
  {
    name: 'roles',
    path: '/settings/roles',
    ready: (page) => expect(page.getByRole('row', { name: /^operator/ })).toBeVisible()
  },
  {
    name: 'tokens',
    path: '/settings/tokens',
    ready: (page) => expect(page.getByRole('button', { name: 'New token' })).toBeVisible()
  },
  {
    name: 'account',
    path: '/settings/account',
    ready: (page) => expect(page.getByRole('row', { name: /this browser/ })).toBeVisible()
  },
  {
    name: 'audit',
    path: '/settings/audit',
    ready: (page) => expect(page.getByRole('table', { name: 'Audit' })).toBeVisible()
  },
  { name: 'login', path: '/login', ready: heading('Log in'), outside: true },
  { name: 'setup', path: '/setup#x', ready: heading('Welcome'), outside: true }
];

const sample =
  `echo '{"level":"warn","msg":"upstream slow","service":"OrderService","took":"812ms"}'; ` +
  `echo 'ERROR connection reset by peer order_id=7559086 trace=e4093df8' >&2; ${talkative(60)}`;

/** The containers that the places show. */
export const shown: Options[] = [
  { name: 'e2elook-web-1', script: sample, stack: 'e2elook', service: 'web' },
  { name: 'e2elook-db-1', script: talkative(30), stack: 'e2elook', service: 'db' }
];

/** What is outside has no session. */
export const NOBODY = { cookies: [], origins: [] };
