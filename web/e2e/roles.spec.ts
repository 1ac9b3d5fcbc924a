import { confirmPassword } from './support/account';
import { quiet } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

// A role that somebody has is not removed.
test.use({ refusals: /status of 409/ });
test.beforeEach(({ page }) => confirmPassword(page));

test('an admin makes a role, gives it, changes it, and removes it when nobody has it', async ({ page }) => {
  const name = `e2e-role-${Date.now()}`;
  const user = `e2e-of-role-${Date.now()}`;
  await page.goto('/settings/roles');
  await expect(page.getByRole('row', { name: /^viewer/ })).toContainText('See logs');
  await page.getByRole('button', { name: 'New role' }).click();
  const dialog = page.getByRole('dialog', { name: 'New role' });
  await dialog.getByLabel('Name of the role').fill(name);
  await expect(dialog.getByRole('checkbox', { name: 'See logs' })).toBeChecked();
  await dialog.getByRole('checkbox', { name: 'Act' }).check();
  await page.screenshot({ path: `${SCREENSHOTS}/roles-new.png` });
  await dialog.getByRole('button', { name: 'Add role' }).click();
  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('See logs, Act');

  await page.getByRole('button', { name: `Change ${name}` }).click();
  const editor = page.getByRole('dialog', { name: `Change ${name}` });
  await editor.getByRole('checkbox', { name: 'Act' }).uncheck();
  await editor.getByRole('checkbox', { name: 'Export' }).check();
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('See logs, Export');
  await page.screenshot({ path: `${SCREENSHOTS}/roles.png` });

  await page.goto('/settings/users');
  await page.getByRole('button', { name: 'New user' }).click();
  const add = page.getByRole('dialog', { name: 'New user' });
  await add.getByLabel('User name').fill(user);
  await add.getByLabel('Password').fill('battery staple 7');
  await add.getByLabel('Role').selectOption(name);
  await add.getByRole('button', { name: 'Add user' }).click();
  await expect(page.getByRole('row', { name: new RegExp(user) })).toContainText(name);

  const removal = async () => {
    await page.goto('/settings/roles');
    await page.getByRole('button', { name: `Remove ${name}` }).click();
    await page
      .getByRole('dialog', { name: `Remove ${name}?` })
      .getByRole('button', { name: 'Remove' })
      .click();
  };
  await removal();
  await expect(page.getByRole('status').filter({ hasText: /has/ })).toBeVisible();
  await page.goto('/settings/users');
  await page.getByRole('button', { name: `Remove ${user}` }).click();
  await page
    .getByRole('dialog', { name: `Remove ${user}?` })
    .getByRole('button', { name: 'Remove' })
    .click();
  await expect(page.getByRole('row', { name: new RegExp(user) })).toHaveCount(0);
  await removal();
  await expect(row).toHaveCount(0);
});

test('a scope shows which containers it fits while it is typed', async ({ page, container }) => {
  const stack = 'e2escope';
  for (const service of ['web', 'db']) container({ name: `e2e-scope-${service}-1`, script: quiet, stack, service });
  await page.goto('/');
  for (const service of ['web', 'db']) {
    await expect(page.getByRole('row', { name: new RegExp(`e2e-scope-${service}-1`) }).first()).toBeVisible();
  }
  await page.goto('/settings/users');
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog', { name: 'New user' });
  const scope = dialog.getByLabel('Only these containers');
  const fits = dialog.getByRole('status', { name: 'What the scope includes' });
  await expect(fits).toHaveCount(0);
  await scope.fill(`local/stack:${stack}`);
  await expect(fits).toContainText('Fits 2 containers: e2e-scope-db-1, e2e-scope-web-1');
  await page.screenshot({ path: `${SCREENSHOTS}/users-scope.png` });
  await scope.fill(`*/stack:${stack}/service:web`);
  await expect(fits).toContainText('Fits 1 container: e2e-scope-web-1');
  await scope.fill('local/name:e2e-scope-nothing');
  await expect(fits).toContainText('Fits no container now');
});
