import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, rows, test } from './support/test';

const LINES = [
  `echo '{"level":"info","msg":"order placed","order":{"id":71,"items":["tea","cup"]},"status":201}'`,
  `echo '{"level":"error","msg":"order refused","order":{"id":72},"status":503}'`,
  `echo 'level=warn msg="stock is low" item=tea left=3'`,
  'exec sleep 100000'
].join('; ');

const filter = (page: Page) => page.getByLabel('Filter', { exact: true });
const field = (page: Page, name: string) => page.getByRole('group', { name: `Field ${name}`, exact: true });

test('a click opens a line’s fields; each filters, excludes and is found', async ({ page, container }) => {
  container({ name: 'e2e-fields', script: LINES });
  await openLog(page, 'e2e-fields');
  await expect(row(page, 'WARN stock is low item=tea left=3')).toBeVisible();
  await row(page, 'order refused').locator('p').click();
  await expect(page.locator('.tree-json')).toContainText('503');
  // The last line is still below it, moved by what opened only.
  await expect(row(page, 'stock is low')).toBeVisible();

  await field(page, 'status').getByRole('button', { name: 'Filter' }).click();
  await expect(filter(page)).toHaveValue('status:503');
  await expect(rows(page)).toHaveCount(1);
  await page.goBack();
  await expect(filter(page)).toHaveValue('');
  await expect(rows(page)).toHaveCount(3);

  await row(page, 'order placed').locator('p').click();
  await page
    .getByRole('button', { name: /order$/ })
    .first()
    .click();
  await page
    .getByRole('button', { name: /order$/ })
    .first()
    .click();
  await field(page, 'id').first().getByRole('button', { name: 'Exclude' }).click();
  await expect(filter(page)).toHaveValue('-order.id:71');
  await expect(rows(page)).toHaveCount(2);
  await field(page, 'status').first().getByRole('button', { name: 'Find' }).click();
  await expect(page).toHaveURL(/find=status%3A503/);
});

test('by keys: the focused line opens and closes', async ({ page, container }) => {
  container({ name: 'e2e-fields-keys', script: LINES });
  await openLog(page, 'e2e-fields-keys');
  await expect(row(page, 'stock is low')).toBeVisible();
  await page.locator('.log').focus();
  await page.keyboard.press('k');
  await expect(page.locator('.l.sel')).toHaveCount(1);
  await expect(page.locator('.tree-json')).toHaveCount(0);
  await page.keyboard.press('o');
  await expect(page.locator('.l.sel .tree-json')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.locator('.tree-json')).toHaveCount(0);
});

test('fields become columns, kept for the service and part of the address', async ({ page, container }) => {
  container({ name: 'e2e-fields-columns', script: LINES });
  await openLog(page, 'e2e-fields-columns');
  await row(page, 'order refused').locator('p').click();
  await field(page, 'status').getByRole('button', { name: 'Column' }).click();
  await expect(page.locator('.columns-head')).toContainText('status');
  await expect(row(page, 'order placed').locator('.c')).toHaveText('201');
  await expect(row(page, 'stock is low').locator('.c')).toHaveText('');
  await expect(page).toHaveURL(/columns=status/);

  await openLog(page, 'e2e-fields-columns');
  await expect(row(page, 'order refused').locator('.c')).toHaveText('503');
  await expect(page).toHaveURL(/columns=status/);
  await page.getByRole('button', { name: 'Take the column status away' }).click();
  await expect(page.locator('.columns-head')).toHaveCount(0);
  await expect(page).not.toHaveURL(/columns=/);
});

test('what can be done with a line stands over it and moves nothing', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  container({ name: 'e2e-fields-tools', script: LINES });
  await openLog(page, 'e2e-fields-tools');
  const line = row(page, 'stock is low');
  await expect(line).toBeVisible();
  const box = () => line.boundingBox();
  // A mark that is told late moves it; hovering does not.
  await expect(async () => {
    await page.mouse.move(0, 0);
    const before = await box();
    await line.hover();
    await expect(line.getByRole('button', { name: 'Copy' })).toBeVisible();
    expect(await box()).toEqual(before);
  }).toPass();
  await line.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Line copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'level=warn msg="stock is low" item=tea left=3'
  );
  await line.getByRole('button', { name: 'Link' }).click();
  await expect(page.getByText('Link copied')).toBeVisible();
  await page.goto(await page.evaluate(() => navigator.clipboard.readText()));
  await expect(page.locator('.l.sel p')).toContainText('stock is low');
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('an open line looks right on a screen and on a phone', async ({ page, container }) => {
      container({ name: 'e2e-fields-look', script: LINES });
      for (const [size, width, height] of [
        ['screen', 1280, 760],
        ['phone', 390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.goto('/logs?container=e2e-fields-look&columns=status');
        await row(page, 'order placed').locator('p').click();
        await expect(page.locator('.tree-json')).toContainText('order placed');
        await expect(page.getByRole('toolbar', { name: 'Line' }).first()).toBeVisible();
        await page.screenshot({ path: `${SCREENSHOTS}/fields-${theme}-${size}.png` });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
    });
  });
}
