import { post } from './support/account';
import { listening } from './support/docker';
import { expect, note, test } from './support/test';

test('an operation is there while it is under way, and says how it ended', async ({ page, container }) => {
  const name = `e2e-ops-${Date.now()}`;
  // It does not hear that it is to end, so that stopping takes a while.
  const id = container({
    name,
    script: `trap '' TERM; ${listening(3)}`,
    extra: ['--stop-timeout', '3']
  });
  await page.goto('/operations');
  const stopping = post(page, `/api/v1/containers/${id}/stop`);
  const row = page.getByRole('row', { name: `stop ${name}` });
  await expect(row).toContainText('under way');
  expect(await stopping).toBe(200);
  await expect(row).toContainText('done');

  // The name leads to what was said then.
  await row.getByRole('link', { name, exact: true }).click();
  await expect(page).toHaveURL(/since=/);
  await expect(note(page, '--- Container stop action successful ---')).toBeVisible();
});

test('operations are found by who, what, where and how they ended', async ({ page, container }) => {
  const name = `e2e-ops-found-${Date.now()}`;
  const id = container({ name, script: listening(3) });
  await page.goto('/operations');
  expect(await post(page, `/api/v1/containers/${id}/restart`)).toBe(200);
  const row = page.getByRole('row', { name: `restart ${name}` });
  await expect(row).toHaveCount(1);
  const filter = page.getByRole('searchbox', { name: 'Filter operations', exact: true });
  await filter.fill(`admin ${name}`);
  await expect(page).toHaveURL(`/operations?filter=admin+${name}`);
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Outcome', exact: true }).selectOption('failed');
  await expect(page.getByText(/^None of the .* fits\.$/)).toBeVisible();
  await page.reload();
  await expect(filter).toHaveValue(`admin ${name}`);
  await page.getByRole('button', { name: 'Show all', exact: true }).click();
  await expect(row).toHaveCount(1);
  await expect(page).toHaveURL('/operations');
});
