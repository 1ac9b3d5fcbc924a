import type { Page } from '@playwright/test';
import { confirmPassword } from './support/account';
import { quiet } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

const size = (page: Page) => page.getByLabel('At most, compressed');
const age = (page: Page) => page.getByLabel('None older than');
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });
const retention = '**/api/v1/settings/retention*';

// Changing a limit asks for the password when it was not given for a while.
test.beforeEach(({ page }) => confirmPassword(page));

async function open(page: Page): Promise<void> {
  await page.goto('/settings');
  await expect(size(page)).toHaveValue('2GiB');
}

test('an admin finds the settings, and a limit that is set there stays', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /^admin/ }).click();
  await page.screenshot({ path: `${SCREENSHOTS}/settings-menu.png` });
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings', exact: true })).toBeVisible();
  await expect(size(page)).toHaveValue('2GiB');
  await expect(age(page)).toHaveValue('');
  await expect(save(page)).toBeDisabled();

  await size(page).fill('3GB');
  await age(page).fill('30d');
  await save(page).click();
  const dialog = page.getByRole('dialog', { name: 'Keep at most 3 GB, none older than 30 days?' });
  await expect(dialog).toContainText('Nothing that is stored goes now');
  await page.screenshot({ path: `${SCREENSHOTS}/settings-confirm.png` });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(size(page)).toHaveValue('3GB');
  await save(page).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Kept from now on: at most 3 GB, none older than 30 days')).toBeVisible();
  await expect(page.getByText('Changed last by admin')).toBeVisible();
  await expect(page.getByText('set here')).toHaveCount(2);

  await page.reload();
  await expect(size(page)).toHaveValue('3GB');
  await expect(age(page)).toHaveValue('30d');
  await page.getByRole('button', { name: 'Back to the default' }).click();
  await page
    .getByRole('dialog', { name: 'Keep at most 2 GiB, of any age?' })
    .getByRole('button', { name: 'Save' })
    .click();
  await expect(size(page)).toHaveValue('2GiB');
  await expect(age(page)).toHaveValue('');
});

test('what is no limit is refused where it was typed', async ({ page }) => {
  await open(page);
  const check = async (sizeText: string, ageText: string, told: string | RegExp) => {
    await size(page).fill(sizeText);
    await age(page).fill(ageText);
    await save(page).click();
    await expect(page.locator('form').getByRole('alert')).toHaveText(told);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  };
  await check('30d', '', '30d is an age, not a size.');
  await expect(size(page)).toHaveAttribute('aria-invalid', 'true');
  await check('', '', 'Give a size, an age or both.');
});

test.describe('refused by the server', () => {
  test.use({ refusals: /status of 400/ });
  test('a limit that could mean two things says so in its place', async ({ page }) => {
    await open(page);
    await age(page).fill('10m');
    await save(page).click();
    await expect(page.locator('form').getByRole('alert')).toContainText('could be minutes or megabytes');
    await expect(age(page)).toHaveAttribute('aria-invalid', 'true');
    await expect(size(page)).toHaveAttribute('aria-invalid', 'false');
    await page.screenshot({ path: `${SCREENSHOTS}/settings-refused.png` });
  });
});

test('a limit that removes lines says how many before it does', async ({ page, container }) => {
  // What an earlier one of this name said is still held.
  const name = `e2e-much-${Date.now()}`;
  container({ name, script: `seq 1 400000; ${quiet}` });
  await open(page);
  const row = page.getByRole('row', { name: new RegExp(`^${name}`) });
  await expect(row).toContainText('400,001', { timeout: 40_000 });
  await expect(row).toContainText('%');
  await size(page).fill('1kB');
  await save(page).click();
  const dialog = page.getByRole('dialog', { name: 'Keep at most 1 kB, of any age?' });
  await expect(dialog).toContainText(/[\d,]{6,} lines of \d+ containers? go now.*They do not come back/);
  await expect(dialog.getByRole('button', { name: 'Remove and save' })).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/settings-removes.png` });
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(row).toContainText('400,001');
  await row.getByRole('link').click();
  await expect(page).toHaveURL(`/logs?container=${name}`);
});

test('who is no admin is told so, and asks the server for nothing', async ({ page }) => {
  const me = { username: 'vic', role: 'viewer', permissions: ['see_logs'], session_expires_at: null };
  await page.route('**/api/v1/me', (route) => route.fulfill({ json: me }));
  await page.route(retention, () => expect(false, 'the settings were asked for').toBe(true));
  await page.goto('/settings');
  await expect(page.getByRole('heading', { name: 'Settings are for admins' })).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/settings-viewer.png` });
  await page.getByRole('button', { name: /^vic/ }).click();
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Settings' })).toHaveCount(0);
});

test.describe('a server in trouble', () => {
  test.use({ refusals: /status of 500/ });
  test('settings that cannot be read are told as such, and come when they can', async ({ page }) => {
    const problem = { code: 'internal', title: 'Internal error', status: 500, detail: 'something went wrong inside' };
    await page.route(retention, (route) => route.fulfill({ status: 500, json: problem }));
    await page.goto('/settings');
    await expect(page.getByRole('alert')).toContainText('The settings could not be read: something went wrong inside');
    await page.screenshot({ path: `${SCREENSHOTS}/settings-failure.png` });
    await page.unroute(retention);
    await expect(size(page)).toHaveValue('2GiB');
    await expect(page.getByText('could not be read')).toHaveCount(0);
  });
});
