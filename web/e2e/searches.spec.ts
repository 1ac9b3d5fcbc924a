import AxeBuilder from '@axe-core/playwright';
import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, rows, test } from './support/test';

const talks = 'i=0; while [ $i -lt 300 ]; do echo "request $i"; i=$((i+1)); done; echo "ERROR late"; exec sleep 100000';

test('a view is saved under a name, found by completion, opened and removed', async ({ page, container }) => {
  container({ name: 'e2e-searches', script: talks });
  // What an earlier run left is still saved under its name.
  const name = `Slow ones ${Date.now()}`;
  await openLog(page, 'e2e-searches');
  await expect(row(page, 'late')).toBeVisible();
  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('late');
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/filter=late/);
  await page.getByRole('button', { name: 'Saved searches' }).click();
  const menu = page.getByRole('group', { name: 'Saved searches' });
  await menu.getByLabel('Name').fill(name);
  await menu.getByRole('button', { name: 'Save' }).click();
  await expect(menu.getByRole('link', { name })).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/searches.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);

  await openLog(page, 'e2e-searches');
  await expect(row(page, 'request 299')).toBeVisible();
  // Saved ones are known when the menu has them.
  await page.getByRole('button', { name: 'Saved searches' }).click();
  await expect(menu.getByRole('link', { name })).toBeVisible();
  await page.keyboard.press('Escape');
  const filter = page.getByRole('combobox', { name: 'Filter', exact: true });
  await filter.fill('slow ones');
  await page.getByRole('option', { name }).click();
  await expect(filter).toHaveValue('late');
  await expect(rows(page)).toHaveCount(1);

  await openLog(page, 'e2e-searches');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /Name of a container/ }).fill(`saved ${name}`);
  await expect(page.getByRole('option', { selected: true })).toContainText(name);
  await page.keyboard.press('Enter');
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/container=e2e-searches.*filter=late/);

  await openLog(page, 'e2e-searches');
  await page.getByRole('button', { name: 'Saved searches' }).click();
  await menu.getByRole('link', { name }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/container=e2e-searches.*filter=late/);
  await page.getByRole('button', { name: 'Saved searches' }).click();
  await menu.getByRole('button', { name: `Remove ${name}` }).click();
  await expect(menu.getByRole('link', { name })).toHaveCount(0);
});
