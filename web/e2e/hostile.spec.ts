import { SCREENSHOTS } from './support/environment';
import { expect, openLog, row, test } from './support/test';

const ESC = '\\033[';
/** Written by awk where it is long: a shell that joins a megabyte takes its time. */
const HOSTILE = [
  `echo '<script>window.owned=1</script><img src=x onerror="window.owned=2"><svg/onload=window.owned=3>'`,
  `echo '{"msg":"<b onclick=window.owned=4>bold</b>","a<b>":"</p><script>window.owned=5</script>"}'`,
  `printf '${ESC}1;3;4;7;9;38;5;208mall ${ESC}0m${ESC}38;2;1;200;3mfree${ESC}0m ${ESC}2Jcleared ${ESC}999999999999999999m\\033]0;title\\007done\\n'`,
  `awk 'BEGIN { for (i = 0; i < 40000; i++) printf "\\033[3%dmx", i % 8; print "" }'`,
  `printf 'user \\342\\200\\256gnp.exe \\342\\201\\246iso\\342\\201\\251 end\\n'`,
  `printf 'zero\\342\\200\\213width \\360\\237\\221\\250\\342\\200\\215\\360\\237\\221\\251\\342\\200\\215\\360\\237\\221\\247 e\\314\\201\\314\\202\\314\\203 \\346\\274\\242\\345\\255\\227 \\330\\247\\331\\204\\330\\271\\330\\261\\330\\250\\331\\212\\330\\251\\n'`,
  `echo '{"msg":"lone \\ud800 surrogate","b":"\\udc00","bidi":"a\\u202eb","esc":"\\u001b[31mred"}'`,
  `awk 'BEGIN { for (i = 0; i < 200; i++) printf "{\\"a\\":"; printf "1"; for (i = 0; i < 200; i++) printf "}"; print "" }'`,
  `awk 'BEGIN { for (i = 0; i < 100000; i++) printf "0123456789"; print "" }'`,
  `printf 'progress 10%%\\rprogress 99%%\\n'`,
  `echo 'the end'`,
  'exec sleep 100000'
].join('; ');

test('a hostile log is text, quickly, and nothing of it runs', async ({ page, container }) => {
  const answered = page.waitForResponse((response) => response.url().includes('/logs?container=e2e-hostile'));
  container({ name: 'e2e-hostile', script: HOSTILE });
  await openLog(page, 'e2e-hostile');
  const policy = (await answered).headers()['content-security-policy'] ?? '';
  expect(/script-src[^;]*/.exec(policy)?.[0] ?? policy).not.toContain('unsafe-inline');
  await expect(row(page, /^the end$/)).toBeVisible();

  await expect(row(page, '<script>window.owned=1</script>')).toHaveCount(1);
  await expect(page.locator('.log :is(script, img, svg)')).toHaveCount(0);
  expect(await page.evaluate(() => (window as unknown as { owned?: number }).owned)).toBeUndefined();
  await expect(row(page, /^progress 99%$/)).toHaveCount(1);
  await expect(row(page, 'user ⟨202E⟩gnp.exe ⟨2066⟩iso⟨2069⟩ end')).toHaveCount(1);
  await expect(row(page, 'bidi=a⟨202E⟩b esc=red')).toHaveCount(1);
  await expect(row(page, 'all free cleared done')).toHaveCount(1);
  await expect(row(page, 'العربية')).toHaveCount(1);
  // The longest line folds, and the bomb's styles are bounded.
  await expect(row(page, /… [\d,]+ more characters/)).toHaveCount(2);
  expect(await page.locator('.log .l > p > *').count()).toBeLessThan(5_000);

  // Levels open one by one, however deep they go.
  await row(page, 'a.a.a.a.a.a=').locator('p').click();
  const levels = page.locator('.tree-json button[aria-expanded]');
  const before = await levels.count();
  await levels.last().click();
  await expect(levels).toHaveCount(before + 1);
  await page.screenshot({ path: `${SCREENSHOTS}/hostile.png` });

  // Frames while all of it is drawn anew; two seconds find a hang, not a frame over budget.
  await page.locator('.log').focus();
  await page.keyboard.press('g');
  await expect(row(page, '<script>window.owned=1</script>')).toBeInViewport();
  const longest = await page.evaluate(async () => {
    let longest = 0;
    for (let frame = 0, before = performance.now(); frame < 30; frame++) {
      document.querySelector('.log')?.scrollBy(0, frame % 2 === 0 ? 200 : -200);
      const now = await new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
      longest = Math.max(longest, now - before);
      before = now;
    }
    return longest;
  });
  expect(longest).toBeLessThan(2_000);
});
