/** Somebody asks why `worker` restarted in the night. Somebody else, in another zone, opens what was found. */
import { docker } from './support/docker';
import { expect, note, openLog, row, test } from './support/test';

/** It says what it does; told to break it says why and dies, and its policy starts it again. */
const worker =
  'echo "worker is ready"; i=0; while [ $i -lt 3 ]; do echo "INFO job $i done"; i=$((i+1)); done; ' +
  'mkfifo /tmp/job; cat /tmp/job; echo "ERROR out of disk for job 3"; exit 3';

test('why did worker restart', async ({ page, context, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  container({ name: 'e2e-walk-worker', script: worker, extra: ['--restart', 'always'] });
  await openLog(page, 'e2e-walk-worker');
  await expect(row(page, 'job 2 done')).toBeVisible();
  docker('exec', 'e2e-walk-worker', 'sh', '-c', 'echo break > /tmp/job');
  await expect(note(page, 'restarted by policy')).toBeVisible();
  await expect(row(page, 'job 2 done')).toHaveCount(2);

  // The histogram has the exit in it: its words say which, a click goes there.
  const chart = page.getByRole('slider', { name: 'Lines over time' });
  await expect(chart.locator('.mark.bad')).toHaveCount(1);
  let mark = { x: 0, y: 0, width: 0, height: 0 };
  // Counts that come meanwhile move it.
  await expect(async () => {
    mark = (await chart.locator('.mark.bad').boundingBox()) ?? mark;
    await page.mouse.move(mark.x + mark.width / 2, mark.y + 12);
    await expect(page.locator('.histogram .words')).toContainText('e2e-walk-worker exited 3', { timeout: 1_000 });
  }).toPass();
  await page.mouse.click(mark.x + mark.width / 2, mark.y + 12);
  await expect(row(page, 'ERROR out of disk for job 3')).toBeInViewport();
  await expect(note(page, 'exited 3')).toBeVisible();

  // What came since, without the run before.
  await page.getByRole('button', { name: /^Range: / }).click();
  await page.getByRole('button', { name: 'Since the last restart' }).click();
  await expect(row(page, 'job 2 done')).toHaveCount(1);
  await expect(row(page, 'worker is ready')).toBeVisible();
  await expect(row(page, 'out of disk')).toHaveCount(0);
  await page.goBack();

  // The line that says why is shared.
  await expect(row(page, 'job 2 done').first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('level:error');
  await row(page, 'ERROR out of disk for job 3').click();
  await page.keyboard.press('y');
  await expect(page.getByText('Link copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/container=e2e-walk-worker.*at=/);
});

test('a line shared with somebody in another zone', async ({ page, context, browser, baseURL, container }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  container({ name: 'e2e-walk-zone', script: 'echo "before"; echo "this one"; echo "after"; exec sleep 100000' });
  await page.goto('/logs?container=e2e-walk-zone&since=1h');
  await row(page, 'this one').click();
  await page.keyboard.press('y');
  await expect(page.getByText('Link copied')).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/since=\d{4}-/);
  const here = (await page.locator('.l.sel time').textContent()) ?? '';

  const elsewhere = await browser.newContext({
    ...(baseURL === undefined ? {} : { baseURL }),
    storageState: await context.storageState(),
    timezoneId: 'Asia/Kolkata'
  });
  try {
    const other = await elsewhere.newPage();
    await other.goto(link);
    await expect(other.locator('.l.sel p')).toHaveText('this one');
    await expect(row(other, 'before')).toBeVisible();
    await expect(other.getByRole('button', { name: /^Time format and zone, now UTC\+5:30/ })).toBeVisible();
    const there = (await other.locator('.l.sel time').textContent()) ?? '';
    const minutes = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
    const zone = await page.evaluate(() => -new Date().getTimezoneOffset());
    expect((minutes(there) - minutes(here) + 1_440) % 1_440).toBe((330 - zone + 1_440) % 1_440);
    expect(there.slice(6)).toBe(here.slice(6));
  } finally {
    await elsewhere.close();
  }
});
