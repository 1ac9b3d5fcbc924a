import { expect, test } from './support/test';

test('the page can be installed', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Containers', exact: true })).toBeVisible();
  const devtools = await page.context().newCDPSession(page);
  const { url, errors, data } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(new URL(url).pathname).toBe('/manifest.webmanifest');
  const { icons } = JSON.parse(data ?? '') as { icons: { src: string; type: string }[] };
  for (const { src, type } of [{ src: url, type: 'application/manifest+json' }, ...icons]) {
    const response = await page.request.get(new URL(src, url).href);
    expect([src, response.status(), response.headers()['content-type']]).toEqual([src, 200, type]);
  }
  // Specs run in private windows, which install nothing.
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);
});

test('what a system draws around the page has its colour', async ({ page }) => {
  const colour = page.locator('meta[name="theme-color"]');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/login');
  await expect(colour).toHaveAttribute('content', '#f6f7f9');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(colour).toHaveAttribute('content', '#12161c');
});
