/**
 * `cargo xtask screenshots`: a picture of every place and state, in light, in dark and on a phone.
 *
 * A new place is a line in `e2e/support/places.ts`, a new state one in `e2e/support/states.ts`.
 */
import { SCREENSHOTS } from '../e2e/support/environment';
import { NOBODY, places, shown } from '../e2e/support/places';
import { openState, type State, states } from '../e2e/support/states';
import { test } from '../e2e/support/test';

const looks = [
  { look: 'light', colorScheme: 'light', viewport: { width: 1280, height: 760 } },
  { look: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 760 } },
  { look: 'phone', colorScheme: 'light', viewport: { width: 390, height: 780 } }
] as const;

const pictured: State[] = [...places, ...states];

for (const { look, colorScheme, viewport } of looks) {
  for (const state of pictured) {
    test.describe(look, () => {
      // What is drawn here is what goes wrong: the browser may say so.
      test.use({ colorScheme, viewport, refusals: /./, ...(state.outside ? { storageState: NOBODY } : {}) });

      test(state.name, async ({ page, container }) => {
        shown.forEach(container);
        await openState(page, state, container);
        await page.screenshot({ path: `${SCREENSHOTS}/${state.name}-${look}.png` });
      });
    });
  }
}
