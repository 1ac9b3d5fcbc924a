import { expect, openLog, row, rows, test } from './support/test';

/** A service that says everything in JSON, its message two levels down. */
const line = (level: string, text: string, tenant: string) =>
  `echo '{"ts":"x","event":{"severity":"${level}","text":"${text}"},"ctx":{"tenant":"${tenant}"}}'`;

test('somebody looks for one tenant’s failures in a JSON-only service with the message nested', async ({
  page,
  container
}) => {
  const script = [
    line('info', 'order placed', 'blue'),
    line('error', 'card refused', 'red'),
    line('error', 'no stock', 'blue'),
    'exec sleep 100000'
  ].join('; ');
  container({ name: 'e2e-walk-json', script, extra: ['--label', 'miniman.message=event.text'] });
  await openLog(page, 'e2e-walk-json');
  // The message leads, though it stands two levels down.
  await expect(row(page, /^card refused /)).toBeVisible();
  await row(page, /^card refused /)
    .locator('p')
    .click();
  const tenant = page.getByRole('group', { name: 'Field tenant', exact: true });
  await tenant.getByRole('button', { name: 'Column' }).click();
  await expect(row(page, /^no stock /).locator('.c')).toHaveText('blue');
  await tenant.getByRole('button', { name: 'Filter' }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/filter=ctx\.tenant%3Ared/);
  await expect(row(page, /^card refused /).locator('.c')).toHaveText('red');
});
