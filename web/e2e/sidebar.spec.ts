import { quiet, talkative } from './support/docker';
import { SCREENSHOTS } from './support/environment';
import { expect, row, test } from './support/test';

test('a service stands over its replicas, and each opens its own view', async ({ page, container }) => {
  const stack = 'e2eside';
  for (const number of [1, 2]) {
    container({
      name: `e2eside-web-${number}`,
      script: `echo I am web ${number}; ${quiet}`,
      stack,
      service: 'web',
      number
    });
  }
  await page.goto('/');
  const sidebar = page.getByRole('navigation', { name: 'Containers' });
  const service = sidebar.getByRole('link', { name: /^web 2\/2 up/ });
  await expect(service).toBeVisible();
  await page.screenshot({ path: `${SCREENSHOTS}/sidebar.png` });
  await service.click();
  await expect(page).toHaveURL('/logs?stack=e2eside&service=web');
  await expect(row(page, 'I am web 1').last()).toBeVisible();
  await expect(row(page, 'I am web 2').last()).toBeVisible();
  await sidebar.getByRole('link', { name: /^web-2/ }).click();
  await expect(page).toHaveURL('/logs?container=e2eside-web-2');
  await expect(row(page, 'I am web 1')).toHaveCount(0);
});

test('a click with Ctrl adds to what is shown; without a keyboard, Select does', async ({ page, container }) => {
  for (const name of ['one', 'two']) {
    container({ name: `e2e-merge-${name}`, script: `echo I am ${name}; ${talkative(3)}` });
  }
  await page.goto('/logs?container=e2e-merge-one');
  await expect(row(page, 'I am one')).toBeVisible();
  const sidebar = page.getByRole('navigation', { name: 'Containers' });
  const two = sidebar.getByRole('link', { name: /^e2e-merge-two/ });
  await two.click({ modifiers: ['Control'] });
  await expect(page).toHaveURL('/logs?container=e2e-merge-one&container=e2e-merge-two');
  await expect(row(page, 'I am two')).toBeVisible();

  await page.goto('/');
  await sidebar.getByRole('button', { name: 'Select' }).click();
  await two.click();
  await sidebar.getByRole('link', { name: /^e2e-merge-one/ }).click();
  await sidebar.getByRole('button', { name: 'Show 2 merged' }).click();
  await expect(page).toHaveURL(/container=e2e-merge-two&container=e2e-merge-one/);
});
