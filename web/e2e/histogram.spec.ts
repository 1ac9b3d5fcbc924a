import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { docker } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, note, openLog, row, rows, test } from './support/test';

/** 3,000 lines at once, of which one is an error; then what is written into `/say`. */
const talks =
  'i=0; while [ $i -lt 3000 ]; do if [ $i = 1500 ]; then echo "ERROR it broke"; else echo "line $i"; fi; i=$((i+1)); done; mkfifo /tmp/say; while :; do cat /tmp/say; done';
const say = (name: string, text: string) => docker('exec', name, 'sh', '-c', `echo '${text}' > /tmp/say`);
const chart = (page: Page) => page.getByRole('slider', { name: 'Lines over time' });
const counted = (page: Page) =>
  page.waitForResponse((response) => new URL(response.url()).pathname === '/api/v1/logs/histogram');

test('it counts the store by severity, and goes on with what comes', async ({ page, container }) => {
  container({ name: 'e2e-hist', script: talks });
  await openLog(page, 'e2e-hist');
  await expect(row(page, /^line 2999$/)).toBeVisible();
  await expect(chart(page).locator('rect.rest').first()).toBeAttached();
  await expect(chart(page).locator('rect.error')).toHaveCount(1);
  // One error among thousands of lines is 2 px or more, as far as the browser's fractions go.
  const error = await chart(page).locator('rect.error').boundingBox();
  expect(error?.height).toBeGreaterThan(1.99);
  await expect(chart(page).locator('.bracket')).toBeVisible();

  const box = await chart(page).boundingBox();
  say('e2e-hist', 'ERROR again');
  await expect(row(page, 'ERROR again')).toBeVisible();
  await expect(chart(page).locator('rect.error')).toHaveCount(2);
  expect(await chart(page).boundingBox()).toEqual(box);

  const answer = counted(page);
  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('again');
  expect(new URL((await answer).url()).searchParams.get('query')).toBe('again');
  await expect(chart(page).locator('rect.error')).toHaveCount(1);
  await expect(chart(page).locator('rect.rest')).toHaveCount(0);

  await page.getByRole('button', { name: 'Chart' }).click();
  await expect(chart(page)).toHaveCount(0);
  await page.reload();
  await expect(row(page, 'ERROR again')).toBeVisible();
  await expect(chart(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Chart' }).click();
  await expect(chart(page)).toBeVisible();
});

test('a click jumps, dragging zooms, the keyboard does both', async ({ page, container }) => {
  container({ name: 'e2e-hist-zoom', script: talks });
  await openLog(page, 'e2e-hist-zoom');
  await expect(row(page, /^line 2999$/)).toBeVisible();
  say('e2e-hist-zoom', 'the end');
  await expect(row(page, 'the end')).toBeVisible();
  // Bars of the start and of the end stand apart.
  await expect(chart(page).locator('rect.rest').nth(1)).toBeAttached();
  const box = (await chart(page).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const y = box.y + box.height / 2;
  await page.mouse.click(box.x + 2, y);
  await expect(row(page, /^line 0$/)).toBeInViewport();
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  await expect(page).not.toHaveURL(/since=/);

  await page.mouse.move(box.x + 1, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, y, { steps: 4 });
  await expect(chart(page).locator('.selection')).toBeVisible();
  await page.mouse.up();
  await expect(page).toHaveURL(/since=.*until=/);
  await expect(row(page, 'the end')).toHaveCount(0);
  await page.goBack();
  await expect(row(page, 'the end')).toBeVisible();

  await chart(page).focus();
  await page.keyboard.press('Home');
  await expect(chart(page)).toHaveAttribute('aria-valuetext', /\d lines?/);
  await page.keyboard.press('Enter');
  await expect(row(page, /^line 0$/)).toBeInViewport();
  await page.keyboard.press('Shift+End');
  await expect(chart(page).locator('.selection')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chart(page).locator('.selection')).toHaveCount(0);
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/since=.*until=/);
  await expect(rows(page).first()).toBeVisible();
});

test('what happened to a container stands in it', async ({ page, container }) => {
  container({ name: 'e2e-hist-marks', script: 'echo "it runs"; exec sleep 100000' });
  await openLog(page, 'e2e-hist-marks');
  docker('kill', 'e2e-hist-marks');
  docker('start', 'e2e-hist-marks');
  await expect(row(page, 'it runs')).toHaveCount(2);
  await expect(note(page, 'exited 137')).toBeVisible();
  await expect(chart(page).locator('.mark.bad')).toHaveCount(1);
  // Counts that come meanwhile move it.
  await expect(async () => {
    const mark = (await chart(page).locator('.mark.bad').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(mark.x + mark.width / 2, mark.y + 10);
    await expect(page.locator('.histogram .words')).toContainText('e2e-hist-marks exited 137', { timeout: 1_000 });
  }).toPass();
});

test('a mark leads to its own time; the table has the same in words', async ({ page, container }) => {
  // Much is said before it ends and much after: a bar's own time is far from the mark's.
  const many = 'i=0; while [ $i -lt 400 ]; do echo "line $i"; i=$((i+1)); done';
  container({ name: 'e2e-hist-table', script: `${many}; echo "the last words"; exec sleep 100000` });
  await openLog(page, 'e2e-hist-table');
  await expect(row(page, 'the last words')).toBeVisible();
  docker('kill', 'e2e-hist-table');
  docker('start', 'e2e-hist-table');
  const mark = chart(page).locator('.mark.bad');
  await expect(mark).toHaveCount(1);
  await mark.click();
  await expect(note(page, 'exited 137')).toBeInViewport();
  await expect(row(page, 'the last words').first()).toBeInViewport();
  await expect(page.locator('#auto-scroll')).not.toBeChecked();

  await page.keyboard.press('g');
  await expect(row(page, /^line 0$/).first()).toBeInViewport();
  await chart(page).focus();
  await page.keyboard.press('Tab');
  const button = page.getByRole('button', { name: 'Lines over time as a table', exact: true });
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  const table = page.getByRole('dialog', { name: 'Lines over time', exact: true }).getByRole('table');
  await expect(table.getByRole('columnheader')).toHaveText(['Time', 'Lines', 'Errors', 'Warnings', 'What happened']);
  await expect(table.getByRole('row').nth(1)).toContainText(/\d/);
  await page.screenshot({ path: `${SCREENSHOTS}/histogram-table.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  await table.getByRole('button', { name: /e2e-hist-table exited 137/ }).click();
  await expect(table).toHaveCount(0);
  await expect(note(page, 'exited 137')).toBeInViewport();
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('the histogram looks right on a screen and on a phone', async ({ page, container }) => {
      container({ name: 'e2e-hist-look', script: talks });
      for (const [size, width, height] of [
        ['screen', 1280, 760],
        ['phone', 390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        await openLog(page, 'e2e-hist-look');
        await expect(chart(page).locator('rect.rest').first()).toBeAttached();
        await chart(page).focus();
        await expect(page.locator('.histogram .words')).toBeVisible();
        await page.screenshot({ path: `${SCREENSHOTS}/histogram-${theme}-${size}.png` });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      }
    });
  });
}
