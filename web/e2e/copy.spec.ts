import type { Page } from '@playwright/test';
import { expect, openLog, row, test } from './support/test';

const COUNT = 12_000;
const talks = (count: number) =>
  `i=0; while [ $i -lt ${count} ]; do printf '\\033[31mline %s\\033[0m\\n' $i; i=$((i+1)); done; exec sleep 100000`;

/** What the page puts into the clipboard, also where it has to do it the old way. */
async function watchCopies(page: Page, clipboard: boolean): Promise<() => Promise<string | null>> {
  await page.addInitScript((clipboard) => {
    const copies: string[] = [];
    Object.defineProperty(window, 'copies', { value: copies });
    // On plain http beyond this machine there is no clipboard API.
    const api = clipboard ? { writeText: (text: string) => Promise.resolve(void copies.push(text)) } : undefined;
    Object.defineProperty(navigator, 'clipboard', { value: api });
    document.addEventListener('copy', () => {
      const area = document.activeElement;
      if (area instanceof HTMLTextAreaElement) copies.push(area.value);
    });
  }, clipboard);
  return () => page.evaluate(() => (window as unknown as { copies: string[] }).copies.at(-1) ?? null);
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`).join('\n');
const bar = (page: Page) => page.getByRole('group', { name: 'Picked lines' });

for (const [where, clipboard] of [
  ['over https', true],
  ['on plain http', false]
] as const) {
  test(`lines far apart are picked with Shift and copied from the store, ${where}`, async ({ page, container }) => {
    const last = await watchCopies(page, clipboard);
    container({ name: 'e2e-copy', script: talks(COUNT) });
    await openLog(page, 'e2e-copy');
    await expect(row(page, /^line 11999$/)).toBeVisible();
    await page.locator('.log').focus();
    await page.keyboard.press('g');
    await row(page, /^line 3$/).click();
    await page.keyboard.press('G');
    await expect(page.locator('#auto-scroll')).toBeChecked();
    await row(page, /^line 11990$/).click({ modifiers: ['Shift'] });
    await expect(bar(page)).toContainText('11,988 lines picked');
    await expect(row(page, /^line 11980$/)).toHaveClass(/picked/);
    await expect(row(page, /^line 11995$/)).not.toHaveClass(/picked/);
    await page.keyboard.press('Control+c');
    await expect(page.getByText('11,988 lines copied')).toBeVisible();
    expect(await last()).toBe(lines(3, 11_990));
    await expect(bar(page)).toHaveCount(0);

    // Upwards, and with the keyboard alone.
    await row(page, /^line 11998$/).click();
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Shift+ArrowUp');
    await expect(bar(page)).toContainText('3 lines picked');
    await bar(page).getByRole('button', { name: 'Copy' }).click();
    await expect.poll(last).toBe(lines(11_996, 11_998));
    await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Escape');
    await expect(bar(page)).toHaveCount(0);
  });
}

test('what a filter hides is not copied, and of too much the beginning', async ({ page, container }) => {
  const last = await watchCopies(page, true);
  const long = 'x'.repeat(100);
  const script = `i=0; while [ $i -lt 1300 ]; do echo "$i ${long}"; i=$((i+1)); done; exec sleep 100000`;
  container({ name: 'e2e-copy-much', script });
  await openLog(page, 'e2e-copy-much');
  await page.goto('/logs?container=e2e-copy-much&filter=129');
  await expect(row(page, /^1299 x/)).toBeVisible();
  await row(page, /^129 x/).click();
  await row(page, /^1295 x/).click({ modifiers: ['Shift'] });
  await expect(row(page, /^1291 x/)).toHaveClass(/picked/);
  await page.keyboard.press('Control+c');
  await expect(page.getByText('8 lines copied')).toBeVisible();
  expect((await last())?.split('\n').map((line) => line.split(' ')[0])).toEqual([
    '129',
    '1129',
    ...['1290', '1291', '1292', '1293', '1294', '1295']
  ]);

  // More than a clipboard should hold: the store gives this line again and again.
  const line = `${'y'.repeat(1_000_000)}\n`;
  await page.route(/format=text/, (route) => route.fulfill({ body: line.repeat(11), contentType: 'text/plain' }));
  await row(page, /^1290 x/).click();
  await row(page, /^1294 x/).click({ modifiers: ['Shift'] });
  await bar(page).getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Cut at 10.0 MB: the first 9 lines copied')).toBeVisible();
  expect(await last()).toHaveLength(9_000_008);
});

test('the browser’s own find is told about once; the footer says how far behind', async ({ page, container }) => {
  container({ name: 'e2e-copy-find', script: 'while :; do echo tick; sleep 0.2; done' });
  await openLog(page, 'e2e-copy-find');
  await expect(row(page, 'tick').first()).toBeVisible();
  await expect(page.locator('footer .lag')).toHaveText(/^, (\d+ ms|\d+\.\d s) behind$/);
  await page.locator('.log').focus();
  await page.keyboard.press('Control+f');
  const hint = page.getByText('Press / to find in all lines');
  await expect(hint).toBeVisible();
  await page.reload();
  await expect(row(page, 'tick').first()).toBeVisible();
  await page.locator('.log').focus();
  await page.keyboard.press('Control+f');
  // Keys are heard in their order.
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await expect(hint).toHaveCount(0);
});
