import { confirmPassword } from './support/account';
import { ADMIN, SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

const PASSWORD = 'battery staple 7';

// One that is refused before it is right.
test.use({ refusals: /status of (400|403)/ });
test.beforeEach(({ page }) => confirmPassword(page));

test('an admin adds a user, changes, disables and removes them', async ({ page }) => {
  const name = `e2e-user-${Date.now()}`;
  await page.goto('/settings/users');
  await expect(page.getByRole('table', { name: 'Users' })).toBeVisible();
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog', { name: 'New user' });
  await dialog.getByLabel('User name').fill(name);
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByLabel('Role').selectOption('operator');
  await dialog.getByLabel('Only these containers').fill('shop');
  await dialog.getByRole('button', { name: 'Add user' }).click();
  await expect(dialog.getByRole('alert')).toContainText('local/stack:shop');
  await dialog.getByLabel('Only these containers').fill('local/stack:shop');
  await page.screenshot({ path: `${SCREENSHOTS}/users-new.png` });
  await dialog.getByRole('button', { name: 'Add user' }).click();
  await expect(dialog).toHaveCount(0);
  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('operator');
  await expect(row).toContainText('local/stack:shop');

  await page.getByRole('button', { name: `Change ${name}` }).click();
  const editor = page.getByRole('dialog', { name: `Change ${name}` });
  await editor.getByLabel('Role').selectOption('viewer');
  await editor.getByLabel('Only these containers').fill('');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('viewer');
  await expect(row).toContainText('everything');
  await page.getByRole('button', { name: `Disable ${name}` }).click();
  await expect(row).toContainText('may not log in');
  await page.screenshot({ path: `${SCREENSHOTS}/users.png` });
  await page.getByRole('button', { name: `Remove ${name}` }).click();
  await page
    .getByRole('dialog', { name: `Remove ${name}?` })
    .getByRole('button', { name: 'Remove' })
    .click();
  await expect(row).toHaveCount(0);
});

test('the password is asked again when it was given long ago, and the change is made then', async ({ page }) => {
  const name = `e2e-late-${Date.now()}`;
  let confirmed = false;
  const problem = { code: 'confirmation_required', title: '', status: 403, detail: 'give your password once more' };
  await page.route('**/api/v1/users', (route) =>
    route.request().method() === 'POST' && !confirmed ? route.fulfill({ status: 403, json: problem }) : route.continue()
  );
  await page.route('**/api/v1/me/confirm', async (route) => {
    const answer = await route.fetch();
    confirmed = answer.ok();
    await route.fulfill({ response: answer });
  });
  await page.goto('/settings/users');
  await page.getByRole('button', { name: 'New user' }).click();
  const editor = page.getByRole('dialog', { name: 'New user' });
  await editor.getByLabel('User name').fill(name);
  await editor.getByLabel('Password').fill(PASSWORD);
  await editor.getByRole('button', { name: 'Add user' }).click();

  const dialog = page.getByRole('dialog', { name: 'Give your password once more' });
  await dialog.getByLabel('Password of admin').fill('not it');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('The password is wrong.');
  await page.screenshot({ path: `${SCREENSHOTS}/confirm-password.png` });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(editor.getByRole('alert')).toContainText('Nothing was changed');

  await editor.getByRole('button', { name: 'Add user' }).click();
  await dialog.getByLabel('Password of admin').fill(ADMIN.password);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('viewer');
});

test('who has no password of MiniMan logs in once more at their provider', async ({ page }) => {
  const permissions = ['see_logs', 'manage'];
  const me = { username: 'oidc:ada', role: 'admin', permissions, scopes: [], session_expires_at: null };
  const problem = { code: 'confirmation_required', title: '', status: 403, detail: 'give your password once more' };
  await page.route('**/api/v1/me', (route) => route.fulfill({ json: me }));
  await page.route('**/api/v1/roles', (route) =>
    route.request().method() === 'POST' ? route.fulfill({ status: 403, json: problem }) : route.continue()
  );
  await page.goto('/settings/roles');
  await page.getByRole('button', { name: 'New role' }).click();
  const editor = page.getByRole('dialog', { name: 'New role' });
  await editor.getByLabel('Name of the role').fill('reader');
  await editor.getByRole('button', { name: 'Add role' }).click();
  const dialog = page.getByRole('dialog', { name: 'Log in once more' });
  await expect(dialog.getByRole('link', { name: 'Log in with your organisation' })).toHaveAttribute(
    'href',
    '/api/v1/oidc/login?again=true&next=%2Fsettings%2Froles'
  );
  await page.screenshot({ path: `${SCREENSHOTS}/confirm-login.png` });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(editor.getByRole('alert')).toContainText('Nothing was changed');
});

test('who is no admin is told so, and asks the server for nothing', async ({ page }) => {
  const me = { username: 'vic', role: 'viewer', permissions: ['see_logs'], scopes: [], session_expires_at: null };
  await page.route('**/api/v1/me', (route) => route.fulfill({ json: me }));
  await page.route(/api\/v1\/(users|audit)/, () => expect(false, 'it was asked for').toBe(true));
  await page.goto('/settings/users');
  await expect(page.getByText('Users are for admins.')).toBeVisible();
  await page.goto('/settings/audit');
  await expect(page.getByText('The audit is for admins.')).toBeVisible();
  const sections = page.getByRole('navigation', { name: 'Sections of the settings' });
  await expect(sections.getByRole('link', { name: 'Your account' })).toBeVisible();
  await expect(sections.getByRole('link', { name: 'Users' })).toHaveCount(0);
});
