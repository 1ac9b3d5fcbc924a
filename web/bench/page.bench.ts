/**
 * `cargo xtask bench --page`: the budgets of the page, in Chromium, on containers that write.
 *
 * `MINIMAN_BENCH_SECONDS` (60) a rate, `MINIMAN_BENCH_LINES` (10,000,000) of the longest log.
 */
import type { Page } from '@playwright/test';
import { docker, remove, run } from '../e2e/support/docker';
import { expect, openLog, rows, test } from '../e2e/support/test';
import { figure, mb, median, ms, printFigures } from './figures';
import { behind, bundleBytes, frames, keystrokeToMatch, noteFirstLine, paints, tabMemory } from './measure';

const SECONDS = Number(process.env['MINIMAN_BENCH_SECONDS'] ?? 60);
const LINES = Number(process.env['MINIMAN_BENCH_LINES'] ?? 10_000_000);
const MILLION = Math.min(1_000_000, LINES);
/** Cold loads of which the median counts. */
const LOADS = 7;
const SCROLL_SECONDS = 15;

const inWords = (count: number) => count.toLocaleString('en');

/** A container of `count` mixed lines, once all of them are stored. */
async function stored(page: Page, name: string, count: number): Promise<void> {
  run({ name, script: `numbered-writer --mixed --count ${count}` });
  docker('wait', name);
  const records = async () => {
    const list = (await (await page.request.get('/api/v1/containers')).json()) as {
      containers: { name: string; log: { records: number } }[];
    };
    return list.containers.find((container) => container.name === name)?.log.records;
  };
  await expect.poll(records, { timeout: 10 * 60_000 }).toBe(count);
}

test.describe.configure({ mode: 'serial' });
test.afterAll(printFigures);

test('what it takes to open', async ({ browser, page, container }) => {
  container({ name: 'bench-open', script: 'numbered-writer --count 5000 --size 170 --hold' });
  await openLog(page, 'bench-open');
  const state = await page.context().storageState();
  const taken: { first: number; line: number }[] = [];
  let bytes = 0;
  for (let load = 0; load < LOADS; load++) {
    const context = await browser.newContext({ storageState: state });
    const fresh = await context.newPage();
    await noteFirstLine(fresh);
    await fresh.goto(new URL('/logs?container=bench-open', page.url()).href);
    taken.push(await paints(fresh));
    bytes = await bundleBytes(fresh);
    await context.close();
  }
  figure(`first paint, median of ${LOADS} cold loads`, ms(median(taken.map(({ first }) => first))), '100 ms');
  figure(`first line, median of ${LOADS} cold loads`, ms(median(taken.map(({ line }) => line))), '300 ms');
  figure('the page, gzip', `${Math.round(bytes / 1_000)} KB`, '200 KB');
});

for (const [rate, fps, late] of [
  [100, 58, 50],
  [1_000, 58, 50],
  [10_000, 50, 100]
] as const) {
  test(`following ${rate} lines a second`, async ({ browser, page, container }) => {
    const name = `bench-${rate}`;
    const count = rate * (SECONDS + 10);
    container({ name, script: `numbered-writer --rate ${rate} --count ${count} --size 120 --hold` });
    await openLog(page, name);
    await expect(rows(page).nth(20)).toBeVisible();
    const before = await tabMemory(browser, page);
    let late_ms: number[] = [];
    const drawn = await frames(browser, page, async () => void (late_ms = await behind(page, SECONDS)));
    const after = await tabMemory(browser, page);
    const at = `${inWords(rate)} lines/s`;
    figure(`${at}: frames a second`, drawn.rate.toFixed(1), `${fps}`);
    figure(`${at}: median frame, longest`, `${ms(drawn.median)}, ${ms(drawn.longest)}`, '16.7 ms, 100 ms');
    figure(`${at}: median behind`, ms(median(late_ms)), `${late} ms`);
    figure(`${at}: tab before, after`, `${mb(before)}, ${mb(after)}`, '150 MB');
    figure(`${at}: lines missing of the last 2,000`, `${await missing(page, count)}`, '0');
  });
}

/** How many of a container's last 2,000 lines the page does not show when one scrolls over them. */
async function missing(page: Page, count: number): Promise<number> {
  const last = page.locator('.log .l p', { hasText: new RegExp(`^${count - 1} `) });
  await expect(last).toBeVisible({ timeout: 60_000 });
  const wanted = new Set(Array.from({ length: Math.min(2_000, count) }, (_, index) => count - 1 - index));
  await page.locator('.log').hover();
  for (let turn = 0; turn < 200 && wanted.size > 0; turn++) {
    for (const text of await page.locator('.log .l > p').allTextContents()) wanted.delete(Number(text.split(' ')[0]));
    await page.mouse.wheel(0, -400);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
  }
  return wanted.size;
}

test('a key to its first match', async ({ page }) => {
  const name = 'bench-million';
  await stored(page, name, MILLION);
  // The oldest line that has one: a search goes through all that came after.
  const asked = await page.request.get(`/api/v1/logs?container=${name}&query=job&limit=1&order=asc&format=json`);
  const [record] = ((await asked.json()) as { records: { body: string }[] }).records;
  const word = /job=([0-9a-f]{16})/.exec(record?.body ?? '')?.[1] ?? '';
  await openStored(page, name);
  await page.locator('.log').focus();
  await page.keyboard.press('&');
  await expect(page.getByLabel('Filter', { exact: true })).toBeFocused();
  figure(`key to first match over ${inWords(MILLION)} lines`, ms(await keystrokeToMatch(page, word)), '150 ms');
  remove(name);
});

test('scrolling through a long log', async ({ browser, page }) => {
  const name = 'bench-long';
  await stored(page, name, LINES);
  await openStored(page, name);
  const before = await tabMemory(browser, page);
  await page.locator('.log').hover();
  const drawn = await frames(browser, page, async () => {
    const until = Date.now() + SCROLL_SECONDS * 1_000;
    while (Date.now() < until) await page.mouse.wheel(0, -600);
  });
  figure(
    `scrolling ${inWords(LINES)} lines: median frame, longest`,
    `${ms(drawn.median)}, ${ms(drawn.longest)}`,
    '50 ms'
  );
  figure('its tab before, after', `${mb(before)}, ${mb(await tabMemory(browser, page))}`, '150 MB');
  remove(name);
});

/** A log whose container has ended. */
async function openStored(page: Page, name: string): Promise<void> {
  await page.goto(`/logs?container=${name}`);
  await expect(rows(page).nth(20)).toBeVisible();
}
