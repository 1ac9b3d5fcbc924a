import { expect, test } from '@playwright/test';
import { ADMIN, SETUP_LINK, STORAGE_STATE } from './support/environment';

test('the setup link makes the admin, once', async ({ page }) => {
  expect(SETUP_LINK, 'MINIMAN_SETUP_LINK').not.toBe('');
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'MiniMan has no user yet' })).toBeVisible();

  await page.goto(SETUP_LINK);
  await expect(page).toHaveURL('/setup');
  await page.getByLabel('User name').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.getByLabel('Password again').fill('something else');
  await page.getByRole('button', { name: 'Create admin' }).click();
  await expect(page.getByRole('alert')).toHaveText('The two passwords differ.');
  await page.getByLabel('Password again').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create admin' }).click();
  await expect(page.getByRole('heading', { name: 'Containers', exact: true })).toBeVisible();
  await page.context().storageState({ path: STORAGE_STATE });

  await page.context().clearCookies();
  await page.goto(SETUP_LINK);
  await page.getByLabel('User name').fill('second');
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.getByLabel('Password again').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create admin' }).click();
  await expect(page.getByRole('alert')).not.toBeEmpty();
});
