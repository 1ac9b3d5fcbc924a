import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { docker } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, note, openLog, placeOf, row, rows, test } from './support/test';

/** 2,000 numbered lines at once, then what is written into `/say`. */
const talks =
  'i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done; mkfifo /tmp/say; while :; do cat /tmp/say; done';
const say = (name: string, text: string) => docker('exec', name, 'sh', '-c', `echo '${text}' > /tmp/say`);
const picker = (page: Page) => page.getByRole('button', { name: /^Range: / });

/** The own times of a container's lines, by their text. */
async function timesOf(page: Page, name: string): Promise<Map<string, string>> {
  const answer = await page.request.get(`/api/v1/logs?container=${name}&format=json`);
  const { records } = (await answer.json()) as { records: { body: string; timestamp: string }[] };
  return new Map(records.map(({ body, timestamp }) => [body, timestamp]));
}

async function openRange(page: Page, name: string, from: number, to: number): Promise<void> {
  const times = await timesOf(page, name);
  const since = encodeURIComponent(times.get(`line ${from}`) ?? '');
  const until = encodeURIComponent(times.get(`line ${to}`) ?? '');
  await page.goto(`/logs?container=${name}&since=${since}&until=${until}`);
}

test('a range holds its lines, says where it starts and ends, and gives way', async ({ page, container }) => {
  container({ name: 'e2e-range', script: talks });
  await openLog(page, 'e2e-range');
  await expect(row(page, /^line 1999$/)).toBeVisible();
  await openRange(page, 'e2e-range', 1_000, 1_010);
  await expect(rows(page)).toHaveCount(10);
  await expect(row(page, /^line 1000$/)).toBeVisible();
  await expect(row(page, /^line 1009$/)).toBeVisible();
  await expect(note(page, 'Range starts here')).toBeVisible();
  await expect(note(page, 'Range ends here')).toBeVisible();
  await expect(page.locator('#auto-scroll')).toBeDisabled();
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
  await expect(page.locator('footer .live')).toHaveText('○ not live');
  // What comes is not of it.
  say('e2e-range', 'later');
  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('line');
  await expect(rows(page)).toHaveCount(10);
  await expect(row(page, /^line 1000$/).locator('mark')).toHaveText('line');
  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('');
  await expect(row(page, /^line 1000$/).locator('mark')).toHaveCount(0);

  const key = (await row(page, /^line 1009$/).getAttribute('data-key')) ?? '';
  const place = await placeOf(page, key);
  await page.getByRole('button', { name: 'show newer' }).click();
  await expect(row(page, /^line 1010$/)).toBeVisible();
  expect(await placeOf(page, key)).toBe(place);
  await expect(page).not.toHaveURL(/until=/);
  await page.getByRole('button', { name: 'show older' }).click();
  await expect(note(page, 'Range starts here')).toHaveCount(0);
  await expect(page).not.toHaveURL(/since=/);
  await page.locator('.log').focus();
  await page.keyboard.press('g');
  await expect(row(page, /^line 0$/)).toBeVisible();
  await page.keyboard.press('G');
  await expect(row(page, 'later')).toBeVisible();
  await expect(page.locator('#auto-scroll')).toBeChecked();
  await page.goBack();
  await page.goBack();
  await expect(note(page, 'Range ends here')).toBeVisible();
  await expect(rows(page)).toHaveCount(10);
});

