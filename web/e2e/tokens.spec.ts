import { confirmPassword } from './support/account';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

test('a token is shown once, works, and is refused when it is revoked', async ({ page, playwright, baseURL }) => {
  const name = `e2e-token-${Date.now()}`;
  await confirmPassword(page);
  await page.goto('/settings/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  const form = page.getByRole('dialog', { name: 'New token' });
  await form.getByLabel('What it is for').fill(name);
  await form.getByLabel('Stops working').selectOption('7d');
  await page.screenshot({ path: `${SCREENSHOTS}/tokens-new.png` });
  await form.getByRole('button', { name: 'Make token' }).click();
  const shown = page.getByRole('dialog', { name: 'Copy the token now' });
  const secret = (await shown.locator('code').textContent()) ?? '';
  expect(secret).toMatch(/^mm_[\w-]{43}$/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await shown.getByRole('button', { name: 'Copy' }).click();
  await expect(shown.getByRole('status')).toHaveText('Copied.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await page.screenshot({ path: `${SCREENSHOTS}/tokens-secret.png` });
  await shown.getByRole('button', { name: 'I have it' }).click();

  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('yours');
  await expect(row).toContainText('viewer');
  await expect(page.locator('body')).not.toContainText(secret);
  const program = await playwright.request.newContext({
    baseURL: baseURL ?? '',
    storageState: { cookies: [], origins: [] },
    extraHTTPHeaders: { Authorization: `Bearer ${secret}` }
  });
  const asked = async () => (await program.get('/api/v1/me')).status();
  expect(await asked()).toBe(200);
  await page.getByRole('button', { name: `Revoke ${name}` }).click();
  await page
    .getByRole('dialog', { name: `Revoke ${name}?` })
    .getByRole('button', { name: 'Revoke' })
    .click();
  await expect(row).toHaveCount(0);
  expect(await asked()).toBe(401);
  await program.dispose();
});
