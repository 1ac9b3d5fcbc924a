import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, rows, test } from './support/test';

const TRACE =
  `echo 'INFO before'; echo 'ERROR it broke'; i=1; while [ $i -lt 45 ]; do printf '\\tat shop.Order.place(Order.java:%s)\\n' $i; i=$((i+1)); done; ` +
  `echo 'INFO after'; exec sleep 100000`;

test('a long trace folds, and opens where it stands', async ({ page, container }) => {
  container({ name: 'e2e-fold', script: TRACE });
  await openLog(page, 'e2e-fold');
  await expect(row(page, 'INFO after')).toBeVisible();
  const fold = page.getByRole('button', { name: '… 35 more lines' });
  await expect(fold).toBeVisible();
  await expect(row(page, 'Order.java:9)')).toBeVisible();
  await expect(row(page, 'Order.java:10)')).toHaveCount(0);
  await page.screenshot({ path: `${SCREENSHOTS}/fold.png` });
  await fold.click();
  await expect(row(page, 'Order.java:10)')).toHaveCount(1);
  await page.getByRole('button', { name: '▴ fold 35 lines' }).click();
  await expect(row(page, 'Order.java:10)')).toHaveCount(0);
});

test('a fold that holds a match opens; what is copied has all lines', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  container({ name: 'e2e-fold-match', script: TRACE });
  await page.goto('/logs?container=e2e-fold-match&filter=Order.java:30');
  await expect(row(page, 'Order.java:30)').locator('mark')).toBeVisible();
  await page.goto('/logs?container=e2e-fold-match');
  await expect(page.getByRole('button', { name: '… 35 more lines' })).toBeVisible();
  await expect(row(page, 'INFO after')).toBeVisible();
  // From the line before the trace to the one behind it.
  await page.evaluate(() => {
    const lines = [...document.querySelectorAll('.log .l > p')];
    const at = (text: string) => lines.find((line) => line.textContent?.includes(text)) as Element;
    getSelection()?.setBaseAndExtent(at('INFO before'), 0, at('INFO after'), 1);
  });
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  await page.keyboard.press('Control+c');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split('\n')).toHaveLength(47);
  expect(copied).toContain('Order.java:44)');
});

test('a permalink into a fold opens it', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  container({ name: 'e2e-fold-link', script: TRACE });
  await openLog(page, 'e2e-fold-link');
  await page.getByRole('button', { name: '… 35 more lines' }).click();
  const line = row(page, 'Order.java:40)');
  await line.hover();
  await line.getByRole('button', { name: 'Link' }).click();
  await expect(page.getByText('Link copied')).toBeVisible();
  await page.goto(await page.evaluate(() => navigator.clipboard.readText()));
  await expect(page.locator('.l.sel p')).toContainText('Order.java:40)');
  await expect(rows(page).first()).toBeVisible();
});
