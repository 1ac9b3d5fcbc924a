import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, test } from './support/test';

const talks =
  'i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done; echo "ERROR the last"; exec sleep 100000';

/** Downloads by the dialog; its file's name and bytes. */
async function download(page: Page): Promise<{ name: string; bytes: Buffer }> {
  const saved = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Download' }).click();
  const file = await saved;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('exactly the view is saved, in four formats, packed or not', async ({ page, container }) => {
  container({ name: 'e2e-save', script: talks });
  await openLog(page, 'e2e-save');
  await expect(row(page, 'ERROR the last')).toBeVisible();
  await page.goto('/logs?container=e2e-save&filter=199&since=1h');
  await expect(row(page, /^line 1999$/)).toBeVisible();
  await page.getByRole('button', { name: 'Download' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('lines that match 199 · Last hour');

  await dialog.getByLabel('Time before each line').uncheck();
  const text = await download(page);
  const expected = [199, 1199, 1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998, 1999].map((i) => `line ${i}\n`);
  expect(text.bytes.toString()).toBe(expected.join(''));
  expect(text.name).toMatch(/^e2e-save_\d{8}T\d{6}Z_\d{8}T\d{6}Z\.log$/);
  await expect(dialog.getByRole('status')).toContainText('12 lines');

  await dialog.getByLabel('NDJSON', { exact: true }).check();
  await dialog.getByLabel('Packed (gzip)').check();
  const packed = await download(page);
  expect(packed.name).toMatch(/\.ndjson\.gz$/);
  const rows = gunzipSync(packed.bytes).toString().trim().split('\n');
  expect(rows.filter((row) => row.includes('"body":"line '))).toHaveLength(12);

  await dialog.getByLabel('Packed (gzip)').uncheck();
  await dialog.getByLabel('JSON', { exact: true }).check();
  const json = JSON.parse((await download(page)).bytes.toString()) as { records: unknown[] };
  expect(json.records).toHaveLength(12);
  await dialog.getByLabel('CSV', { exact: true }).check();
  expect((await download(page)).bytes.toString()).toMatch(/^cursor,container_id,.*\r?\n/);
});

test('it shows how far it is, is cancelled, and tells what went wrong', async ({ page, container }) => {
  container({ name: 'e2e-save-slow', script: talks });
  await openLog(page, 'e2e-save-slow');
  await expect(row(page, 'ERROR the last')).toBeVisible();
  await page.getByRole('button', { name: 'Download' }).click();
  const dialog = page.getByRole('dialog');
  // An answer that never ends, as one of a log of gigabytes seems to.
  await page.evaluate(() => {
    const fetched = window.fetch.bind(window);
    window.fetch = (input, init) => {
      if (!String(input).includes('download=true')) return fetched(input, init);
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('a\nb\nc\n'));
          init?.signal?.addEventListener('abort', () => controller.error(new DOMException('left', 'AbortError')));
          addEventListener('break-off', () => controller.error(new TypeError('broken')));
        }
      });
      return Promise.resolve(
        new Response(body, { headers: { 'content-disposition': 'attachment; filename="a.log"' } })
      );
    };
  });
  await dialog.getByRole('button', { name: 'Download' }).click();
  await expect(dialog.getByRole('status')).toHaveText('3 lines, 6 B so far…');
  await page.screenshot({ path: `${SCREENSHOTS}/download-running.png` });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog.getByRole('status')).toHaveText('Cancelled; nothing was saved');
  await dialog.getByRole('button', { name: 'Download' }).click();
  await expect(dialog.getByRole('status')).toHaveText('3 lines, 6 B so far…');
  await page.evaluate(() => dispatchEvent(new Event('break-off')));
  await expect(dialog.getByRole('status')).toHaveText('Nothing was saved: it broke off before its end');
  // The browser's own way is there at any time.
  await expect(dialog.getByRole('link', { name: 'Let the browser save it' })).toHaveAttribute('href', /download=true/);

  for (const [size, width, height] of [
    ['screen', 1280, 760],
    ['phone', 390, 780]
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${SCREENSHOTS}/download-${size}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  }
});

test('who may not save is not offered it', async ({ page, container }) => {
  container({ name: 'e2e-save-not', script: talks });
  const me = { username: 'vic', role: 'reader', permissions: ['see_logs'], scopes: [], session_expires_at: null };
  await page.route('**/api/v1/me', (route) => route.fulfill({ json: me }));
  await openLog(page, 'e2e-save-not');
  await expect(row(page, 'ERROR the last')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Copy a link to this view', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download', exact: true })).toHaveCount(0);
});
