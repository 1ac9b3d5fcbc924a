import AxeBuilder from '@axe-core/playwright';
import { docker } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, rows, test } from './support/test';
import type { Page } from '@playwright/test';

/** `count` lines, of which every 100th is an error; then what is written into `/tmp/say`, as it comes. */
const talks = (count: number, trace = '') =>
  `i=0; while [ $i -lt ${count} ]; do if [ $((i % 100)) = 0 ]; then echo "ERROR Timeout of request $i"; ${trace} else echo "INFO request $i"; fi; i=$((i+1)); done; ` +
  'mkfifo /tmp/say; while :; do cat /tmp/say; done';

const TRACE = 'echo "  at handler $i"; echo "  at main";';

const say = (name: string, text: string) => docker('exec', name, 'sh', '-c', `echo '${text}' > /tmp/say`);
const field = (page: Page) => page.getByRole('combobox', { name: 'Find', exact: true });
const state = (page: Page) => page.locator('.query', { has: field(page) }).getByRole('status');
const focused = (page: Page) => page.locator('.l.sel p');

test('marks stand in everything, are counted, and are walked to the log’s first line and back', async ({
  page,
  container
}) => {
  container({ name: 'e2e-find', script: talks(3_000) });
  await openLog(page, 'e2e-find');
  await expect(row(page, /request 2999$/)).toBeVisible();
  await page.locator('.log').focus();
  await page.keyboard.press('/');
  await expect(field(page)).toBeFocused();
  await field(page).fill('timeout');
  await expect(state(page)).toHaveText('30 matches');
  await expect(row(page, /request 2999$/)).toBeVisible();
  await expect(page).toHaveURL(/[?&]find=timeout(&|$)/);
  await expect(page.locator('.ticks i').first()).toBeAttached();
  await expect(page.locator('#auto-scroll')).toBeChecked();

  // At the end the nearest one is above; from there each step is one match, whether the page holds it or not.
  await page.keyboard.press('Enter');
  await expect(focused(page)).toHaveText('ERROR Timeout of request 2900');
  await expect(page.locator('.l.sel mark')).toHaveText('Timeout');
  await expect(row(page, 'INFO request 2901')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.locator('.log')).toBeFocused();
  await field(page).fill('"timeout of request" ');
  await expect(state(page)).toHaveText('30 matches');
  await page.locator('.log').focus();
  for (let number = 2_800; number >= 0; number -= 100) {
    await page.keyboard.press('N');
    await expect(focused(page)).toHaveText(`ERROR Timeout of request ${number}`);
    await expect(focused(page)).toBeInViewport();
  }
  await page.keyboard.press('N');
  await expect(state(page)).toHaveText('no match above');
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(focused(page)).toHaveText('ERROR Timeout of request 100');

  await page.reload();
  await expect(field(page)).toHaveValue('"timeout of request"');
  await expect(state(page)).toHaveText('30 matches');
  say('e2e-find', 'WARN one more timeout of request 3000');
  await expect(row(page, 'WARN one more').locator('mark')).toHaveText('timeout of request');
  await expect(state(page)).toHaveText('31 matches');
  await field(page).fill('no-such-word');
  await expect(state(page)).toHaveText('no match: searched 3,001 lines');
});

test('what only the server can judge is marked too, also under a filter', async ({ page, container }) => {
  container({ name: 'e2e-find-judge', script: talks(1_000, TRACE) });
  await openLog(page, 'e2e-find-judge');
  await expect(row(page, /request 999$/)).toBeVisible();
  await field(page).fill('level:error /[24]00$/');
  // A match brings its group: two traces of three lines each, and each is one match.
  await expect(state(page)).toHaveText('2 matches');
  await page.keyboard.press('Enter');
  await expect(focused(page)).toHaveText('ERROR Timeout of request 400');
  await expect(page.locator('.l.hit p')).toHaveText(['ERROR Timeout of request 400', '  at handler 400', '  at main']);
  await page.keyboard.press('Shift+Enter');
  await expect(state(page)).toHaveText('no match below');
  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('timeout');
  await expect(rows(page)).toHaveCount(30);
  await expect(page.locator('.l.hit')).toHaveCount(6);
});

test('errors are walked, each trace once', async ({ page, container }) => {
  container({ name: 'e2e-find-errors', script: talks(1_000, TRACE) });
  await openLog(page, 'e2e-find-errors');
  await expect(row(page, /request 999$/)).toBeVisible();
  await page.locator('.log').focus();
  for (const number of [900, 800, 700]) {
    await page.keyboard.press('E');
    await expect(focused(page)).toHaveText(`ERROR Timeout of request ${number}`);
  }
  await page.keyboard.press('e');
  await expect(focused(page)).toHaveText('ERROR Timeout of request 800');
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('finding looks right on a screen and on a phone', async ({ page, container }) => {
      container({ name: 'e2e-find-look', script: talks(900) });
      for (const [size, width, height] of [
        ['screen', 1280, 760],
        ['phone', 390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.goto('/logs?container=e2e-find-look&find=timeout');
        await expect(state(page)).toHaveText('9 matches');
        await page.getByRole('button', { name: 'Previous match' }).click();
        await expect(focused(page)).toHaveText('ERROR Timeout of request 800');
        await page.screenshot({ path: `${SCREENSHOTS}/find-${theme}-${size}.png` });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
    });
  });
}
