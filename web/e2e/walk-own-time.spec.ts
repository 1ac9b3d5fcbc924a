import { expect, openLog, row, test } from './support/test';

test('somebody reads a service whose lines carry their own time', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const script = [
    'echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) took an order"',
    'echo "2001-02-03T04:05:06Z replayed an old one"',
    'exec sleep 100000'
  ].join('; ');
  container({ name: 'e2e-walk-time', script });
  await openLog(page, 'e2e-walk-time');
  // The time column says it already; a time that says something else stays.
  await expect(row(page, /^took an order$/)).toBeVisible();
  await expect(row(page, /^2001-02-03T04:05:06Z replayed an old one$/)).toBeVisible();
  // What is copied is what was written.
  const line = row(page, /^took an order$/);
  await line.hover();
  await line.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Line copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^20\d\d-\d\d-\d\dT.*Z took an order$/);
  // And what is looked for is found with it.
  await page.goto('/logs?container=e2e-walk-time&filter=%222001-02-03T04%22');
  await expect(row(page, 'replayed an old one')).toBeVisible();
  await expect(row(page, 'took an order')).toHaveCount(0);
});
