import type { Page } from '@playwright/test';
import { addUser, logIn } from './support/account';
import { flood, listening, say } from './support/docker';
import { PROVIDER } from './support/environment';
import { expect, openLog, placeOf, restingPlace, row, setHidden, test } from './support/test';

// What can't be reached is told on the console too, and so is a session that ended.
test.use({ refusals: /ERR_INTERNET_DISCONNECTED|status of 401/ });

const live = (page: Page) => page.locator('footer .live');

async function cut(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await expect(live(page)).toHaveText('○ reconnecting');
}

async function scrollUp(page: Page): Promise<{ key: string; place: number | null }> {
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -900);
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  return restingPlace(page);
}

/**
 * Waits until so many lines are stored, which the page may not know yet. Numbers don't tell: what a container had said when
 * it was first seen counts down from -1.
 */
async function stored(page: Page, name: string, lines: number): Promise<void> {
  const records = async () => {
    const { containers } = (await (await page.request.get('/api/v1/containers')).json()) as {
      containers: { name: string; present: boolean; log: { records: number } }[];
    };
    return containers.find((container) => container.present && container.name === name)?.log.records;
  };
  await expect.poll(records).toBe(lines);
}

test('a lost connection is told, and what was missed is filled in', async ({ page, container }) => {
  container({ name: 'e2e-cut', script: listening(100) });
  await openLog(page, 'e2e-cut');
  await expect(row(page, /line 99$/)).toBeVisible();
  await cut(page);
  await expect(page.getByText(/^\s*Connection lost at \d\d:\d\d:\d\d, reconnecting\./)).toBeVisible();
  const missed = Array.from({ length: 12 }, (_, index) => `missed ${index}`);
  say('e2e-cut', ...missed);
  await page.context().setOffline(false);
  await expect(live(page)).toHaveText('● live');
  await expect(row(page, /missed/).locator('p')).toHaveText(missed);
  say('e2e-cut', 'and on');
  await expect(row(page, 'and on')).toBeVisible();
});

test('a laptop that slept for an hour shows what was read to the pixel, and counts what came', async ({
  page,
  container
}) => {
  await page.clock.install();
  container({ name: 'e2e-sleep', script: listening(400) });
  await openLog(page, 'e2e-sleep');
  await expect(row(page, /line 399$/)).toBeVisible();
  const { key, place } = await scrollUp(page);
  await cut(page);
  say('e2e-sleep', ...Array.from({ length: 30 }, (_, index) => `asleep ${index}`));
  await page.clock.fastForward('01:00:00');
  await page.context().setOffline(false);
  await expect(page.getByRole('button', { name: '▼ 30 new lines', exact: true })).toBeVisible();
  expect(await placeOf(page, key)).toBe(place);
  await page.locator('.log').press('G');
  await expect(row(page, /asleep 29$/)).toBeVisible();
});

test('a laptop that slept while it followed is at the end at once, however much came', async ({ page, container }) => {
  await page.clock.install();
  container({ name: 'e2e-nap', script: listening(100) });
  await openLog(page, 'e2e-nap');
  await expect(row(page, /line 99$/)).toBeVisible();
  await cut(page);
  flood('e2e-nap', 100, 30_000);
  await stored(page, 'e2e-nap', 30_100);
  await page.clock.fastForward('08:00:00');
  await page.context().setOffline(false);
  await expect(row(page, /line 30099$/)).toBeVisible();
  await expect(page.locator('#auto-scroll')).toBeChecked();
});

test('a connection that died while the machine slept is given up when it wakes', async ({ page, container }) => {
  await page.clock.install();
  let connections = 0;
  // Whatever comes after the first lines of the first connection is lost, and nobody is told.
  let dead = false;
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const first = ++connections === 1;
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!(first && dead)) socket.send(message);
    });
  });
  container({ name: 'e2e-dead', script: listening(50) });
  await openLog(page, 'e2e-dead');
  await expect(row(page, /line 49$/)).toBeVisible();
  dead = true;
  say('e2e-dead', 'nobody heard this');
  await stored(page, 'e2e-dead', 51);
  await page.clock.fastForward('00:30:00');
  await expect(row(page, 'nobody heard this')).toHaveCount(1);
  expect(connections).toBe(2);
});

test('a hidden tab that comes back is at the end at once', async ({ page, container }) => {
  container({ name: 'e2e-hidden', script: listening(100) });
  await openLog(page, 'e2e-hidden');
  await expect(row(page, /line 99$/)).toBeVisible();
  await setHidden(page, true);
  flood('e2e-hidden', 100, 12_000);
  await stored(page, 'e2e-hidden', 12_100);
  await setHidden(page, false);
  await expect(row(page, /line 12099$/)).toBeInViewport();
  await expect(page.locator('#auto-scroll')).toBeChecked();
});

