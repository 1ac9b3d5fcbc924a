/** What a place shows when something is missing or goes wrong: specs hold that each says so, screenshots draw them. */
import { appendFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { addUser, logIn } from './account';
import { docker, quiet, type Options } from './docker';
import type { Place } from './places';
import { expect } from './test';

export interface State extends Place {
  /** What brings it about, before the page is opened. */
  before?: (page: Page, container: (options: Options) => string) => unknown;
  /** What does once the page is open. */
  then?: (page: Page) => unknown;
}

/** Brings a state about and waits until it stands there. */
export async function openState(
  page: Page,
  { path, before, ready, then }: State,
  container: (options: Options) => string
): Promise<void> {
  await before?.(page, container);
  await page.goto(path);
  await ready(page);
  await then?.(page);
}

const SHOWN = 'e2elook-web-1';
const LOG = `/logs?container=${SHOWN}`;

const text = (text: string | RegExp) => (page: Page) => expect(page.getByText(text).first()).toBeVisible();
const heading = (name: string) => (page: Page) =>
  expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
const lines = (page: Page) => expect(page.locator('.log .l').first()).toBeVisible();
const answer = (path: string, status: number, json: unknown) => (page: Page) =>
  page.route(`**/api/v1/${path}`, (route) => route.fulfill({ status, json }));
/** Asked for and never answered, while the state is looked at. */
const silence = (path: string) => (page: Page) => page.route(`**/api/v1/${path}`, () => undefined);

const trouble = { code: 'internal', title: 'Internal error', status: 500, detail: 'something went wrong inside' };
const tried = [
  { endpoint: 'unix:///var/run/docker.sock', source: 'the default socket', error: 'no engine listens there' }
];
const noEngine = {
  containers: [],
  engines: [{ name: 'local', status: 'connecting', tried, error: null, since: null, version: null, kind: null }],
  notices: []
};
const nothing = { ...noEngine, engines: [{ ...noEngine.engines[0], status: 'connected', tried: [] }] };
const FULL = 'The disk is nearly full: the oldest lines go early. Free some space.';

/** One under way, one that went wrong in part, one that is done: a moment ago. */
function operations(): unknown[] {
  const at = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
  const target = (number: number, outcome: string, error: string | null = null) => ({
    container_id: `${number}`.repeat(64),
    name: `shop-web-${number}`,
    outcome,
    error,
    finished_at: outcome === 'pending' ? null : at(1)
  });
  const refused = 'driver failed programming external connectivity: port is already allocated';
  return [
    {
      action: 'restart',
      started_at: at(4),
      finished_at: null,
      outcome: 'pending',
      targets: [target(1, 'succeeded'), target(2, 'succeeded'), target(3, 'pending')]
    },
    {
      action: 'start',
      started_at: at(90),
      finished_at: at(88),
      outcome: 'failed',
      targets: [target(1, 'succeeded'), target(2, 'failed', refused)]
    },
    {
      action: 'stop',
      started_at: at(200),
      finished_at: at(189),
      outcome: 'succeeded',
      targets: [target(1, 'succeeded')]
    }
  ].map((operation, index) => ({ id: 3 - index, who: index === 1 ? 'admin (token deploy)' : 'admin', ...operation }));
}

interface List {
  containers: { name: string; present: boolean; log: { records: number; [key: string]: unknown } }[];
  notices: string[];
}

const shownLog = ({ containers }: List) =>
  containers.find(({ name, present, log }) => name === SHOWN && present && log.records > 0)?.log;

/** The list of containers as it is, but for what is changed in it. */
function amended(change: (list: List) => void) {
  return async (page: Page) => {
    let list: List = { containers: [], notices: [] };
    const read = async () => (list = (await (await page.request.get('/api/v1/containers')).json()) as List);
    await expect.poll(async () => shownLog(await read())).toBeDefined();
    change(list);
    await page.route('**/api/v1/containers', (route) => route.fulfill({ json: list }));
  };
}

/** Of the container whose log is open. */
const amendedLog = (log: Record<string, unknown>) => amended((list) => Object.assign(shownLog(list) ?? {}, log));

/** Zeros in a log file, as a crash leaves them: what stood there is gone. */
function tear(_page: Page, container: (options: Options) => string): void {
  container({ name: 'screens-gap', script: 'seq 1 20' });
  docker('wait', 'screens-gap');
  const path = docker('inspect', '--format', '{{.LogPath}}', 'screens-gap');
  const line = { log: 'after the crash\n', stream: 'stdout', time: new Date().toISOString() };
  appendFileSync(path, '\0'.repeat(4_096) + '\n' + JSON.stringify(line) + '\n');
  docker('start', 'screens-gap');
}

/** Somebody who may see one stack, in which there is nothing. */
async function somebodyElse(page: Page): Promise<void> {
  const user = { username: `e2e-narrow-${Date.now()}`, password: 'battery staple 7' };
  await addUser(page, user.username, user.password, ['local/stack:e2e-of-others']);
  await logIn(page, user);
}

async function cut(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await expect(page.getByText(/^\s*Connection lost at/)).toBeVisible();
}

export const states: State[] = [
  {
    name: 'setup-needed',
    path: '/login',
    before: answer('me', 403, { code: 'setup_required', title: '', status: 403, detail: 'there is no user yet' }),
    ready: heading('MiniMan has no user yet'),
    outside: true
  },
  {
    name: 'login-refused',
    path: '/login?error=no_role',
    before: answer('login', 200, { oidc: true }),
    ready: text('none of your groups has a role here'),
    outside: true
  },
  {
    name: 'unreachable',
    path: '/',
    before: (page) => page.route('**/api/v1/**', (route) => route.abort()),
    ready: heading('MiniMan does not answer')
  },
  { name: 'no-engine', path: '/', before: answer('containers', 200, noEngine), ready: text('no engine listens there') },
  { name: 'no-containers', path: '/', before: answer('containers', 200, nothing), ready: heading('No containers yet') },
  {
    name: 'everything-empty',
    path: '/logs',
    before: answer('containers', 200, nothing),
    ready: heading('No containers yet')
  },
  {
    name: 'everything-no-engine',
    path: '/logs',
    before: answer('containers', 200, noEngine),
    ready: text('no engine listens there')
  },
  {
    name: 'no-right',
    path: '/',
    before: somebodyElse,
    ready: heading('There is no container that you may see')
  },
  { name: 'no-right-log', path: LOG, before: somebodyElse, ready: heading(`Nothing here is called “${SHOWN}”`) },
  { name: 'no-right-settings', path: '/settings/users', before: somebodyElse, ready: text(/for admins/) },
  {
    name: 'containers-failed',
    path: '/',
    before: answer('containers', 500, trouble),
    ready: text(/went wrong inside/)
  },
  { name: 'disk-full', path: '/', before: amended(({ notices }) => notices.push(FULL)), ready: text(FULL) },
  { name: 'log-disk-full', path: LOG, before: amended(({ notices }) => notices.push(FULL)), ready: text(FULL) },
  { name: 'log-loading', path: LOG, before: silence('logs?*'), ready: text('Reading lines…') },
  {
    name: 'log-failed',
    path: LOG,
    before: answer('logs?*', 500, trouble),
    ready: heading('The log could not be read')
  },
  {
    name: 'log-silent',
    path: '/logs?container=screens-silent',
    before: (_, container) => void container({ name: 'screens-silent', script: 'exec sleep 100000' }),
    ready: heading('screens-silent has said nothing yet')
  },
  {
    name: 'log-unreadable',
    path: '/logs?container=screens-none',
    before: (_, container) => void container({ name: 'screens-none', script: quiet, extra: ['--log-driver', 'none'] }),
    ready: heading('This log can’t be read')
  },
  {
    name: 'log-by-api',
    path: LOG,
    before: amendedLog({
      source: 'api',
      source_detail:
        '/var/lib/docker/containers is not there: lines come by the API. If MiniMan runs in a container, mount it: ' +
        '-v /var/lib/docker/containers:/var/lib/docker/containers:ro.'
    }),
    ready: (page) => expect(page.getByRole('button', { name: /^read by API: .* mount it/ })).toBeVisible(),
    then: (page) => page.getByRole('button', { name: /^read by API/ }).click()
  },
  {
    name: 'log-history',
    path: LOG,
    before: amendedLog({ backfill: { done: false, bytes_read: 41_000_000, bytes_total: 3_900_000_000 } }),
    ready: lines,
    then: async (page) => {
      await page.locator('.log').press('g');
      await expect(page.getByText('Older lines are still being read: 41.0 MB of 3.9 GB')).toBeVisible();
    }
  },
  { name: 'log-gap', path: '/logs?container=screens-gap', before: tear, ready: text(/damaged|could not be read/i) },
  { name: 'log-unknown', path: '/logs?container=no-such', ready: heading('Nothing here is called “no-such”') },
  {
    name: 'log-stopped',
    path: '/logs?container=screens-stopped',
    before: (_, container) => void container({ name: 'screens-stopped', script: 'seq 1 40; exit 137' }),
    ready: (page) => expect(page.locator('.log').getByText(/exited 137/)).toBeVisible()
  },
  { name: 'no-match', path: `${LOG}&filter=no-such-word`, ready: heading('Nothing matches no-such-word') },
  { name: 'filtered', path: `${LOG}&filter=line`, ready: lines },
  {
    name: 'no-operations',
    path: '/operations',
    before: answer('operations?*', 200, { operations: [] }),
    ready: text(/^Nobody has/)
  },
  {
    name: 'operations-under-way',
    path: '/operations',
    before: (page) =>
      page.route('**/api/v1/operations?*', (route) => route.fulfill({ json: { operations: operations() } })),
    ready: text('under way, 2 of 3')
  },
  {
    name: 'operations-failed',
    path: '/operations',
    before: answer('operations?*', 500, trouble),
    ready: text(/The operations could not be read/)
  },
  {
    name: 'session-expired',
    path: LOG,
    ready: lines,
    then: async (page) => {
      await page.context().clearCookies();
      await expect(page.getByRole('dialog', { name: 'Your session has ended', exact: true })).toBeVisible();
    }
  },
  { name: 'reconnecting', path: LOG, ready: lines, then: cut },
  {
    name: 'upgraded',
    path: LOG,
    before: (page) => page.route('**/_app/version.json', (route) => route.fulfill({ json: { version: 'another' } })),
    ready: lines,
    then: async (page) => {
      await cut(page);
      await page.context().setOffline(false);
      await expect(page.getByRole('button', { name: 'Reload', exact: true })).toBeVisible();
    }
  }
];
