/** What has keys of its own, by a finger. */
import AxeBuilder from '@axe-core/playwright';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, test } from './support/test';

test.use({ hasTouch: true, viewport: { width: 390, height: 780 } });

const talks =
  'i=0; while [ $i -lt 900 ]; do if [ $((i % 300)) = 50 ]; then echo "ERROR $i"; else echo "line $i"; fi; i=$((i+1)); done; exec sleep 100000';

test('lines are picked and copied', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  container({ name: 'e2e-touch-pick', script: talks });
  await openLog(page, 'e2e-touch-pick');
  await expect(row(page, /^line 899$/)).toBeVisible();
  await row(page, /^line 890$/)
    .locator('p')
    .tap();
  await page.getByRole('toolbar', { name: 'Line', exact: true }).getByRole('button', { name: 'Pick' }).tap();
  const bar = page.getByRole('group', { name: 'Picked lines', exact: true });
  await expect(bar).toContainText('1 line picked, press the last one');
  await page.screenshot({ path: `${SCREENSHOTS}/touch-pick.png` });
  await row(page, /^line 886$/)
    .locator('p')
    .tap();
  await expect(bar).toContainText('5 lines picked');
  await row(page, /^line 888$/)
    .locator('p')
    .tap();
  await expect(bar).toContainText('3 lines picked');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  await bar.getByRole('button', { name: 'Copy', exact: true }).tap();
  await expect(page.getByText('3 lines copied', { exact: true })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('line 888\nline 889\nline 890');
  // Another tap is an ordinary one again.
  await row(page, /^line 895$/)
    .locator('p')
    .tap();
  await expect(row(page, /^line 895$/)).toHaveClass(/sel/);
  await expect(bar).toHaveCount(0);
});

test('the first line, the newest one and errors are gone to', async ({ page, container }) => {
  container({ name: 'e2e-touch-go', script: talks });
  await openLog(page, 'e2e-touch-go');
  await expect(row(page, /^line 899$/)).toBeVisible();
  const goTo = async (place: string) => {
    await page.getByRole('button', { name: 'Go to', exact: true }).tap();
    await page
      .getByRole('group', { name: 'Or to', exact: true })
      .getByRole('button', { name: place, exact: true })
      .tap();
  };
  await goTo('Error above');
  await expect(page.locator('.l.sel p')).toHaveText('ERROR 650');
  await goTo('Error above');
  await expect(page.locator('.l.sel p')).toHaveText('ERROR 350');
  await goTo('Error below');
  await expect(page.locator('.l.sel p')).toHaveText('ERROR 650');
  await goTo('Error below');
  await expect(page.getByText('no error below', { exact: true })).toBeVisible();
  await goTo('First line');
  await expect(row(page, /^line 0$/)).toBeInViewport();
  await goTo('Newest line');
  await expect(row(page, /^line 899$/)).toBeInViewport();
  await expect(page.getByLabel('Auto-scroll')).toBeChecked();
});

test('the exact time of a line and the date of the first one are read', async ({ page, container }) => {
  container({ name: 'e2e-touch-time', script: talks });
  await openLog(page, 'e2e-touch-time');
  await expect(row(page, /^line 899$/)).toBeVisible();
  const read = row(page, /^line 885$/);
  const exact = page.getByRole('toolbar', { name: 'Line', exact: true }).getByText(/ ago$|just now$/);
  await expect(exact).toHaveCount(0);
  const place = await read.boundingBox();
  await read.locator('time').tap();
  // As the server has it: to the nanosecond, with day and zone, of which the column has no room for any.
  const records = await page.request.get('/api/v1/logs?container=e2e-touch-time&order=desc&limit=15&format=json');
  const { timestamp } = ((await records.json()) as { records: { timestamp: string }[] }).records.at(-1) ?? {};
  const [, fraction] = /\.(\d+)/.exec(timestamp ?? '') ?? [];
  await expect(exact).toHaveText(new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.${fraction} UTC.* · `));
  await expect(exact).toBeInViewport({ ratio: 1 });
  expect(await read.boundingBox()).toEqual(place);
  await expect(page.locator('.summary b', { hasText: /^(Sun|Mon|Tue|Wed|Thu|Fri|Sat) \d+ / })).toBeInViewport({
    ratio: 1
  });
  await page.screenshot({ path: `${SCREENSHOTS}/touch-time.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await read.locator('time').tap();
  await expect(exact).toHaveCount(0);
});
