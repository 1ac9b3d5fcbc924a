import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { docker } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, test } from './support/test';

/** Lines that each have a time of their own, then more than a page of them. */
const slowAtFirst =
  'i=0; while [ $i -lt 40 ]; do echo "left $i"; i=$((i+1)); sleep 0.1; done; ' +
  'while [ $i -lt 900 ]; do echo "left $i"; i=$((i+1)); done; echo "left end"; exec sleep 100000';
/** Lines all the time, until it is told to stop. */
const steady =
  'i=0; while [ ! -e /tmp/stop ]; do echo "right $i"; i=$((i+1)); [ $((i % 20)) = 0 ] && sleep 0.05; done; ' +
  'echo "right end"; exec sleep 100000';

const view = (page: Page, number: number) => page.getByRole('region', { name: `View ${number} of 2`, exact: true });
const line = (view: Locator, text: string) =>
  view.locator('.log .l').filter({ has: view.page().locator('p', { hasText: new RegExp(`^${text}$`) }) });
const marked = (view: Locator) => view.locator('.log .l.beside');
const timeOf = async (row: Locator) => (await row.locator('time').textContent()) ?? '';

test('views side by side share one time: chosen, pointed at, gone to', async ({ page, container }) => {
  // What the first says lies within what the second does.
  container({ name: 'e2e-time-right', script: steady });
  container({ name: 'e2e-time-left', script: slowAtFirst });
  await page.goto('/logs?container=e2e-time-left&beside=container%3De2e-time-right');
  const [left, right] = [view(page, 1), view(page, 2)];
  await expect(line(left, 'left end')).toBeVisible();
  docker('exec', 'e2e-time-right', 'touch', '/tmp/stop');
  await expect(line(right, 'right end')).toBeVisible();
  await left.locator('.log').focus();
  await page.keyboard.press('g');
  await expect(line(left, 'left 0')).toBeVisible();
  await expect(marked(left).or(marked(right))).toHaveCount(0);
  await expect(right.getByLabel('Auto-scroll')).toBeChecked();

  // A line that is chosen: the other goes there, though it holds nothing of then, and follows no more.
  await line(left, 'left 14').click();
  await expect(marked(right)).toBeInViewport();
  await expect(right.getByLabel('Auto-scroll')).not.toBeChecked();
  await expect(right.locator('.histogram .beside')).toBeVisible();
  await expect(marked(left)).toHaveCount(0);
  const chosen = await timeOf(line(left, 'left 14'));
  expect((await timeOf(marked(right))) <= chosen).toBe(true);
  const key = (await marked(right).getAttribute('data-key')) ?? '';
  expect((await timeOf(right.locator(`[data-key="${key}"] + .l`))) > chosen).toBe(true);

  // One that is pointed at is marked, and moves nothing; when the pointer leaves, the chosen one is again.
  const place = await marked(right).boundingBox();
  await line(left, 'left 5').hover();
  await expect(right.locator(`[data-key="${key}"]`)).not.toHaveClass(/beside/);
  expect(await right.locator(`[data-key="${key}"]`).boundingBox()).toEqual(place);
  await left.getByRole('combobox', { name: 'Filter', exact: true }).hover();
  await expect(marked(right)).toHaveAttribute('data-key', key);
  await page.screenshot({ path: `${SCREENSHOTS}/beside-time.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);

  // Each goes where its reader sends it.
  await right.getByRole('button', { name: /^▼/ }).click();
  await expect(line(right, 'right end')).toBeInViewport();
  await expect(right.getByLabel('Auto-scroll')).toBeChecked();
  await expect(line(left, 'left 14')).toHaveClass(/sel/);

  // A time that is gone to, by the keyboard, in the other one.
  await right.locator('.log').focus();
  await page.keyboard.press('@');
  await page.getByRole('textbox', { name: 'Time', exact: true }).fill('now');
  await page.keyboard.press('Enter');
  await expect(line(right, 'right end')).toBeInViewport();
  await expect(line(left, 'left end')).toBeInViewport();
  await expect(marked(left)).toHaveCount(1);
  await expect(marked(right)).toHaveCount(0);

  // Chosen by the keyboard; Escape takes it back.
  await left.locator('.log').focus();
  await page.keyboard.press('G');
  await page.keyboard.press('k');
  await expect(marked(right)).toHaveCount(1);
  await expect(marked(left)).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(marked(left).or(marked(right))).toHaveCount(0);
});

test('no id stands twice in views side by side', async ({ page, container }) => {
  for (const name of ['left', 'right']) container({ name: `e2e-ids-${name}`, script: 'echo hello; exec sleep 100000' });
  await page.goto('/logs?container=e2e-ids-left&beside=container%3De2e-ids-right');
  for (const number of [1, 2]) await expect(line(view(page, number), 'hello')).toBeVisible();
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  expect(twice).toEqual([]);
});
