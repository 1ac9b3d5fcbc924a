import { docker, talkative } from './support/docker';
import { expect, note, openLog, row, rows, test } from './support/test';

test('stop, start and restart from the page', async ({ page, container }) => {
  container({ name: 'e2e-act', script: talkative(20) });
  await openLog(page, 'e2e-act');
  const badge = page.locator('#container-status');
  const streaming = page.locator('#toggle-streaming');

  await page.getByRole('button', { name: 'Restart', exact: true }).click();
  await expect(note(page, '--- Container restart action successful ---')).toBeVisible({ timeout: 20_000 });
  await expect(badge).toHaveText('Up');
  await expect(streaming).toHaveText('Stop Streaming');
  await expect(row(page, /line 21$/).last()).toBeVisible();

  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(note(page, '--- Container stop action successful ---')).toBeVisible({ timeout: 20_000 });
  await expect(badge).toHaveText('Stopped');
  await expect(badge).toHaveClass(/bg-danger/);
  await expect(streaming).toHaveText('Start Streaming');

  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(note(page, '--- Container start action successful ---')).toBeVisible();
  await expect(badge).toHaveText('Up');
  await expect(streaming).toHaveText('Stop Streaming');

  await page.reload();
  for (const action of ['restart', 'stop', 'start']) {
    await expect(note(page, `--- Container ${action} action successful ---`)).toContainText('e2e-act · admin');
  }

  await page.goto('/operations');
  await expect(page.getByRole('row', { name: /start.*e2e-act.*done/ }).first()).toBeVisible();
});

test('what is done by hand in a shell shows as quickly', async ({ page, container }) => {
  container({ name: 'e2e-hand', script: talkative(5) });
  await openLog(page, 'e2e-hand');
  docker('stop', '-t', '0', 'e2e-hand');
  await expect(page.locator('#container-status')).toHaveText('Stopped');
  docker('start', 'e2e-hand');
  await expect(page.locator('#container-status')).toHaveText('Up');
  await expect(page.locator('#toggle-streaming')).toHaveText('Stop Streaming');
});

test('Clear hides here, and show brings back', async ({ page, container }) => {
  container({ name: 'e2e-clear', script: talkative(40) });
  await openLog(page, 'e2e-clear');
  await expect(row(page, 'line 39')).toBeVisible();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(page.locator('.log .note', { hasText: /Cleared \d\d:\d\d/ })).toBeVisible();
  await expect(row(page, /line 39$/)).toHaveCount(0);
  await page.getByRole('button', { name: 'show', exact: true }).click();
  await expect(row(page, /line 39$/)).toBeVisible();
});

test('Stop Streaming freezes the view and counts what waits', async ({ page, container }) => {
  container({ name: 'e2e-freeze', script: talkative(5) });
  await openLog(page, 'e2e-freeze');
  await page.locator('#toggle-streaming').click();
  await expect(page.locator('footer')).toContainText('waiting');
  const last = await rows(page).last().textContent();
  await expect(page.locator('footer')).toContainText(/([3-9]|\d\d) lines waiting/);
  expect(await rows(page).last().textContent()).toBe(last);
  await page.locator('#toggle-streaming').click();
  await expect(page.locator('footer .live')).toHaveText('● live');
  await expect(rows(page).last()).not.toHaveText(last ?? '');
});

test('Auto-scroll is ticked exactly while following', async ({ page, container }) => {
  container({ name: 'e2e-scroll', script: talkative(400) });
  await openLog(page, 'e2e-scroll');
  const ticked = page.locator('#auto-scroll');
  await expect(row(page, /line 400$/)).toBeVisible();
  await expect(ticked).toBeChecked();
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -800);
  await expect(ticked).not.toBeChecked();
  await expect(page.getByRole('button', { name: /new line|Newest/ })).toBeVisible();
  await ticked.check();
  await expect(rows(page).last()).toBeInViewport();
  await page.locator('.log').hover();
  await page.mouse.wheel(0, -800);
  await expect(ticked).not.toBeChecked();
  await page.mouse.wheel(0, 3_000);
  await expect(ticked).toBeChecked();
});

test('a link to a line opens that line', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  container({ name: 'e2e-link', script: talkative(1_000) });
  await openLog(page, 'e2e-link');
  await row(page, /line 99\d$/)
    .first()
    .click();
  const text = await page.locator('.l.sel p').textContent();
  await page.keyboard.press('y');
  await expect(page.getByText('Link copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain('container=e2e-link');
  await page.goto(link);
  await expect(page.locator('.l.sel p')).toHaveText(text ?? '');
  await expect(page.locator('.l.sel')).toBeInViewport();
});
