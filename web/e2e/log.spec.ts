import { quiet, talkative } from './support/docker';
import { expect, openLog, row, test } from './support/test';

test('a log is there from its first line, and goes on', async ({ page, container }) => {
  const count = 3_000;
  container({ name: 'e2e-lines', script: talkative(count) });
  await openLog(page, 'e2e-lines');
  await expect(row(page, new RegExp(`line ${count + 1}$`))).toBeVisible();

  await page.locator('.log').focus();
  await page.keyboard.press('g');
  await expect(page.locator('.log .note', { hasText: 'The log begins here' })).toBeVisible();
  await expect(row(page, /line 0$/)).toBeVisible();
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  await page.keyboard.press('G');
  await expect(page.locator('#auto-scroll')).toBeChecked();
});

test('every line of it is reached by scrolling', async ({ page, container }) => {
  const count = 2_000;
  container({
    name: 'e2e-all',
    script: `i=0; while [ $i -lt ${count} ]; do echo "line $i"; i=$((i+1)); done; exec sleep 100000`
  });
  await openLog(page, 'e2e-all');
  await expect(row(page, /line 1999$/)).toBeVisible();
  const seen = new Set<number>();
  const collect = async () => {
    const texts = await page.locator('.log .l > p').allTextContents();
    for (const text of texts) seen.add(Number(/line (\d+)/.exec(text)?.[1]));
  };
  await page.locator('.log').hover();
  await expect(async () => {
    await collect();
    await page.mouse.wheel(0, -600);
    expect(seen.size).toBe(count);
  }).toPass({ intervals: [20], timeout: 50_000 });
});

test('the address of the seed shows the same page', async ({ page, container }) => {
  const id = container({ name: 'e2e-seed', script: quiet });
  await page.goto(`/docker/logs/0/${id}`);
  await expect(page.locator('#container-status')).toHaveText('Up');
  await expect(page.locator('#container-status')).toHaveClass(/badge bg-success/);
  await expect(page.locator('#toggle-streaming')).toHaveText('Stop Streaming');
  await expect(row(page, 'hello')).toBeVisible();
});

test('escape sequences colour, markup stays text, JSON shows its message', async ({ page, container }) => {
  const script = [
    `printf '\\033[31mred\\033[0m plain\\n'`,
    `echo '<img src=x onerror=alert(1)><script>alert(2)</script>'`,
    `echo '{"level":"error","msg":"it broke","order":7}'`,
    `printf '10%%\\r100%%\\n'`,
    'exec sleep 100000'
  ].join('; ');
  container({ name: 'e2e-text', script });
  await openLog(page, 'e2e-text');
  await expect(row(page, 'red plain').locator('span').first()).toHaveCSS('color', 'rgb(192, 38, 38)');
  await expect(row(page, '<script>alert(2)</script>')).toBeVisible();
  await expect(page.locator('.log img, .log script')).toHaveCount(0);
  await expect(row(page, 'ERROR it broke order=7')).toHaveClass(/error/);
  await expect(row(page, '100%').locator('p')).toHaveText('100%');
});

test('reloading in the middle keeps the page working', async ({ page, container }) => {
  container({ name: 'e2e-reload', script: talkative(500) });
  await openLog(page, 'e2e-reload');
  await expect(row(page, 'line 500')).toBeVisible();
  await page.reload();
  await expect(page.locator('footer .live')).toHaveText('● live');
  await expect(row(page, /line 50[1-9]$/).first()).toBeVisible();
});

test('two tabs show the same lines, each once', async ({ page, context, container }) => {
  container({ name: 'e2e-tabs', script: talkative(30) });
  const second = await context.newPage();
  await openLog(page, 'e2e-tabs');
  await openLog(second, 'e2e-tabs');
  for (const tab of [page, second]) {
    await tab.bringToFront();
    await expect(row(tab, /line 33$/)).toHaveCount(1);
    await expect(row(tab, /line 31$/)).toHaveCount(1);
  }
});

test('an empty log says that nothing was said yet', async ({ page, container }) => {
  container({ name: 'e2e-silent', script: 'exec sleep 100000' });
  await page.goto('/logs?container=e2e-silent');
  await expect(page.getByRole('heading', { name: 'e2e-silent has said nothing yet' })).toBeVisible();
});

test('a driver that can’t be read says so', async ({ page, container }) => {
  container({ name: 'e2e-none', script: quiet, extra: ['--log-driver', 'none'] });
  await page.goto('/logs?container=e2e-none');
  await expect(page.getByRole('heading', { name: 'This log can’t be read' })).toBeVisible();
});

test('a name that nothing has says so', async ({ page }) => {
  await page.goto('/logs?container=e2e-no-such');
  await expect(page.getByRole('heading', { name: 'Nothing here is called “e2e-no-such”' })).toBeVisible();
});
