import { docker } from './support/docker';
import { expect, openLog, row, rows, test } from './support/test';

const script =
  `i=0; while [ $i -lt 300 ]; do echo "GET /healthz 200 in \${i}ms"; i=$((i+1)); done; echo 'POST /orders 500'; ` +
  'mkfifo /tmp/say; while :; do cat /tmp/say; done';

test('somebody is done with a service’s health checks, for good and on every replica', async ({ page, container }) => {
  const stack = `e2ew${Date.now()}`;
  container({ name: `${stack}-web-1`, script, stack, service: 'web' });
  await openLog(page, `${stack}-web-1`);
  const probe = row(page, 'GET /healthz 200 in 299ms');
  await probe.hover();
  await probe.getByRole('button', { name: 'Hide' }).click();
  await page.getByRole('radio', { name: 'Everyone' }).check();
  await page.getByRole('dialog').getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, 'POST /orders 500')).toBeVisible();

  // The rule is the service's: a replica that comes later, and the service's merged view.
  container({ name: `${stack}-web-2`, script, stack, service: 'web', number: 2 });
  await expect
    .poll(async () => {
      await page.goto(`/logs?stack=${stack}&service=web`);
      await expect(row(page, 'POST /orders 500').first()).toBeVisible();
      return rows(page).count();
    })
    .toBe(2);
  docker('exec', `${stack}-web-2`, 'sh', '-c', `echo 'GET /healthz 500 in 9ms' > /tmp/say`);
  docker('exec', `${stack}-web-2`, 'sh', '-c', `echo 'POST /orders 201' > /tmp/say`);
  await expect(row(page, 'POST /orders 201')).toBeVisible();
  await expect(rows(page)).toHaveCount(3);
  // Nothing was thrown away: who looks for it finds it.
  await page.getByRole('button', { name: 'show', exact: true }).click();
  await expect(row(page, 'GET /healthz 500 in 9ms')).toBeVisible();
});
