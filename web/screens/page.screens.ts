/**
 * `cargo xtask screenshots`: a picture of every place and state, in light, in dark and on a phone.
 *
 * A new place is a line in `e2e/support/places.ts`, a new state one here.
 */
import { appendFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { docker, quiet, type Options } from '../e2e/support/docker';
import { SCREENSHOTS } from '../e2e/support/environment';
import { NOBODY, type Place, places, shown } from '../e2e/support/places';
import { expect, test } from '../e2e/support/test';

interface State extends Place {
  /** What brings it about, before the page is opened. */
  before?: (page: Page, container: (options: Options) => string) => void | Promise<void>;
  /** What does once the page is open. */
  then?: (page: Page) => void | Promise<void>;
}

const text = (text: string | RegExp) => (page: Page) => expect(page.getByText(text).first()).toBeVisible();
const lines = (page: Page) => expect(page.locator('.log .l').first()).toBeVisible();
const answer = (path: string, status: number, json: unknown) => (page: Page) =>
  page.route(`**/api/v1/${path}`, (route) => route.fulfill({ status, json }));
/** Asked for and never answered, while the picture is taken. */
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
const full = ['The disk is nearly full: the oldest lines go early. Free some space.'];

/** Zeros in a log file, as a crash leaves them: what stood there is gone. */
function tear(_page: Page, container: (options: Options) => string): void {
  container({ name: 'screens-gap', script: 'seq 1 20' });
  docker('wait', 'screens-gap');
  const path = docker('inspect', '--format', '{{.LogPath}}', 'screens-gap');
  const line = { log: 'after the crash\n', stream: 'stdout', time: new Date().toISOString() };
  appendFileSync(path, '\0'.repeat(4_096) + '\n' + JSON.stringify(line) + '\n');
  docker('start', 'screens-gap');
}

const states: State[] = [
  ...places,
  { name: 'no-engine', path: '/', before: answer('containers', 200, noEngine), ready: text('no engine listens there') },
  { name: 'no-containers', path: '/', before: answer('containers', 200, nothing), ready: text(/No container/i) },
  {
    name: 'containers-failed',
    path: '/',
    before: answer('containers', 500, trouble),
    ready: text(/went wrong inside/)
  },
  {
    name: 'disk-full',
    path: '/',
    before: answer('containers', 200, { ...nothing, notices: full }),
    ready: text(/nearly full/)
  },
  { name: 'log-loading', path: '/logs?container=e2elook-web-1', before: silence('logs?*'), ready: text(/Reading/) },
  {
    name: 'log-failed',
    path: '/logs?container=e2elook-web-1',
    before: answer('logs?*', 500, trouble),
    ready: text(/went wrong inside/)
  },
  {
    name: 'log-silent',
    path: '/logs?container=screens-silent',
    before: (_, container) => void container({ name: 'screens-silent', script: 'exec sleep 100000' }),
    ready: text('has said nothing yet')
  },
  {
    name: 'log-unreadable',
    path: '/logs?container=screens-none',
    before: (_, container) => void container({ name: 'screens-none', script: quiet, extra: ['--log-driver', 'none'] }),
    ready: text('This log can’t be read')
  },
  { name: 'log-gap', path: '/logs?container=screens-gap', before: tear, ready: text(/damaged|could not be read/i) },
  { name: 'log-unknown', path: '/logs?container=no-such', ready: text('Nothing here is called') },
  {
    name: 'log-stopped',
    path: '/logs?container=screens-stopped',
    before: (_, container) => void container({ name: 'screens-stopped', script: 'seq 1 40; exit 137' }),
    ready: text('exited 137')
  },
  { name: 'no-match', path: '/logs?container=e2elook-web-1&filter=no-such-word', ready: text('Nothing matches') },
  { name: 'filtered', path: '/logs?container=e2elook-web-1&filter=line', ready: lines },
  {
    name: 'session-expired',
    path: '/logs?container=e2elook-web-1',
    ready: lines,
    then: async (page) => {
      await page.context().clearCookies();
      await expect(page.getByText('Your session has ended')).toBeVisible({ timeout: 20_000 });
    }
  },
  {
    name: 'reconnecting',
    path: '/logs?container=e2elook-web-1',
    ready: lines,
    then: async (page) => {
      await page.context().setOffline(true);
      await expect(page.getByText('reconnecting').first()).toBeVisible({ timeout: 50_000 });
    }
  }
];

const looks = [
  { look: 'light', colorScheme: 'light', viewport: { width: 1280, height: 760 } },
  { look: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 760 } },
  { look: 'phone', colorScheme: 'light', viewport: { width: 390, height: 780 } }
] as const;

for (const { look, colorScheme, viewport } of looks) {
  for (const { name, path, ready, outside = false, before, then } of states) {
    test.describe(look, () => {
      // What is drawn here is what goes wrong: the browser may say so.
      test.use({ colorScheme, viewport, refusals: /./, ...(outside ? { storageState: NOBODY } : {}) });

      test(name, async ({ page, container }) => {
        shown.forEach(container);
        await before?.(page, container);
        await page.goto(path);
        await ready(page);
        await then?.(page);
        await page.screenshot({ path: `${SCREENSHOTS}/${name}-${look}.png` });
      });
    });
  }
}
