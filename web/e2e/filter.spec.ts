import AxeBuilder from '@axe-core/playwright';
import { docker } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, firstKey, note, openLog, placeOf, row, rows, test } from './support/test';
import type { Page } from '@playwright/test';

/** `count` lines, of which every 100th is an error; then what is written into `/say`, as it comes. */
const talks = (count: number) =>
  `i=0; while [ $i -lt ${count} ]; do if [ $((i % 100)) = 0 ]; then echo "ERROR Timeout of request $i"; else echo "INFO request $i"; fi; i=$((i+1)); done; ` +
  'mkfifo /tmp/say; while :; do cat /tmp/say; done';

const say = (name: string, text: string) => docker('exec', name, 'sh', '-c', `echo '${text}' > /tmp/say`);
const field = (page: Page) => page.getByLabel('Filter', { exact: true });
const searches = (page: Page) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname === '/api/v1/logs' && url.searchParams.has('query'))
      asked.push(url.searchParams.get('query') ?? '');
  });
  return asked;
};

test('only lines that match stay, those that come too', async ({ page, container }) => {
  container({ name: 'e2e-filter', script: talks(3_000) });
  await openLog(page, 'e2e-filter');
  await expect(row(page, /request 2999$/)).toBeVisible();

  await page.locator('.log').focus();
  await page.keyboard.press('&');
  await expect(field(page)).toBeFocused();
  await page.keyboard.type('timeout');
  await page.keyboard.press('Enter');
  await expect(rows(page)).toHaveCount(30);
  await expect(row(page, /request 2900$/).locator('mark')).toHaveText('Timeout');
  await expect(note(page, 'No older line matches')).toBeVisible();
  await expect(page).toHaveURL(/[?&]filter=timeout(&|$)/);
  await expect(page.locator('#auto-scroll')).toBeChecked();

  say('e2e-filter', 'INFO nothing to see');
  say('e2e-filter', 'WARN one more timeout');
  await expect(row(page, 'WARN one more timeout')).toBeVisible();
  await expect(rows(page)).toHaveCount(31);

  await page.reload();
  await expect(field(page)).toHaveValue('timeout');
  await expect(rows(page)).toHaveCount(31);

  await field(page).focus();
  await page.keyboard.press('Escape');
  await expect(row(page, 'INFO nothing to see')).toBeVisible();
  await expect(page).not.toHaveURL(/filter=/);
  await page.keyboard.press('Escape');
  await expect(page.locator('.log')).toBeFocused();
});

test('what is typed applies by itself, and the latest wins', async ({ page, container }) => {
  container({ name: 'e2e-filter-type', script: talks(300) });
  await openLog(page, 'e2e-filter-type');
  const asked = searches(page);
  await field(page).pressSequentially('request timeout', { delay: 20 });
  await expect(rows(page)).toHaveCount(3);
  await expect(page).toHaveURL(/filter=request(\+|%20)timeout/);
  expect(asked.at(-1)).toBe('request timeout');
});

test('what is found first is there before the rest is', async ({ page, container }) => {
  container({ name: 'e2e-filter-first', script: talks(3_000) });
  await openLog(page, 'e2e-filter-first');
  await expect(row(page, /request 2999$/)).toBeVisible();
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const isRest = ({ pathname, searchParams }: URL) =>
    pathname === '/api/v1/logs' && searchParams.get('query') === 'request' && Number(searchParams.get('limit')) > 60;
  await page.route(isRest, async (route) => {
    await released;
    await route.continue();
  });
  const rest = page.waitForRequest((request) => isRest(new URL(request.url())));
  await field(page).fill('request');
  await expect(row(page, /request 2999$/).locator('mark')).toHaveText('request');
  await rest;
  release();
  await page.locator('.log').focus();
  await page.keyboard.press('g');
  await expect(row(page, /request 0$/)).toBeInViewport();
});

