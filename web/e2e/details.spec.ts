import { docker, quiet } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

test('details of a container, with secrets that never leave the server', async ({ page, container }) => {
  container({
    name: 'e2e-made',
    script: quiet,
    extra: [
      '--env=LOG_LEVEL=debug',
      '--env=DB_PASSWORD=hunter2',
      '--env=DB=postgres://shop:hunter2@db/shop',
      '--memory=64m',
      '--restart=unless-stopped',
      '--tmpfs=/scratch'
    ]
  });
  let answered = '';
  page.on('response', (response) => {
    if (response.url().endsWith('/details')) void response.text().then((text) => (answered = text));
  });
  await page.goto('/');
  await page.getByLabel('Filter the table').fill('e2e-made');
  await page.getByRole('button', { name: 'Actions for e2e-made' }).click();
  await page.getByRole('link', { name: 'Details', exact: true }).click();
  await expect(page).toHaveURL('/containers/e2e-made');

  const environment = page.getByRole('region', { name: 'Environment' });
  await expect(environment.getByRole('row', { name: 'LOG_LEVEL debug' })).toBeVisible();
  await expect(environment.getByRole('row', { name: 'DB_PASSWORD hidden' })).toBeVisible();
  await expect(environment.getByRole('row', { name: 'DB hidden' })).toBeVisible();
  expect(answered).toContain('DB_PASSWORD');
  expect(answered).not.toContain('hunter2');
  await expect(page.getByText('67.1 MB of memory')).toBeVisible();
  await expect(page.getByText('restarts unless it was stopped')).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/details.png` });

  docker('rm', '-f', 'e2e-made');
  await expect(page.getByRole('heading', { name: 'e2e-made is gone' })).toBeVisible();
});

test('a name that is nobody’s says so', async ({ page }) => {
  await page.goto('/containers/e2e-nobody');
  await expect(page.getByRole('heading', { name: 'No container is called “e2e-nobody”' })).toBeVisible();
});
