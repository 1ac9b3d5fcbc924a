import { addUser, logIn } from './support/account';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

// A wrong password is tried first.
test.use({ refusals: /status of 403/ });

/** With a user of its own: the admin's password and sessions are the other specs'. */
test('one changes the password and logs other browsers out', async ({ page, browser, baseURL }) => {
  const user = { username: `e2e-account-${Date.now()}`, password: 'battery staple 7' };
  await addUser(page, user.username, user.password);
  await logIn(page, user);
  const elsewhere = await browser.newContext({ baseURL: baseURL ?? '', storageState: { cookies: [], origins: [] } });
  const other = await elsewhere.newPage();
  await logIn(other, user);
  const isIn = async () => (await other.request.get('/api/v1/me')).status();
  expect(await isIn()).toBe(200);

  await page.goto('/settings/account');
  const sessions = page.getByRole('table', { name: 'Sessions' });
  await expect(sessions.getByRole('row')).toHaveCount(3);
  await expect(sessions).toContainText('this browser');
  await page.screenshot({ path: `${SCREENSHOTS}/account-two.png` });
  await page.getByRole('button', { name: 'Log out everywhere else' }).click();
  await expect(sessions.getByRole('row')).toHaveCount(2);
  expect(await isIn()).toBe(401);

  await logIn(other, user);
  const set = async (now: string, fresh: string, again: string) => {
    await page.getByLabel('Present password').fill(now);
    await page.getByLabel('New password', { exact: true }).fill(fresh);
    await page.getByLabel('New password again').fill(again);
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  const alert = page.getByRole('region', { name: /^Password of/ }).getByRole('alert');
  await set(user.password, 'tr0ub4dor and 3', 'something else');
  await expect(alert).toHaveText('The two new passwords differ.');
  await set('not it, not at all', 'tr0ub4dor and 3', 'tr0ub4dor and 3');
  await expect(alert).toHaveText('The password is wrong.');
  await set(user.password, 'tr0ub4dor and 3', 'tr0ub4dor and 3');
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  expect(await isIn()).toBe(401);
  await logIn(other, { ...user, password: 'tr0ub4dor and 3' });
  await elsewhere.close();
});
