import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { talkative } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, test } from './support/test';

const sample =
  `echo '{"level":"warn","msg":"upstream slow","service":"OrderService","took":"812ms"}'; ` +
  `echo 'ERROR connection reset by peer order_id=7559086 trace=e4093df8' >&2; ${talkative(60)}`;

const pages: { name: string; path: string; ready: (page: Page) => Promise<void> }[] = [
  { name: 'containers', path: '/', ready: (page) => expect(page.getByRole('row', { name: /^web-1/ })).toBeVisible() },
  {
    name: 'log',
    path: '/logs?container=e2elook-web-1',
    ready: (page) => expect(page.locator('.log .l').nth(10)).toBeVisible()
  },
  {
    name: 'stack',
    path: '/logs?stack=e2elook',
    ready: (page) => expect(page.locator('.log .l').nth(10)).toBeVisible()
  },
  {
    name: 'operations',
    path: '/operations',
    ready: (page) => expect(page.getByRole('heading', { name: 'Operations' })).toBeVisible()
  },
  {
    name: 'settings',
    path: '/settings',
    ready: (page) => expect(page.getByRole('row', { name: /^e2elook-web-1/ }).first()).toBeVisible()
  },
  {
    name: 'login',
    path: '/login',
    ready: (page) => expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible()
  },
  {
    name: 'setup',
    path: '/setup#x',
    ready: (page) => expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible()
  }
];

for (const theme of ['light', 'dark'] as const) {
  for (const { name, path, ready } of pages) {
    const outside = name === 'login' || name === 'setup';
    test.describe(`${name}, ${theme}`, () => {
      test.use({ colorScheme: theme, refusals: outside ? /status of 401/ : null });
      if (outside) test.use({ storageState: { cookies: [], origins: [] } });

      test('axe finds nothing, on a screen and on a phone', async ({ page, container }) => {
        container({ name: 'e2elook-web-1', script: sample, stack: 'e2elook', service: 'web' });
        container({ name: 'e2elook-db-1', script: talkative(30), stack: 'e2elook', service: 'db' });
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
  container({ name: 'e2e-keys', script: sample });
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
