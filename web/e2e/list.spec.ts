import { docker, quiet } from './support/docker';
import { expect, test } from './support/test';

test('containers stand by stack, with what happens to them from outside', async ({ page, container }) => {
  container({ name: 'e2eshop-web-1', script: quiet, stack: 'e2eshop', service: 'web' });
  container({ name: 'e2eshop-web-2', script: quiet, stack: 'e2eshop', service: 'web', number: 2 });
  container({ name: 'e2e-loose', script: quiet });
  await page.goto('/');

  const table = page.getByRole('region', { name: 'Containers by stack' });
  const first = table.getByRole('row', { name: /^web-1/ });
  await expect(table.getByRole('link', { name: 'e2eshop', exact: true })).toBeVisible();
  await expect(first).toContainText('running');
  await expect(table.getByRole('row', { name: /^e2e-loose/ })).toBeVisible();

  docker('stop', '-t', '0', 'e2eshop-web-1');
  await expect(first).toContainText('exited');
  docker('start', 'e2eshop-web-1');
  await expect(first).toContainText('running');
});

test('the filters find by name and say when nothing matches', async ({ page, container }) => {
  container({ name: 'e2e-needle', script: quiet });
  await page.goto('/');
  const filter = page.getByLabel('Filter the table');
  await filter.fill('needle');
  await expect(page.getByRole('row', { name: /^e2e-needle/ })).toBeVisible();
  await filter.fill('no such thing');
  await expect(page.getByRole('heading', { name: /No container matches/ })).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Show all' }).click();
  await expect(page.getByRole('row', { name: /^e2e-needle/ })).toBeVisible();
});

test('a container that goes leaves its log behind', async ({ page, container }) => {
  container({ name: 'e2e-goes', script: quiet });
  await page.goto('/');
  await expect(page.getByRole('row', { name: /^e2e-goes/ })).toContainText('running');
  docker('rm', '-f', 'e2e-goes');
  const gone = page.getByRole('row', { name: /^e2e-goes.*gone/ }).first();
  await expect(gone).toBeVisible();
  await gone.getByRole('link').click();
  await expect(page.locator('.log .l', { hasText: 'hello' })).toBeVisible();
});
