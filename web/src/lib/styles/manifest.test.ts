import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const file = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url));
const manifest = JSON.parse(file('static/manifest.webmanifest').toString()) as {
  start_url: string;
  scope: string;
  theme_color: string;
  background_color: string;
  icons: { src: string; type: string; sizes: string }[];
};

test('the manifest holds below any path: its addresses begin where it stands', () => {
  const addresses = [manifest.start_url, manifest.scope, ...manifest.icons.map(({ src }) => src)];
  for (const address of addresses) expect(address).not.toMatch(/^\/|:/);
});

test('icons are there, in the sizes that it says', () => {
  for (const { src, type, sizes } of manifest.icons) {
    const icon = file(`static/${src}`);
    if (type === 'image/svg+xml') expect(icon.toString()).toContain('viewBox');
    // Width and height stand in a PNG's first chunk.
    else expect(`${icon.readUInt32BE(16)}x${icon.readUInt32BE(20)}`).toBe(sizes);
  }
});

test('its colours are those of the page', () => {
  const surface = /--surface: (#[0-9a-f]{6})/.exec(file('src/lib/styles/tokens.css').toString())?.[1];
  const meta = /name="theme-color" content="([^"]+)"/.exec(file('src/app.html').toString())?.[1];
  expect([manifest.theme_color, manifest.background_color, meta]).toEqual([surface, surface, surface]);
});
