import { busy } from './support/docker';
import { expect, openLog, placeOf, restingPlace, test } from './support/test';

test('the line under the eye does not move while 1,000 lines a second arrive', async ({ page, container }) => {
  container({ name: 'e2e-anchor', script: busy });
  await openLog(page, 'e2e-anchor');
  await expect(page.locator('.log .l').nth(30)).toBeAttached();
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -600);
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  const chip = page.getByRole('button', { name: /new lines/ });
  await expect(chip).toBeVisible();

  const { key, place } = await restingPlace(page);

  const moved = page.evaluate(
    ({ key, place }) =>
      new Promise<number[]>((resolve) => {
        const places = new Set<number>();
        const until = performance.now() + 8_000;
        const look = () => {
          const log = document.querySelector('.log')?.getBoundingClientRect().top ?? 0;
          const row = document.querySelector(`.log [data-key="${CSS.escape(key)}"]`);
          places.add(row ? row.getBoundingClientRect().top - log : NaN);
          if (performance.now() < until) requestAnimationFrame(look);
          else resolve([...places].filter((seen) => seen !== place));
        };
        look();
      }),
    { key, place }
  );
  expect(await moved).toEqual([]);
  await expect(chip).toHaveText(/▼ \d,\d{3} new lines|▼ \d\d,\d{3} new lines/);

  // Nor by another width of the window.
  await page.setViewportSize({ width: 900, height: 700 });
  await expect.poll(() => placeOf(page, key)).toBe(place);

  await chip.click();
  await expect(page.locator('#auto-scroll')).toBeChecked();
});

test('a selection stays while lines arrive', async ({ page, container }) => {
  container({ name: 'e2e-select', script: busy });
  await openLog(page, 'e2e-select');
  const line = page.locator('.log .l p').nth(20);
  await expect(line).toBeVisible();
  await line.hover();
  await page.mouse.down();
  await page.mouse.move(700, 500, { steps: 4 });
  await page.mouse.up();
  const selected = () => page.evaluate(() => getSelection()?.toString() ?? '');
  const before = await selected();
  expect(before.length).toBeGreaterThan(5);
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  await expect(page.getByRole('button', { name: /\d,\d{3} new lines/ })).toBeVisible();
  expect(await selected()).toBe(before);
});
