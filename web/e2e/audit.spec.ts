import { addUser } from './support/account';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

test('an admin sees who did what, and narrows it down', async ({ page }) => {
  const name = `e2e-audit-${Date.now()}`;
  await addUser(page, name, 'battery staple 7');
  await page.goto('/settings/audit');
  const table = page.getByRole('table', { name: 'Audit' });
  await expect(table).toContainText('user.add');
  await page.screenshot({ path: `${SCREENSHOTS}/audit.png` });
  await page.getByLabel('Who, what or from where').fill(name);
  const row = table.getByRole('row', { name: new RegExp(name) });
  await expect(table.getByRole('row')).toHaveCount(2);
  await expect(row).toContainText('admin');
  await expect(row).toContainText('user.add');
  await expect(row).toContainText('done');
  await page.getByLabel('Outcome').selectOption('refused');
  await expect(page.getByText('Nothing on record fits.')).toBeVisible();
  await page.getByLabel('Outcome').selectOption('');
  await page.getByLabel('Kind').selectOption('user');
  await expect(row).toBeVisible();
  await page.getByLabel('Kind').selectOption('container');
  await expect(page.getByText('Nothing on record fits.')).toBeVisible();
});
