import AxeBuilder from '@axe-core/playwright';
import { NOBODY, shown } from './support/places';
import { openState, states } from './support/states';
import { expect, test } from './support/test';

for (const state of states) {
  test.describe(state.name, () => {
    // What is shown here is what goes wrong: the browser may say so.
    test.use({ refusals: /./, ...(state.outside ? { storageState: NOBODY } : {}) });

    test('the state is told, on a screen and on a phone, and axe finds nothing', async ({ page, container }) => {
      shown.forEach(container);
      await openState(page, state, container);
      for (const [width, height] of [
        [1280, 760],
        [390, 780]
      ] as const) {
        await page.setViewportSize({ width, height });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow).toBeLessThanOrEqual(0);
      }
    });
  });
}