test.describe('a query that is none', () => {
  test.use({ refusals: /status of 400/ });

  test('is told at its place, and the lines stay', async ({ page, container }) => {
    container({ name: 'e2e-filter-bad', script: talks(300) });
    await openLog(page, 'e2e-filter-bad');
    await field(page).fill('timeout');
    await expect(rows(page)).toHaveCount(3);
    const asked = searches(page);
    await field(page).fill('timeout level:loud x');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toContainText('loud is no level');
    await expect(page.getByRole('alert')).toContainText('level:>=warn');
    await expect(page.locator('.mirror i')).toHaveText('level:loud');
    await expect(rows(page)).toHaveCount(3);
    await expect(page).toHaveURL(/filter=timeout(&|$)/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    say('e2e-filter-bad', 'ERROR a live timeout');
    await expect(row(page, 'ERROR a live timeout')).toBeVisible();
    expect(asked).toEqual(['timeout level:loud x']);

    await page.goto('/logs?container=e2e-filter-bad&filter=%22open');
    await expect(page.getByRole('alert')).toContainText('this quote is not closed');
    await expect(row(page, /request 299$/)).toBeVisible();
  });
});

test('nothing matches: what was searched, and the way out', async ({ page, container }) => {
  container({ name: 'e2e-filter-none', script: talks(500) });
  await openLog(page, 'e2e-filter-none');
  await expect(row(page, /request 499$/)).toBeVisible();
  await field(page).fill('no-such-word');
  await expect(page.getByRole('heading', { name: 'Nothing matches no-such-word' })).toBeVisible();
  await expect(page.getByText('500 lines searched')).toBeVisible();
  await page.getByRole('button', { name: 'Show all lines' }).click();
  await expect(row(page, /request 499$/)).toBeVisible();
  await expect(field(page)).toHaveValue('');
});

test('a search that takes long says so, and going elsewhere meanwhile does not lose it', async ({
  page,
  container
}) => {
  container({ name: 'e2e-filter-slow', script: talks(500) });
  await openLog(page, 'e2e-filter-slow');
  await expect(row(page, /request 499$/)).toBeVisible();
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await page.route(/\/api\/v1\/logs\?.*query=/, async (route) => {
    await answered;
    await route.continue().catch(() => undefined);
  });
  await field(page).fill('timeout');
  await page.keyboard.press('Enter');
  await expect(page.getByText('searching…')).toBeVisible();
  await expect(row(page, /request 499$/)).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/filter-searching.png` });
  await page.locator('.log').focus();
  await page.keyboard.press('g');
  answer();
  await expect(rows(page)).toHaveCount(5);
  await expect(page.getByText('searching…')).toHaveCount(0);
  await page.keyboard.press('G');
  await expect(page.locator('#auto-scroll')).toBeChecked();
  await expect(rows(page)).toHaveCount(5);
});

test('older matches are reached by scrolling, Clear and Stop Streaming hold', async ({ page, container }) => {
  const count = 4_000;
  const script = `i=0; while [ $i -lt ${count} ]; do echo "kept $i"; echo "other $i"; i=$((i+1)); done; mkfifo /tmp/say; while :; do cat /tmp/say; done`;
  container({ name: 'e2e-filter-far', script });
  await page.goto('/logs?container=e2e-filter-far&filter=kept');
  await expect(row(page, /kept 3999$/)).toBeVisible();
  const seen = new Set<number>();
  await page.locator('.log').hover();
  await expect(async () => {
    for (const text of await page.locator('.log .l > p').allTextContents()) {
      expect(text).toMatch(/^kept /);
      seen.add(Number(text.slice(5)));
    }
    await page.mouse.wheel(0, -600);
    expect(seen.size).toBe(count);
  }).toPass({ intervals: [20], timeout: 50_000 });
  await page.locator('.log').focus();
  await page.keyboard.press('G');
  await expect(row(page, /kept 3999$/)).toBeVisible();

  await page.locator('#toggle-streaming').click();
  // Clear takes what the page knows of: a line that is left out is known by one behind it.
  say('e2e-filter-far', 'other waiting');
  say('e2e-filter-far', 'kept waiting');
  await expect(page.locator('footer')).toContainText('1 line waiting');
  await field(page).fill('399 kept');
  await expect(row(page, /kept 3399$/)).toBeVisible();
  await expect(row(page, 'waiting')).toHaveCount(0);
  await field(page).fill('kept');
  await expect(row(page, /kept 3998$/)).toBeVisible();
  await expect(row(page, 'waiting')).toHaveCount(0);
  await page.locator('#toggle-streaming').click();
  await expect(row(page, /kept waiting$/)).toBeVisible();

  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(rows(page)).toHaveCount(0);
  say('e2e-filter-far', 'kept behind');
  await expect(row(page, 'kept behind')).toBeVisible();
  await field(page).fill('');
  await page.keyboard.press('Enter');
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'show', exact: true }).click();
  await expect(row(page, /other waiting$/)).toBeVisible();
});

test('a filter keeps the reader’s place, and gives it back', async ({ page, container }) => {
  container({ name: 'e2e-filter-place', script: talks(3_000) });
  await openLog(page, 'e2e-filter-place');
  await expect(row(page, /request 2999$/)).toBeVisible();
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -9_000);
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  let before = '';
  // Until the wheel has run out.
  await expect
    .poll(async () => {
      const last = before;
      before = await firstKey(page);
      return before === last;
    })
    .toBe(true);
  const number = Number(/(\d+)$/.exec((await page.locator(`.log [data-key="${before}"] p`).textContent()) ?? '')?.[1]);
  await field(page).fill('timeout');
  await expect(row(page, new RegExp(`request ${Math.ceil(number / 100) * 100}$`))).toBeInViewport();
  await expect(row(page, `INFO request ${number}`)).toHaveCount(0);
  await field(page).fill('');
  await expect.poll(() => placeOf(page, before)).not.toBeNull();
  expect(Math.abs((await placeOf(page, before)) ?? 999)).toBeLessThan(20);
});

test('Back and forward, a shared link, a merged view', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  // What an earlier run of this stack said is still stored under its name.
  const stack = `e2ef${Date.now()}`;
  container({ name: 'e2ef-web-1', script: talks(800), stack, service: 'web' });
  container({ name: 'e2ef-db-1', script: talks(800), stack, service: 'db' });
  await page.goto(`/logs?stack=${stack}`);
  await expect(row(page, /request 799$/).first()).toBeVisible();
  await field(page).fill('level:error service:db');
  await expect(rows(page)).toHaveCount(8);
  say('e2ef-db-1', 'ERROR late');
  say('e2ef-web-1', 'ERROR elsewhere');
  await expect(row(page, 'ERROR late')).toBeVisible();
  await expect(rows(page)).toHaveCount(9);

  await page.goto('/logs?container=e2ef-web-1');
  await expect(row(page, 'ERROR elsewhere')).toBeVisible();
  await expect(field(page)).toHaveValue('');
  await page.goBack();
  await expect(field(page)).toHaveValue('level:error service:db');
  await expect(rows(page)).toHaveCount(9);

  await row(page, /request 300$/).click();
  await page.keyboard.press('y');
  await expect(page.getByText('Link copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(link).searchParams.get('filter')).toBe('level:error service:db');
  await page.goto(link);
  await expect(page.locator('.l.sel p')).toHaveText('ERROR Timeout of request 300');
  await expect(row(page, 'INFO')).toHaveCount(0);
  // A line that the filter hides is shown all the same.
  await page.goto(link.replace(/filter=[^&]*/, 'filter=elsewhere'));
  await expect(page.locator('.l.sel p')).toHaveText('ERROR Timeout of request 300');
  await expect(field(page)).toHaveValue('');
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme, refusals: /status of 400/ });

    test('looks right on a screen and on a phone', async ({ page, container }) => {
      container({ name: 'e2e-filter-look', script: talks(900) });
      const look = async (state: string) => {
        await page.screenshot({ path: `${SCREENSHOTS}/${state}.png` });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      };
      for (const [size, width, height] of [
        ['screen', 1280, 760],
        ['phone', 390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.goto('/logs?container=e2e-filter-look&filter=timeout');
        await expect(rows(page)).toHaveCount(9);
        await look(`filter-${theme}-${size}`);
        await field(page).fill('timeout level:loud cache');
        await expect(page.getByRole('alert')).toContainText('loud is no level');
        await look(`filter-fault-${theme}-${size}`);
        await field(page).fill('no-such-word');
        await expect(page.getByRole('button', { name: 'Show all lines' })).toBeVisible();
        await look(`filter-none-${theme}-${size}`);
      }
    });
  });
}
