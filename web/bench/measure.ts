/** Taking figures from Chromium: its traces, its own timings, its processes. */
import { readFileSync, statSync } from 'node:fs';
import type { Browser, Page } from '@playwright/test';
import { median } from './figures';

export interface Frames {
  /** Frames a second on average. */
  rate: number;
  /** Milliseconds from one frame to the next. */
  median: number;
  longest: number;
}

interface TraceEvent {
  name: string;
  ts: number;
}

const FRAMES = 'disabled-by-default-devtools.timeline.frame';

/** The frames that Chromium drew while `work` ran, from its own trace. */
export async function frames(browser: Browser, page: Page, work: () => Promise<void>): Promise<Frames> {
  await browser.startTracing(page, { categories: [FRAMES] });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const drawn = trace.traceEvents.filter(({ name }) => name === 'DrawFrame').map(({ ts }) => ts / 1_000);
  drawn.sort((a, b) => a - b);
  const gaps = drawn.slice(1).map((at, index) => at - (drawn[index] ?? at));
  const seconds = ((drawn.at(-1) ?? 0) - (drawn[0] ?? 0)) / 1_000;
  return { rate: gaps.length / seconds, median: median(gaps), longest: Math.max(...gaps) };
}

/** What the largest of the browser's pages takes of memory, in bytes, as the kernel shares it out. */
export async function tabMemory(browser: Browser, page: Page): Promise<number> {
  const own = await page.context().newCDPSession(page);
  await own.send('HeapProfiler.collectGarbage');
  await own.detach();
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const shares = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1]) * 1_024);
  return Math.max(...shares);
}

/** How far behind the last row on screen is, in milliseconds, at every frame of `seconds`; lines are numbered-writer's. */
export function behind(page: Page, seconds: number): Promise<number[]> {
  return page.evaluate(
    (seconds) =>
      new Promise<number[]>((resolve) => {
        const seen: number[] = [];
        const until = performance.now() + seconds * 1_000;
        const look = () => {
          const text = [...document.querySelectorAll('.log .l p')].at(-1)?.textContent ?? '';
          const written = Number(text.split(' ')[1]) / 1e6;
          if (written > 0) seen.push(Date.now() - written);
          if (performance.now() < until) requestAnimationFrame(look);
          else resolve(seen);
        };
        look();
      }),
    seconds
  );
}

/** Bytes of the files that the page was made of, as gzip packs them. */
export async function bundleBytes(page: Page): Promise<number> {
  const paths = await page.evaluate(() => [
    '/index.html',
    ...performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
  ]);
  const packed = (path: string) => statSync(`build${path}.gz`, { throwIfNoEntry: false })?.size ?? 0;
  return [...new Set(paths)].map(packed).reduce((sum, size) => sum + size, 0);
}

/** Has every page that is opened from now on note when its first line was painted: see [`firstLine`]. */
export async function noteFirstLine(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('.log .l') === null) return;
      observer.disconnect();
      // The frame that paints it begins with this one's callbacks.
      requestAnimationFrame(() => setTimeout(() => performance.mark('first-line')));
    });
    observer.observe(document, { childList: true, subtree: true });
  });
}

const markedAt = (page: Page, mark: string) =>
  page.waitForFunction((mark) => performance.getEntriesByName(mark)[0]?.startTime, mark).then((at) => at.jsonValue());

/** Milliseconds from the navigation until something, and until the first line, was painted. */
export async function paints(page: Page): Promise<{ first: number; line: number }> {
  return { first: (await markedAt(page, 'first-paint')) ?? NaN, line: (await markedAt(page, 'first-line')) ?? NaN };
}

/** Types `word` and gives the milliseconds from the last key until a match was in the document. */
export async function keystrokeToMatch(page: Page, word: string): Promise<number> {
  await page.evaluate(() => {
    performance.clearMarks();
    document.addEventListener('keydown', () => performance.mark('key'), { capture: true });
    const observer = new MutationObserver(() => {
      if (document.querySelector('.log .l mark') === null) return;
      observer.disconnect();
      performance.mark('match');
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  await page.keyboard.type(word.slice(0, -1), { delay: 80 });
  await page.evaluate(() => performance.clearMarks());
  await page.keyboard.press(word.slice(-1));
  const match = (await markedAt(page, 'match')) ?? NaN;
  return match - ((await markedAt(page, 'key')) ?? NaN);
}
