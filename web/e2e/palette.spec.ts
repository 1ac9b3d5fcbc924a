import AxeBuilder from '@axe-core/playwright';
import { quiet } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

test('by keyboard to a container, and to an action on it', async ({ page, container }) => {
  container({ name: 'e2e-palette-web', script: quiet });
  await page.goto('/');
  await expect(page.getByRole('row', { name: /^e2e-palette-web/ }).first()).toContainText('running');
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: /Name of a container/ });
  await expect(field).toBeFocused();
  await field.fill('e2e-pal');
  await expect(page.getByRole('option', { selected: true })).toContainText('e2e-palette-web');
  await page.screenshot({ path: `${SCREENSHOTS}/palette.png` });
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/logs?container=e2e-palette-web');
  await expect(page.locator('footer .live')).toHaveText('● live');

  await page.keyboard.press('Control+k');
  await field.fill('pause e2e-palette');
  await expect(page.getByRole('option', { selected: true })).toContainText('Pause e2e-palette-web');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: /^e2e-palette-web paused/ })).toBeVisible();
});

test('arrows walk, a click chooses, Escape leaves, and nothing found says so', async ({ page }) => {
  await page.goto('/operations');
  await page.getByRole('button', { name: 'Jump…' }).click();
  const field = page.getByRole('combobox', { name: /Name of a container/ });
  await field.fill('settings');
  const options = page.getByRole('listbox', { name: 'What was found', exact: true }).getByRole('option');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await field.fill('no such thing');
  await expect(page.getByText('Nothing here is called “no such thing”')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
  await page.getByRole('button', { name: 'Jump…' }).click();
  await field.fill('everything');
  await page.getByRole('option', { name: /^Everything/ }).click();
  await expect(page).toHaveURL('/logs');
});
