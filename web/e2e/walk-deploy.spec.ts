/** A stack was deployed anew, and somebody wants all that went wrong in it since, and nothing of before. */
import { run, remove } from './support/docker';
import { expect, note, row, rows, test } from './support/test';

test('all errors of a stack since its deploy', async ({ page, container }) => {
  const stack = `e2ewalk${Date.now()}`;
  const web = { name: `${stack}-web-1`, stack, service: 'web' };
  const says = (what: string) => `echo "INFO ${what}"; echo "ERROR ${what} failed"; exec sleep 100000`;
  container({ ...web, script: says('web of yesterday') });
  container({ name: `${stack}-db-1`, stack, service: 'db', script: says('db') });
  await page.goto(`/logs?stack=${stack}`);
  await expect(row(page, 'ERROR web of yesterday failed')).toBeVisible();
  await expect(row(page, 'ERROR db failed')).toBeVisible();

  // The deploy: web is made anew, db stays as it is.
  remove(web.name);
  run({ ...web, script: says('web of today') });
  await expect(row(page, 'ERROR web of today failed')).toBeVisible();
  await expect(note(page, 'recreated')).toBeVisible();

  await page.getByRole('button', { name: /^Range: / }).click();
  await page.getByRole('button', { name: 'Since deploy' }).click();
  await expect(row(page, 'yesterday')).toHaveCount(0);
  await expect(rows(page)).toHaveCount(4);
  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('level:error');
  await expect(rows(page)).toHaveCount(2);
  await expect(row(page, 'ERROR db failed')).toBeVisible();
  await expect(row(page, 'ERROR web of today failed')).toBeVisible();
  await expect(note(page, 'Range starts here')).toBeVisible();
  await expect(page).toHaveURL(/since=deploy/);

  // The same again tomorrow by this address; what was deployed before is one press away.
  await page.reload();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'show older' }).click();
  await expect(row(page, 'ERROR web of yesterday failed')).toBeVisible();
});
