import type { Page } from '@playwright/test';
import { docker, run } from './support/docker';
import { expect, note, openLog, row, rows, test } from './support/test';

const talks =
  'i=0; while [ $i -lt 1000 ]; do echo "line $i"; i=$((i+1)); done; mkfifo /tmp/say; while :; do cat /tmp/say; done';

test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

async function copied(page: Page): Promise<URL> {
  await expect(page.getByText('Link copied').last()).toBeVisible();
  return new URL(await page.evaluate(() => navigator.clipboard.readText()));
}

test('a link to the view says times where the address says how long ago', async ({ page, container }) => {
  const id = container({ name: 'e2e-link', script: talks });
  await page.goto(`/logs?container=${id.slice(0, 12)}&since=15m&filter=99`);
  await expect(row(page, /^line 999$/)).toBeVisible();
  await page.getByRole('button', { name: 'Copy a link to this view' }).click();
  const link = await copied(page);
  expect(link.pathname).toBe('/logs');
  expect(link.searchParams.get('container')).toBe('e2e-link');
  expect(link.searchParams.get('filter')).toBe('99');
  const since = Date.parse(link.searchParams.get('since') ?? '');
  expect(Math.abs(Date.now() - 15 * 60_000 - since)).toBeLessThan(60_000);
  expect(link.searchParams.has('until')).toBe(false);
  await expect(page).toHaveURL(/since=15m/);
  await page.goto(link.href);
  await expect(row(page, /^line 999$/)).toBeVisible();
  await expect(rows(page)).toHaveCount(19);
});

test('a line’s link outlives the container’s recreation, outside filter and range too', async ({ page, container }) => {
  container({ name: 'e2e-link-line', script: talks });
  // Its name had a log before, where an earlier run of this stood; only this one's lines count.
  await openLog(page, 'e2e-link-line');
  await page.locator('.log').focus();
  await page.keyboard.press('g');
  await row(page, /^line 5$/).click();
  await page.keyboard.press('y');
  const link = await copied(page);
  expect(link.searchParams.get('container')).toBe('e2e-link-line');
  expect(link.searchParams.get('at')).toMatch(/^\d+:-?\d+$/);

  run({ name: 'e2e-link-line', script: 'echo "a new one"; exec sleep 100000' });
  await openLog(page, 'e2e-link-line');
  await expect(row(page, 'a new one')).toBeVisible();

  // A filter and a range that the line is not in give way.
  link.searchParams.set('filter', 'nothing-like-it');
  link.searchParams.set('since', new Date().toISOString());
  await page.goto(link.href);
  await expect(page.locator('.l.sel p')).toHaveText('line 5');
  await expect(row(page, /^line 4$/)).toBeVisible();
  await expect(page).not.toHaveURL(/since=|filter=/);
  await expect(page.getByText('was recreated; these are the lines of the one before')).toBeVisible();
  await page.getByRole('button', { name: 'Show the new one' }).click();
  await expect(row(page, 'a new one')).toBeVisible();
  await expect(page).not.toHaveURL(/at=/);
  await page.goBack();
  await expect(page.locator('.l.sel p')).toHaveText('line 5');

  link.searchParams.set('at', '999999:5');
  await page.goto(link.href);
  await expect(page.getByText('not stored any more, or you may not see it')).toBeVisible();
});

test('the address of a stack, a service and the seed show what they name', async ({ page, container }) => {
  const stack = `e2elink${Date.now()}`;
  const web = container({
    name: `${stack}-web-1`,
    script: 'echo "web speaks"; exec sleep 100000',
    stack,
    service: 'web'
  });
  container({ name: `${stack}-db-1`, script: 'echo "db speaks"; exec sleep 100000', stack, service: 'db' });
  await page.goto(`/logs?stack=${stack}`);
  await expect(row(page, 'web speaks')).toBeVisible();
  await expect(row(page, 'db speaks')).toBeVisible();
  await page.goto(`/logs?stack=${stack}&service=db`);
  await expect(row(page, 'db speaks')).toBeVisible();
  await expect(row(page, 'web speaks')).toHaveCount(0);
  await page.goto(`/docker/logs/0/${web}?since=start`);
  await expect(row(page, 'web speaks')).toBeVisible();
  await expect(note(page, 'Range starts here')).toBeVisible();
  docker('restart', '-t', '0', `${stack}-web-1`);
  await expect(row(page, 'web speaks')).toHaveCount(2);
});
