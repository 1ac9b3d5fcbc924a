/** Somebody follows a service while it is deployed anew, as `docker compose up` does it: the new container is renamed last. */
import { create, docker } from './support/docker';
import { expect, note, openLog, row, test } from './support/test';

const says = (what: string) => `echo "web of ${what} is ready"; exec sleep 100000`;

/** Made under a name of its own; then the old one goes, and the new one gets its name and is started. */
function recreate(web: { name: string; stack: string; service: string }): void {
  const passing = `0123456789ab_${web.name}`;
  create({ ...web, name: passing, script: says('today') });
  docker('stop', '-t', '0', web.name);
  docker('rm', web.name);
  docker('rename', passing, web.name);
  docker('start', web.name);
}

test('a service goes on in the same view, with a mark where the new container begins', async ({ page, container }) => {
  const stack = `e2eagain${Date.now()}`;
  const web = { name: `${stack}-web-1`, stack, service: 'web' };
  container({ ...web, script: says('yesterday') });
  await page.goto(`/logs?stack=${stack}&service=web`);
  await expect(row(page, 'web of yesterday is ready')).toBeVisible();
  await expect(page.getByLabel('Auto-scroll')).toBeChecked();

  recreate(web);
  await expect(row(page, 'web of today is ready')).toBeVisible();
  await expect(note(page, `${web.name} was recreated`)).toBeVisible();
  await expect(row(page, 'web of yesterday is ready')).toBeVisible();
  await expect(page.getByLabel('Auto-scroll')).toBeChecked();
  const order = await page.locator('.log .l p, .log .note').allTextContents();
  const at = (text: string) => order.findIndex((row) => row.includes(text));
  expect(at('web of yesterday')).toBeLessThan(at('was recreated'));
  expect(at('was recreated')).toBeLessThan(at('web of today'));
  await page.reload();
  await expect(row(page, 'web of today is ready')).toBeVisible();
  await expect(row(page, 'web of yesterday is ready')).toBeVisible();
});

test('a container’s view says that there is a new one, and leads to it', async ({ page, container }) => {
  const stack = `e2enamed${Date.now()}`;
  const web = { name: `${stack}-web-1`, stack, service: 'web' };
  container({ ...web, script: says('yesterday') });
  await openLog(page, web.name);
  await expect(row(page, 'web of yesterday is ready')).toBeVisible();
  recreate(web);
  await expect(page.getByText(`${web.name} was recreated; these are the lines of the one before.`)).toBeVisible();
  await expect(row(page, 'web of yesterday is ready')).toBeVisible();
  await page.getByRole('button', { name: 'Show the new one', exact: true }).click();
  await expect(row(page, 'web of today is ready')).toBeVisible();
  await expect(page).toHaveURL(`/logs?container=${web.name}`);
});
