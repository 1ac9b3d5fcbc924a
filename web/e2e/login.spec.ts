import { quiet } from './support/docker';
import { ADMIN } from './support/environment';
import { expect, row, test } from './support/test';

test.describe('without a session', () => {
  test.use({ storageState: { cookies: [], origins: [] }, refusals: /status of 401/ });

  test('login leads back to where one wanted to go', async ({ page, container }) => {
    container({ name: 'e2e-login', script: quiet });
    await page.goto('/login?next=%2Flogs%3Fcontainer%3De2e-login');
    await page.getByLabel('User name').fill(ADMIN.username);
    await page.getByLabel('Password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page).toHaveURL(/\/logs\?container=e2e-login$/);
    await expect(row(page, 'hello')).toBeVisible();
  });

  test('a wrong password is told, and the name stays', async ({ page }) => {
    await page.goto('/login');
    await page.getByLabel('User name').fill(ADMIN.username);
    await page.getByLabel('Password').fill('not it, not at all');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expect(page.getByRole('alert')).not.toBeEmpty();
    await expect(page.getByLabel('User name')).toHaveValue(ADMIN.username);
    await expect(page.getByLabel('Password')).toHaveValue('');
  });

  test('the way in at a provider keeps where one wanted to go, and its refusal is told in words', async ({ page }) => {
    await page.route('**/api/v1/login', (route) => route.fulfill({ json: { oidc: true } }));
    await page.goto('/login?error=no_role&next=%2Foperations');
    await expect(page.getByText('none of your groups has a role here')).toBeVisible();
    const provider = page.getByRole('link', { name: 'Log in with your organisation' });
    await expect(provider).toHaveAttribute('href', '/api/v1/oidc/login?next=%2Foperations');
  });

  test('every page asks to log in first', async ({ page }) => {
    await page.goto('/operations');
    await expect(page).toHaveURL('/login?next=%2Foperations');
  });
});
