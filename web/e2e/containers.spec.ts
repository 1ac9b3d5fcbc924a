import { quiet } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

const table = 'Filter the table';

test('what containers use now, and the last error of each', async ({ page, container }) => {
  container({ name: 'e2e-uses-busy', script: 'while :; do :; done' });
  container({ name: 'e2e-uses-fails', script: `echo 'ERROR disk e2e-uses on fire' >&2; ${quiet}` });
  await page.setViewportSize({ width: 1700, height: 800 });
  await page.goto('/');
  await page.getByLabel(table).fill('e2e-uses');
  const busy = page.getByRole('row', { name: /^e2e-uses-busy/ }).first();
  await expect(busy.getByRole('cell', { name: /^\d+(\.\d)?%$/ })).toBeVisible();
  await expect(busy.getByRole('cell', { name: /^[\d.]+ [kM]?B$/ })).toBeVisible();
  const failed = page.getByRole('row', { name: /^e2e-uses-fails/ }).first();
  await expect(failed.getByRole('link', { name: /ERROR disk e2e-uses on fire/ })).toBeVisible();

  await page.getByRole('button', { name: 'Last error' }).click();
  await expect(page).toHaveURL(/sort=-error/);
  await expect(page.getByRole('columnheader', { name: 'Last error' })).toHaveAttribute('aria-sort', 'descending');
  await expect(page.locator('tbody tr').first()).toContainText('e2e-uses-fails');
  await page.getByRole('button', { name: 'Name' }).click();
  await expect(page.locator('tbody tr').first()).toContainText('e2e-uses-busy');
  await page.screenshot({ path: `${SCREENSHOTS}/containers-sorted.png` });

  await failed.getByRole('link', { name: /on fire/ }).click();
  await expect(page.locator('.l.sel p')).toContainText('ERROR disk e2e-uses on fire');
});

test('several containers are stopped at once, after one question that names them', async ({ page, container }) => {
  for (const name of ['e2e-bulk-one', 'e2e-bulk-two']) container({ name, script: quiet });
  await page.goto('/');
  await page.getByLabel(table).fill('e2e-bulk');
  for (const name of ['e2e-bulk-one', 'e2e-bulk-two']) await page.getByLabel(`${name}: select`).check();
  const bar = page.getByRole('toolbar', { name: 'Selected containers' });
  await expect(bar).toContainText('2 selected');
  await page.screenshot({ path: `${SCREENSHOTS}/containers-bulk.png` });
  await bar.getByRole('button', { name: 'Stop' }).click();
  const question = page.getByRole('dialog', { name: 'Stop 2 containers?' });
  await expect(question).toContainText('e2e-bulk-one, e2e-bulk-two');
  await question.getByRole('button', { name: 'Stop' }).click();
  for (const name of ['e2e-bulk-one', 'e2e-bulk-two']) {
    await expect(page.getByRole('row', { name: new RegExp(`^${name}`) }).first()).toContainText('exited', {
      timeout: 30_000
    });
  }
  await bar.getByRole('link', { name: 'Merged log' }).click();
  await expect(page).toHaveURL(/container=e2e-bulk-one&container=e2e-bulk-two/);
});

test('on a phone a row says what matters below the name', async ({ page, container }) => {
  container({ name: 'e2e-phone', script: quiet });
  await page.setViewportSize({ width: 390, height: 780 });
  await page.goto('/');
  const row = page.getByRole('row', { name: /^e2e-phone/ }).first();
  await expect(row.locator('.brief')).toContainText(/[kM]?B/);
  await page.screenshot({ path: `${SCREENSHOTS}/containers-phone.png` });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});
