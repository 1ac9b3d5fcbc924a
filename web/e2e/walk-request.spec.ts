/** A request failed somewhere among nine services. Its id is all that somebody has. */
import { docker } from './support/docker';
import { expect, row, rows, test } from './support/test';

const SERVICES = ['gate', 'auth', 'cart', 'stock', 'price', 'tax', 'pay', 'mail', 'audit'];
const ID = '7f3a9c1e';

/** Some lines of its own, then what is written into `/tmp/say`. */
const script = (service: string) =>
  `i=0; while [ $i -lt 40 ]; do echo "INFO ${service} request=other$i done"; i=$((i+1)); done; ` +
  'mkfifo /tmp/say; while :; do cat /tmp/say; done';

test('one request id over nine services, and what was around it', async ({ page, container }) => {
  const stack = `e2ereq${Date.now()}`;
  const nameOf = (service: string) => `${stack}-${service}-1`;
  for (const service of SERVICES) container({ name: nameOf(service), script: script(service), stack, service });
  const say = (service: string, text: string) =>
    docker('exec', nameOf(service), 'sh', '-c', `echo '${text}' > /tmp/say`);
  await page.goto(`/logs?stack=${stack}`);
  await expect(page.locator('footer .live')).toHaveText('● live');
  for (const service of SERVICES) {
    if (service === 'pay') say('pay', 'WARN pay pool has no connection left');
    say(service, service === 'pay' ? `ERROR pay request=${ID} timed out` : `INFO ${service} request=${ID} took 4ms`);
  }
  await expect(row(page, `INFO audit request=${ID}`)).toBeVisible();

  await page.getByRole('combobox', { name: 'Filter', exact: true }).fill(ID);
  await expect(rows(page)).toHaveCount(SERVICES.length);
  // In the order that it went, each with its service.
  await expect(rows(page).locator('p')).toContainText(SERVICES.map((service) => `${service} request=${ID}`));
  await expect(rows(page).locator('.n')).toHaveText(SERVICES.map((service) => `${service}-1`));

  // What went wrong, and what its own container said around it; then what all said at that time.
  await row(page, `ERROR pay request=${ID}`).click();
  await page.keyboard.press('c');
  const context = page.getByRole('region', { name: /^Context of one line/ });
  await expect(context.locator('.l.sel p')).toHaveText(`ERROR pay request=${ID} timed out`);
  await expect(context.locator('.l', { hasText: 'WARN pay pool has no connection left' })).toBeInViewport();
  await expect(context.locator('.l', { hasText: `tax request=${ID}` })).toHaveCount(0);
  await page.keyboard.press('c');
  await expect(context.locator('.l', { hasText: `tax request=${ID}` })).toBeInViewport();
  await expect(context.locator('.l', { hasText: `mail request=${ID}` })).toBeInViewport();
  await expect(context.locator('.l.sel p')).toHaveText(`ERROR pay request=${ID} timed out`);
  await page.keyboard.press('Escape');
  await expect(rows(page)).toHaveCount(SERVICES.length);
  await expect(page).toHaveURL(new RegExp(`stack=${stack}&filter=${ID}`));
});
