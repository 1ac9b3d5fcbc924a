/** The specs' `test`: containers that are cleaned up, and a page that may not complain or call other hosts. */
import { test as base, expect, type Page } from '@playwright/test';
import { type Options, remove, run } from './docker';

interface Fixtures {
  /** Chromium reports every answer of 400 and above as an error; a spec that provokes them says which. */
  refusals: RegExp | null;
  /** Another origin that a spec goes to. */
  elsewhere: string | null;
  container: (options: Options) => string;
  strict: undefined;
}

export const test = base.extend<Fixtures>({
  refusals: [null, { option: true }],
  elsewhere: [null, { option: true }],
  container: async ({}, use) => {
    const names: string[] = [];
    await use((options) => {
      names.push(options.name);
      return run(options);
    });
    if (names.length > 0) remove(...names);
  },
  strict: [
    async ({ context, baseURL, refusals, elsewhere }, use) => {
      const complaints: string[] = [];
      context.on('console', (message) => {
        if (message.type() === 'error' && !refusals?.test(message.text())) complaints.push(message.text());
      });
      context.on('weberror', (error) => complaints.push(String(error.error())));
      context.on('request', (request) => {
        const url = new URL(request.url());
        const allowed = [new URL(baseURL ?? '').origin, elsewhere];
        if (url.protocol.startsWith('http') && !allowed.includes(url.origin)) complaints.push(request.url());
      });
      await use(undefined);
      expect(complaints).toEqual([]);
    },
    { auto: true }
  ]
});

export { expect };

/** Opens a container's log and waits until it is live. */
export async function openLog(page: Page, name: string): Promise<void> {
  await page.goto(`/logs?container=${name}`);
  await expect(page.locator('footer .live')).toHaveText('● live');
}

export const rows = (page: Page) => page.locator('.log .l');
/** The rows whose text says this. */
export const row = (page: Page, text: string | RegExp) =>
  page.locator('.log .l', { has: page.locator('p', { hasText: text }) });
export const note = (page: Page, text: string) => page.locator('.log .note', { hasText: text });

/** Where a row stands in the log, in px from its upper edge; null when it is not in the document. */
export function placeOf(page: Page, key: string): Promise<number | null> {
  return page.evaluate((key) => {
    const log = document.querySelector('.log')?.getBoundingClientRect();
    const element = document.querySelector(`.log [data-key="${CSS.escape(key)}"]`);
    return log && element ? element.getBoundingClientRect().top - log.top : null;
  }, key);
}

/** The key of the first row that is wholly on the screen. */
export function firstKey(page: Page): Promise<string> {
  return page.evaluate(() => {
    const top = document.querySelector('.log')?.getBoundingClientRect().top ?? 0;
    const first = [...document.querySelectorAll<HTMLElement>('.log .l')].find(
      (element) => element.getBoundingClientRect().top >= top
    );
    return first?.dataset['key'] ?? '';
  });
}

/** Where the first whole row came to rest: a wheel is smooth. */
export async function restingPlace(page: Page): Promise<{ key: string; place: number | null }> {
  let rest: { key: string; place: number | null } = { key: '', place: null };
  await expect(async () => {
    const before = rest;
    const key = await firstKey(page);
    rest = { key, place: await placeOf(page, key) };
    expect(rest).toEqual(before);
  }).toPass({ intervals: [200] });
  return rest;
}

/** As when another tab is looked at, or this one again. */
export function setHidden(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    hidden ? 'hidden' : 'visible'
  );
}
