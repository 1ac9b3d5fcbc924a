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
const keyOf = (row: Locator) => row.getAttribute('data-key');
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

test('a view that has nothing at the shared time says so, and why', async ({ page, container }) => {
  container({ name: 'e2e-time-early', script: 'for i in 0 1 2 3; do echo "early $i"; done' });
  await page.goto('/logs?container=e2e-time-early');
  await expect(page.locator('.log .l p').filter({ hasText: /^early 3$/ })).toBeVisible();
  container({ name: 'e2e-time-late', script: 'for i in 0 1 2 3; do echo "late $i"; done; exec sleep 100000' });
  await page.goto('/logs?container=e2e-time-early&beside=container%3De2e-time-late');
  const [early, late] = [view(page, 1), view(page, 2)];
  const missing = (view: Locator) => view.getByRole('status').filter({ hasText: 'Nothing here at' });
  await expect(line(early, 'early 3')).toBeVisible();
  await expect(line(late, 'late 3')).toBeVisible();
  await expect(missing(page.locator('body'))).toHaveCount(0);

  // Behind the last line of what has ended. What still runs is only quiet.
  await line(late, 'late 3').click();
  const ended = await timeOf(line(early, 'early 3'));
  await expect(missing(early)).toHaveText(
    `Nothing here at ${await timeOf(line(late, 'late 3'))}: its lines ended at ${ended}`
  );
  await expect(missing(late)).toHaveCount(0);
  await expect(marked(early)).toHaveAttribute('data-key', (await keyOf(line(early, 'early 3'))) ?? 'none');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  await page.screenshot({ path: `${SCREENSHOTS}/beside-time-missing.png` });
  await page.keyboard.press('Escape');
  await early.getByRole('combobox', { name: 'Filter', exact: true }).hover();
  await expect(missing(page.locator('body'))).toHaveCount(0);

  // Before the first line, by pointing alone: the lines stay where they are.
  const place = await line(late, 'late 0').boundingBox();
  await line(early, 'early 1').hover();
  const at = await timeOf(line(early, 'early 1'));
  const begin = await timeOf(line(late, 'late 0'));
  await expect(missing(late)).toHaveText(`Nothing here at ${at}: its lines begin at ${begin}`);
  expect(await line(late, 'late 0').boundingBox()).toEqual(place);

  // A filter's first match.
  await late.getByRole('combobox', { name: 'Filter', exact: true }).fill('"late 2"');
  await page.keyboard.press('Enter');
  await expect(line(late, 'late 3')).toHaveCount(0);
  const match = await timeOf(line(late, 'late 2'));
  await line(early, 'early 1').hover();
  await expect(missing(late)).toHaveText(`Nothing here at ${at}: its matches begin at ${match}`);
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