test('a range is picked or typed, stays relative, and follows while it has no end', async ({ page, container }) => {
  container({ name: 'e2e-range-pick', script: talks });
  await openLog(page, 'e2e-range-pick');
  await expect(row(page, /^line 1999$/)).toBeVisible();
  await picker(page).click();
  await page.getByRole('button', { name: 'Last 15 min' }).click();
  await expect(page).toHaveURL(/[?&]since=15m(&|$)/);
  await expect(picker(page)).toHaveText('Last 15 min ▾');
  say('e2e-range-pick', 'still coming');
  await expect(row(page, 'still coming')).toBeVisible();
  await page.locator('.log').focus();
  await page.keyboard.press('g');
  await expect(note(page, 'Range starts here')).toBeVisible();

  await picker(page).click();
  await page.getByLabel('From', { exact: true }).fill('yesterday 14:00');
  await page.getByLabel('To', { exact: true }).fill('soon');
  await expect(page.getByText('not a time')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show', exact: true })).toBeDisabled();
  await page.getByLabel('To', { exact: true }).fill('yesterday 13:00');
  await expect(page.getByText('From has to be before To')).toBeVisible();
  await page.getByLabel('To', { exact: true }).fill('yesterday 15:00');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'No line in this range' })).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/range-empty.png` });
  await page.goBack();
  await expect(picker(page)).toHaveText('Last 15 min ▾');
  await expect(row(page, 'still coming')).toBeVisible();
  await page.goForward();
  await page.getByRole('button', { name: 'Show all times' }).click();
  await expect(row(page, 'still coming')).toBeVisible();
  await expect(page).not.toHaveURL(/since=/);
});

test('since the last restart is what came after the run before', async ({ page, container }) => {
  container({ name: 'e2e-range-run', script: 'date +%N > /id; echo "run says hello"; exec sleep 100000' });
  await openLog(page, 'e2e-range-run');
  await expect(row(page, 'run says hello')).toHaveCount(1);
  docker('restart', '-t', '0', 'e2e-range-run');
  await expect(row(page, 'run says hello')).toHaveCount(2);
  await expect(note(page, 'exited')).toBeVisible();
  await picker(page).click();
  await page.getByRole('button', { name: 'Since the last restart' }).click();
  await expect(page).toHaveURL(/since=restart/);
  await expect(rows(page)).toHaveCount(1);
  await expect(note(page, 'Range starts here')).toBeVisible();
});

test('@ goes to a time, out of the range too', async ({ page, container }) => {
  container({ name: 'e2e-range-go', script: talks });
  await openLog(page, 'e2e-range-go');
  await expect(row(page, /^line 1999$/)).toBeVisible();
  const times = await timesOf(page, 'e2e-range-go');
  await openRange(page, 'e2e-range-go', 1_000, 1_010);
  await expect(rows(page)).toHaveCount(10);
  await page.locator('.log').focus();
  await page.keyboard.press('@');
  const field = page.getByRole('textbox', { name: 'Time' });
  await expect(field).toBeFocused();
  await field.fill('soon');
  await expect(page.getByText('“soon” is not a time')).toBeVisible();
  await field.fill(times.get('line 100') ?? '');
  await page.keyboard.press('Enter');
  await expect(row(page, /^line 110$/)).toBeInViewport();
  await expect(row(page, /^line 300$/)).toHaveCount(0);
  await expect(page).not.toHaveURL(/since=/);
  await expect(page.locator('#auto-scroll')).not.toBeChecked();
});

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('range and time look right on a screen and on a phone', async ({ page, container }) => {
      container({ name: 'e2e-range-look', script: talks });
      await openLog(page, 'e2e-range-look');
      await expect(row(page, /^line 1999$/)).toBeVisible();
      for (const [size, width, height] of [
        ['screen', 1280, 760],
        ['phone', 390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        const look = async (state: string) => {
          await page.screenshot({ path: `${SCREENSHOTS}/range-${state}-${theme}-${size}.png` });
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        };
        await openRange(page, 'e2e-range-look', 1_000, 1_010);
        await expect(rows(page)).toHaveCount(10);
        await page.screenshot({ path: `${SCREENSHOTS}/range-edges-${theme}-${size}.png` });
        await picker(page).click();
        await page.getByLabel('From', { exact: true }).fill('yesterday 14:00');
        await look('picker');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Go to' }).click();
        await page.getByRole('textbox', { name: 'Time' }).fill('02:10');
        await look('go-to');
      }
    });
  });
}
