import AxeBuilder from '@axe-core/playwright';
import { talkative } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { NOBODY, places, shown } from './support/places';
import { expect, openLog, test } from './support/test';

for (const theme of ['light', 'dark'] as const) {
  for (const { name, path, ready, outside = false } of places) {
    test.describe(`${name}, ${theme}`, () => {
      test.use({ colorScheme: theme, refusals: outside ? /status of 401/ : null });
      if (outside) test.use({ storageState: NOBODY });

      test('axe finds nothing, on a screen and on a phone', async ({ page, container }) => {
        shown.forEach(container);
        for (const [size, width, height] of [
          ['screen', 1280, 760],
          ['phone', 390, 780]
        ] as const) {
          await page.setViewportSize({ width, height });
          await page.goto(path);
          await ready(page);
          await page.screenshot({ path: `${SCREENSHOTS}/${name}-${theme}-${size}.png` });
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(overflow).toBeLessThanOrEqual(0);
        }
      });
    });
  }
}

test('the keyboard alone walks lines and opens the list of keys', async ({ page, container }) => {
  container({ name: 'e2e-keys', script: talkative(20) });
  await openLog(page, 'e2e-keys');
  await page.keyboard.press('k');
  await expect(page.locator('.l.sel')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.locator('.l.sel')).toHaveCount(0);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
