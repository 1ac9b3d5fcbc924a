import type { Page } from '@playwright/test';
import { listening, say } from './support/docker';
import { expect, openLog, row, setHidden, test } from './support/test';

test('errors that come to a tab that nobody sees stand in its title and icon until it is looked at', async ({
  page,
  container
}) => {
  container({ name: 'e2e-unseen', script: listening(3) });
  await openLog(page, 'e2e-unseen');
  await expect(row(page, 'line 2')).toBeVisible();
  const icon = page.locator('link[rel="icon"]');
  await expect(page).toHaveTitle('e2e-unseen · MiniMan');
  await expect(icon).toHaveAttribute('href', /\/favicon\.svg$/);
  await setHidden(page, true);
  say('e2e-unseen', 'ERROR one', 'INFO all is well', 'ERROR two');
  await expect(page).toHaveTitle('(2) e2e-unseen · MiniMan');
  await expect(icon).toHaveAttribute('href', /\/favicon-errors\.svg$/);
  await setHidden(page, false);
  await expect(page).toHaveTitle('e2e-unseen · MiniMan');
  await expect(icon).toHaveAttribute('href', /\/favicon\.svg$/);
  // What comes before somebody's eyes is no news.
  say('e2e-unseen', 'ERROR three');
  await expect(row(page, 'ERROR three')).toBeVisible();
  await expect(page).toHaveTitle('e2e-unseen · MiniMan');
});

test('the list counts the errors that came since one looked', async ({ page, container }) => {
  container({ name: 'e2e-news', script: listening(3) });
  await openLog(page, 'e2e-news');
  const sidebar = page.getByRole('navigation', { name: 'Containers', exact: true });
  const link = sidebar.getByRole('link', { name: /^e2e-news/ });
  say('e2e-news', 'ERROR seen');
  await expect(row(page, 'ERROR seen')).toBeVisible();
  await expect(link).toContainText('1 error');
  await page.getByRole('link', { name: 'MiniMan: all containers', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Containers', exact: true })).toBeVisible();
  say('e2e-news', 'ERROR unseen', 'ERROR unseen too');
  await expect(link).toContainText('2 new errors');
  await expect(page.getByRole('row', { name: /e2e-news 2 new errors/ })).toBeVisible();
  await page.reload();
  await expect(link).toContainText('2 new errors');
  await link.click();
  await expect(row(page, 'ERROR unseen too')).toBeVisible();
  await expect(link).toContainText('3 errors');
});

test.describe('notifications', () => {
  const asked = (page: Page) => page.getByRole('checkbox', { name: 'Notifications of errors', exact: true });

  test('are the browser’s, asked for with a click', async ({ page, container }) => {
    await page.addInitScript(() => {
      const told: (string | undefined)[][] = [];
      class Told {
        static permission = 'default';
        static requestPermission = () => Promise.resolve((Told.permission = 'granted'));
        onclick = null;
        constructor(title: string, options?: { body?: string }) {
          told.push([title, options?.body]);
        }
      }
      Object.assign(window, { Notification: Told, told });
    });
    const told = () => page.evaluate(() => (window as unknown as { told: string[][] }).told);
    container({ name: 'e2e-notify', script: listening(3) });
    await page.goto('/settings/preferences');
    await expect(asked(page)).not.toBeChecked();
    await asked(page).click();
    await expect(asked(page)).toBeChecked();
    await page
      .getByRole('navigation', { name: 'Containers', exact: true })
      .getByRole('link', { name: /^e2e-notify/ })
      .click();
    await expect(row(page, 'line 2')).toBeVisible();
    say('e2e-notify', 'ERROR before somebody’s eyes');
    await expect(row(page, 'before somebody’s eyes')).toBeVisible();
    await setHidden(page, true);
    say('e2e-notify', 'ERROR the disk is full');
    await expect.poll(told).toEqual([['1 error in e2e-notify', 'ERROR the disk is full']]);
  });

  test('say why there are none over plain http', async ({ page }) => {
    await page.addInitScript(() => Object.defineProperty(window, 'isSecureContext', { value: false }));
    await page.goto('/settings/preferences');
    await expect(asked(page)).toBeDisabled();
    await expect(asked(page)).toHaveAccessibleDescription(/over https and on localhost only/);
  });
});