test('a session that ends asks to log in, and the page is where it was', async ({
  page,
  browser,
  baseURL,
  container
}) => {
  container({ name: 'e2e-session', script: listening(400) });
  const user = { username: `e2e-session-${Date.now()}`, password: 'battery staple 7' };
  await addUser(page, user.username, user.password);
  await logIn(page, user);
  await openLog(page, 'e2e-session');
  await expect(row(page, /line 399$/)).toBeVisible();
  const { key, place } = await scrollUp(page);
  const url = page.url();

  // Elsewhere, the same user ends all other sessions.
  const elsewhere = await browser.newContext({ baseURL: baseURL ?? '', storageState: { cookies: [], origins: [] } });
  const other = await elsewhere.newPage();
  await logIn(other, user);
  const origin = new URL(url).origin;
  expect((await other.request.delete('/api/v1/sessions', { headers: { Origin: origin } })).status()).toBe(204);
  await elsewhere.close();

  const dialog = page.getByRole('dialog', { name: 'Your session has ended', exact: true });
  await expect(dialog).toBeVisible();
  say('e2e-session', 'said meanwhile');
  await expect(dialog.getByLabel('User name')).toHaveValue(user.username);
  await dialog.getByLabel('Password').fill(user.password);
  await dialog.getByRole('button', { name: 'Log in', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('button', { name: '▼ 1 new line', exact: true })).toBeVisible();
  expect(await placeOf(page, key)).toBe(place);
  expect(page.url()).toBe(url);
  await page.locator('.log').press('G');
  await expect(row(page, 'said meanwhile')).toBeVisible();
});

test.describe('with a login at the organisation', () => {
  test.use({ storageState: { cookies: [], origins: [] }, elsewhere: PROVIDER });

  /** From wherever MiniMan offers it, through the provider's own page. */
  async function logInThere(page: Page): Promise<void> {
    await page.getByRole('link', { name: 'Log in with your organisation' }).click();
    await expect(page).toHaveURL((url) => url.origin === PROVIDER);
    await page.getByRole('link', { name: 'sub-ada', exact: true }).click();
  }

  test('a session that ends while an old line is read leads back to that line', async ({
    page,
    browser,
    baseURL,
    container
  }) => {
    expect(PROVIDER, 'MINIMAN_PROVIDER').not.toBe('');
    container({ name: 'e2e-provider', script: listening(3_000) });
    await page.goto('/login?next=%2Flogs%3Fcontainer%3De2e-provider');
    await logInThere(page);
    await expect(page).toHaveURL('/logs?container=e2e-provider');
    await expect(row(page, /^line 2999$/)).toBeVisible();
    // More than a page of lines before those that the view opens with.
    await page.locator('.log').press('g');
    const read = row(page, /^line 7$/);
    await read.click();
    await expect(read).toHaveClass(/sel/);

    const context = await browser.newContext({ baseURL: baseURL ?? '', storageState: { cookies: [], origins: [] } });
    const other = await context.newPage();
    await other.goto('/login');
    await logInThere(other);
    await expect(other.getByRole('heading', { name: 'Containers', exact: true })).toBeVisible();
    const origin = new URL(page.url()).origin;
    expect((await other.request.delete('/api/v1/sessions', { headers: { Origin: origin } })).status()).toBe(204);
    await context.close();

    await expect(page.getByRole('dialog', { name: 'Your session has ended', exact: true })).toBeVisible();
    say('e2e-provider', 'said meanwhile');
    // The provider has forgotten who was here, so that it asks.
    await page.context().clearCookies({ name: /^_session/ });
    await logInThere(page);
    await expect(page).toHaveURL((url) => url.pathname === '/logs' && url.searchParams.has('at'));
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(read).toBeInViewport();
    await expect(read).toHaveClass(/sel/);
    await expect(page.locator('#auto-scroll')).not.toBeChecked();
    await page.locator('.log').press('G');
    await expect(row(page, 'said meanwhile')).toBeVisible();
  });
});

test.describe('after an upgrade', () => {
  /** Told apart from the page that a reload brings. */
  const mark = (page: Page) => page.evaluate(() => Object.assign(window, { before: true }));
  const isBefore = (page: Page) => page.evaluate(() => 'before' in window);
  const reload = (page: Page) => page.getByRole('button', { name: 'Reload', exact: true });

  test.beforeEach(async ({ page }) => {
    await page.clock.install();
    await page.route('**/_app/version.json', (route) => route.fulfill({ json: { version: 'another' } }));
  });

  async function upgrade(page: Page): Promise<void> {
    await mark(page);
    await cut(page);
    await page.context().setOffline(false);
    await expect(reload(page)).toBeVisible();
  }

  test('a page that nobody touches loads the new one and stands at the same place', async ({ page, container }) => {
    container({ name: 'e2e-idle', script: listening(50) });
    await page.goto('/logs?container=e2e-idle&filter=line');
    await expect(live(page)).toHaveText('● live');
    await upgrade(page);
    const loaded = page.waitForEvent('load');
    await page.clock.fastForward('00:02:00');
    await loaded;
    expect(await isBefore(page)).toBe(false);
    await expect(page).toHaveURL('/logs?container=e2e-idle&filter=line');
    await expect(row(page, /line 49$/)).toBeVisible();
  });

  test('a page that is read or typed in stays, and offers it', async ({ page, container }) => {
    container({ name: 'e2e-kept', script: listening(400) });
    await openLog(page, 'e2e-kept');
    await expect(row(page, /line 399$/)).toBeVisible();
    await scrollUp(page);
    await upgrade(page);
    await page.clock.fastForward('00:10:00');
    await setHidden(page, true);
    expect(await isBefore(page)).toBe(true);
    await setHidden(page, false);

    await page.locator('.log').press('G');
    await expect(page.locator('#auto-scroll')).toBeChecked();
    await page.getByRole('combobox', { name: 'Filter', exact: true }).focus();
    await setHidden(page, true);
    expect(await isBefore(page)).toBe(true);
    await setHidden(page, false);
    const loaded = page.waitForEvent('load');
    await reload(page).click();
    await loaded;
    expect(await isBefore(page)).toBe(false);
    await expect(row(page, /line 399$/)).toBeVisible();
  });
});
