/**
 * Draws the PNG icons of the manifest from `static/favicon.svg`: `node scripts/icons.js`, after a change of it.
 * They are committed, so that building needs no browser.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const svg = readFileSync('static/favicon.svg', 'utf8');
/** Systems cut a maskable icon to their own form: it fills the square, and what is drawn stays in the middle 80%. */
const maskable = svg
  .replace(/<rect[^>]*>/, '<rect width="18" height="18" fill="#0b6e63"/>')
  .replace('<path ', '<path transform="translate(2.25 2.25) scale(.75)" ');

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' });
const page = await browser.newPage();
for (const [name, size, drawing] of [
  ['icon-192.png', 192, svg],
  ['icon-512.png', 512, svg],
  ['icon-maskable-512.png', 512, maskable]
]) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${drawing}`);
  writeFileSync(`static/${name}`, await page.screenshot({ omitBackground: true }));
}
await browser.close();
