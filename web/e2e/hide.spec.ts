import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { SCREENSHOTS } from './support/environment';
import { docker } from './support/docker';
import { expect, openLog, row, rows, test } from './support/test';

const PROBED =
  `i=0; while [ $i -lt 40 ]; do echo "GET /healthz 200 in \${i}ms"; i=$((i+1)); done; echo 'order 71 placed'; ` +
  'mkfifo /tmp/say; while :; do cat /tmp/say; done';
const say = (name: string, text: string) => docker('exec', name, 'sh', '-c', `echo '${text}' > /tmp/say`);

const violations = async (page: Page) =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]);

test('lines like one are hidden, counted, shown again, and the rule is removed in the settings', async ({
  page,
  container
}) => {
  const name = `e2e-hide-${Date.now()}`;
  container({ name, script: PROBED });
  await openLog(page, name);
  await expect(row(page, 'order 71 placed')).toBeVisible();
  const probe = row(page, 'GET /healthz 200 in 39ms');
  await probe.hover();
  await probe.getByRole('button', { name: 'Hide' }).click();
  await expect(page.getByRole('textbox', { name: 'Query' })).toHaveValue('"GET /healthz" "in"');
  await page.screenshot({ path: `${SCREENSHOTS}/hide-dialog.png` });
  expect(await violations(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(page.locator('footer')).toContainText('40 hidden');

  // What comes is hidden as well, once something shows how far the log is.
  say(name, 'GET /healthz 200 in 941ms');
  say(name, 'order 72 placed');
  await expect(row(page, 'order 72 placed')).toBeVisible();
  await expect(rows(page)).toHaveCount(2);
  await expect(page.locator('footer')).toContainText('41 hidden');
  await page.reload();
  await expect(row(page, 'order 72 placed')).toBeVisible();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'show', exact: true }).click();
  await expect(row(page, 'GET /healthz 200 in 941ms')).toBeVisible();
  await expect(page.locator('footer')).toContainText('hidden lines are shown');

  await page.goto('/settings/hide-rules');
  await expect(page.getByRole('link', { name, exact: true }).last()).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/hide-rules.png` });
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: `Remove the rule "GET /healthz" "in" of ${name}` }).click();
  await expect(page.getByRole('button', { name: `of ${name}` })).toHaveCount(0);
  await openLog(page, name);
  await expect(row(page, 'GET /healthz 200 in 941ms')).toBeVisible();
  await expect(page.locator('footer')).not.toContainText('hidden');
});

test('a container’s label hides for everyone; when all is hidden that is said', async ({ page, container }) => {
  const name = `e2e-hide-label-${Date.now()}`;
  container({ name, script: PROBED, extra: ['--label', 'miniman.hide=healthz OR order'] });
  // Hidden lines that come are counted when the view is opened, or with the next line that is shown.
  await expect(async () => {
    await page.goto(`/logs?container=${name}`);
    await expect(page.getByRole('heading', { name: 'Hide rules hide all 41 lines' })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await page.screenshot({ path: `${SCREENSHOTS}/hide-all.png` });
  await page.getByRole('button', { name: 'Show them' }).click();
  await expect(row(page, 'order 71 placed')).toBeVisible();
});

test.describe('a query that is none', () => {
  test.use({ refusals: /status of 400/ });
  test('is refused with what to write instead', async ({ page, container }) => {
    container({ name: 'e2e-hide-bad', script: PROBED });
    await openLog(page, 'e2e-hide-bad');
    const line = row(page, 'order 71 placed');
    await line.hover();
    await line.getByRole('button', { name: 'Hide' }).click();
    await page.getByRole('textbox', { name: 'Query' }).fill('(order');
    await page.getByRole('dialog').getByRole('button', { name: 'Hide', exact: true }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('this parenthesis is not closed');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(line).toBeVisible();
  });
});

test('what is hidden is counted and found, and a match that is hidden is shown', async ({ page, container }) => {
  const name = `e2e-hide-find-${Date.now()}`;
  container({ name, script: PROBED, extra: ['--label', 'miniman.hide=healthz'] });
  await openLog(page, name);
  await expect(row(page, 'order 71 placed')).toBeVisible();
  await expect(page.locator('footer')).toContainText('40 hidden');
  await expect(rows(page)).toHaveCount(1);
  const chart = page.getByRole('slider', { name: 'Lines over time' });
  await expect(chart.locator('rect.rest').first()).toBeAttached();
  await chart.focus();
  await expect(page.locator('.histogram .words')).toContainText('with hidden lines');

  const find = page.getByRole('combobox', { name: 'Find', exact: true });
  await find.fill('healthz');
  await expect(page.getByText('40 matches, with hidden ones', { exact: true })).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.locator('.l.sel p')).toHaveText('GET /healthz 200 in 39ms');
  await expect(page.getByText('What is hidden is shown now.')).toBeVisible();
  await expect(page.locator('footer')).toContainText('hidden lines are shown');
  await page.getByRole('button', { name: 'Previous match', exact: true }).click();
  await expect(page.locator('.l.sel p')).toHaveText('GET /healthz 200 in 38ms');
  await expect(page.getByText('40 matches', { exact: true })).toBeVisible();
});

test('the message of a container’s lines still leads after it is gone', async ({ page, container }) => {
  const name = `e2e-message-gone-${Date.now()}`;
  const says = `echo '{"event":{"text":"an order"},"z":1}'; exec sleep 100000`;
  const id = container({ name, script: says, extra: ['--label', 'miniman.message=event.text'] });
  await openLog(page, name);
  await expect(row(page, /^an order/)).toBeVisible();
  docker('rm', '-f', name);
  const sidebar = page.getByRole('navigation', { name: 'Containers' });
  await expect(sidebar.getByRole('link', { name: new RegExp(`^${name}`) })).toHaveCount(0);
  await page.goto(`/logs?container=${id.slice(0, 12)}`);
  await expect(row(page, /^an order/)).toBeVisible();
});
