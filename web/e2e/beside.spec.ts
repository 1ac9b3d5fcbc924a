import { talkative } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

test('views stand side by side, each with its own address, and close again', async ({ page, container }) => {
  for (const name of ['left', 'right']) container({ name: `e2e-beside-${name}`, script: talkative(200) });
  await page.goto('/logs?container=e2e-beside-left');
  await expect(page.locator('.log .l').first()).toBeVisible();
  const sidebar = page.getByRole('navigation', { name: 'Containers' });
  await sidebar.getByRole('link', { name: /^e2e-beside-right/ }).hover();
  await sidebar.getByRole('button', { name: 'Open e2e-beside-right beside' }).click();
  await expect(page).toHaveURL(/container=e2e-beside-left&beside=container%3De2e-beside-right/);
  const views = page.getByRole('region', { name: /^View \d of 2$/ });
  await expect(views).toHaveCount(2);
  await expect(views.nth(1).locator('.log .l').first()).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/beside.png` });

  await views.nth(1).locator('.log').click();
  await page.keyboard.press('g');
  await expect(views.nth(1).locator('.l p', { hasText: /^line 0$/ })).toBeVisible();
  await page.reload();
  await expect(views).toHaveCount(2);
  await page.setViewportSize({ width: 390, height: 780 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.screenshot({ path: `${SCREENSHOTS}/beside-phone.png` });
  await page.setViewportSize({ width: 1280, height: 760 });
  await page.getByRole('button', { name: 'Close view 1' }).click();
  await expect(page).toHaveURL('/logs?container=e2e-beside-right');
  await expect(views).toHaveCount(0);
  await page.goBack();
  await expect(views).toHaveCount(2);
});
