import AxeBuilder from '@axe-core/playwright';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, placeOf, row, rows, test } from './support/test';
import type { Page } from '@playwright/test';

/** Two services that write in turn. */
const talks = (name: string, count: number) =>
  `i=0; while [ $i -lt ${count} ]; do echo "${name} request $i"; [ $((i % 100)) = 50 ] && echo "ERROR ${name} timeout $i"; i=$((i+1)); done; exec sleep 100000`;

const field = (page: Page) => page.getByRole('combobox', { name: 'Filter', exact: true });
const pane = (page: Page) => page.getByRole('region', { name: /^Context of one line/ });

test('a filtered line shows what stood around it, where it stands, and Esc leads back', async ({ page, container }) => {
  container({ name: 'e2e-context', script: talks('web', 2_000) });
  await openLog(page, 'e2e-context');
  await expect(row(page, 'web request 1999')).toBeVisible();
  await field(page).fill('timeout');
  await expect(rows(page)).toHaveCount(20);
  const line = row(page, 'timeout 1250');
  await line.click();
  const key = (await line.getAttribute('data-key')) ?? '';
  await expect(line).toHaveClass(/sel/);
  const place = await placeOf(page, key);

  await page.keyboard.press('c');
  await expect(pane(page).getByRole('status')).toContainText('all that e2e-context said around it');
  const seen = pane(page).locator('.l.sel');
  await expect(seen.locator('p')).toHaveText('ERROR web timeout 1250');
  await expect(pane(page).locator('.l p', { hasText: 'web request 1250' })).toBeInViewport();
  await expect(pane(page).locator('.l p', { hasText: 'web request 1251' })).toBeInViewport();
  // On the same pixel, as far as the bar above it leaves it there.
  const over = await seen.boundingBox();
  const under = await page.locator(`.under [data-key="${key}"]`).boundingBox();
  expect(Math.abs((over?.y ?? 0) - (under?.y ?? 999))).toBeLessThanOrEqual(1);
  await page.keyboard.press('k');
  await expect(pane(page).locator('.l.sel p')).toHaveText('web request 1250');

  await page.keyboard.press('Escape');
  await expect(pane(page)).toHaveCount(0);
  await expect(rows(page)).toHaveCount(20);
  await expect(line).toHaveClass(/sel/);
  expect(await placeOf(page, key)).toBe(place);
  await expect(page).toHaveURL(/filter=timeout/);
});

test('in a merged view: its own container first, everything then', async ({ page, container }) => {
  const stack = `e2ec${Date.now()}`;
  container({ name: 'e2ec-web-1', script: talks('web', 300), stack, service: 'web' });
  container({ name: 'e2ec-db-1', script: talks('db', 300), stack, service: 'db' });
  await page.goto(`/logs?stack=${stack}`);
  await expect(row(page, 'db request 299')).toBeAttached();
  await field(page).fill('timeout service:web');
  await expect(rows(page)).toHaveCount(3);
  await row(page, 'web timeout 150').click();
  await page.keyboard.press('c');
  await expect(pane(page).locator('.l.sel p')).toHaveText('ERROR web timeout 150');
  await expect(pane(page).locator('.l p', { hasText: 'web request 151' })).toBeVisible();
  await expect(pane(page).locator('.l p', { hasText: 'db ' })).toHaveCount(0);
  await pane(page).getByRole('button', { name: 'Everything then' }).click();
  await expect(pane(page).getByRole('status')).toContainText('everything here at that time');
  await expect(pane(page).locator('.l.sel p')).toHaveText('ERROR web timeout 150');
  await expect(pane(page).locator('.l .n').first()).toBeAttached();
  await page.keyboard.press('Escape');
  await expect(rows(page)).toHaveCount(3);
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('context looks right on a screen and on a phone', async ({ page, container }) => {
      container({ name: 'e2e-context-look', script: talks('web', 900) });
      for (const [size, width, height] of [
        ['screen', 1280, 760],
        ['phone', 390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.goto('/logs?container=e2e-context-look&filter=timeout');
        await row(page, 'timeout 450').click();
        await page.keyboard.press('c');
        await expect(pane(page).locator('.l.hit')).toHaveCount(1);
        await page.screenshot({ path: `${SCREENSHOTS}/context-${theme}-${size}.png` });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
    });
  });
}
