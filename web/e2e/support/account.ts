/** Logging in and users, past the page. */
import { expect, type Page } from '@playwright/test';
import { ADMIN } from './environment';

/** A write of the page's own: with its cookie and its origin. */
export async function post(page: Page, path: string, data: unknown = {}): Promise<number> {
  const origin = new URL((await page.request.get('/healthz')).url()).origin;
  return (await page.request.post(path, { data, headers: { Origin: origin } })).status();
}

/** What changes accounts and settings asks for the password when it was not given for a while: it is given now. */
export async function confirmPassword(page: Page): Promise<void> {
  expect(await post(page, '/api/v1/me/confirm', { password: ADMIN.password })).toBe(204);
}

/** From here on the page is this user's. */
export async function logIn(page: Page, user: { username: string; password: string }): Promise<void> {
  expect(await post(page, '/api/v1/login', user)).toBe(200);
}

/** A user of the spec's own, made by the admin whose page it is. `scope`: all that they see; everything when empty. */
export async function addUser(page: Page, name: string, password: string, scope: string[] = []): Promise<void> {
  await confirmPassword(page);
  expect(await post(page, '/api/v1/users', { name, password, role: 'viewer', scope })).toBe(201);
}
