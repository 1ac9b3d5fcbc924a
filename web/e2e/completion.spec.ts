import AxeBuilder from '@axe-core/playwright';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, rows, test } from './support/test';
import type { Page } from '@playwright/test';

const talks =
  'i=0; while [ $i -lt 200 ]; do echo "{\\"level\\":\\"info\\",\\"status\\":$((200 + i % 2)),\\"msg\\":\\"order $i\\"}"; i=$((i+1)); done; echo "level=error msg=late status=503"; exec sleep 100000';

const field = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });
const options = (page: Page) => page.getByRole('listbox').getByRole('option');

// A level that is half there is asked after a rest too, and refused.
test.use({ refusals: /status of 400/ });

test('fields, values and levels are completed by keys and by pointer', async ({ page, container }) => {
  container({ name: 'e2e-complete', script: talks });
  await openLog(page, 'e2e-complete');
  await expect(row(page, 'late')).toBeVisible();
  const filter = field(page, 'Filter');
  await filter.pressSequentially('statu');
  await expect(options(page)).toHaveText([/status:/]);
  await expect(filter).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(options(page).first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(filter).toHaveValue('status:');
  await expect(options(page)).toHaveText([/200/, /201/, /503/]);
  await options(page).last().click();
  await expect(filter).toHaveValue('status:503 ');
  await expect(rows(page)).toHaveCount(1);
  await expect(filter).toBeFocused();
  await expect(page.getByRole('listbox')).toHaveCount(0);

  // The other field has the same language.
  const find = field(page, 'Find');
  await find.pressSequentially('level:er');
  await expect(options(page)).toHaveText([/error/]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('listbox')).toHaveCount(0);
  await expect(find).toHaveValue('level:er');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await expect(find).toHaveValue('level:error ');
  await expect(page.locator('.l.hit')).toHaveCount(1);
});

test('what was asked before is offered again', async ({ page, container }) => {
  container({ name: 'e2e-complete-again', script: talks });
  await openLog(page, 'e2e-complete-again');
  await expect(row(page, 'late')).toBeVisible();
  const filter = field(page, 'Filter');
  await filter.fill('order 199');
  await page.keyboard.press('Enter');
  await expect(rows(page)).toHaveCount(1);
  await page.reload();
  await page.getByRole('button', { name: 'Clear Filter' }).click();
  await expect(row(page, 'late')).toBeVisible();
  await filter.click();
  await expect(options(page)).toHaveText([/order 199/]);
  await options(page).first().click();
  await expect(rows(page)).toHaveCount(1);
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('suggestions look right on a screen and on a phone', async ({ page, container }) => {
      container({ name: 'e2e-complete-look', script: talks });
      for (const [size, width, height] of [
        ['screen', 1280, 760],
        ['phone', 390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        await openLog(page, 'e2e-complete-look');
        await expect(row(page, 'late')).toBeVisible();
        await field(page, 'Filter').pressSequentially('s');
        await page.keyboard.press('ArrowDown');
        await expect(options(page).first()).toHaveAttribute('aria-selected', 'true');
        await page.screenshot({ path: `${SCREENSHOTS}/completion-${theme}-${size}.png` });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      }
    });
  });
}
