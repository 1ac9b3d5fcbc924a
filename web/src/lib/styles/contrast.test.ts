/** The look is readable: WCAG 2.2 AA, computed from the tokens themselves. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const AA = 4.5;
const GROUNDS = ['bg', 'surface', 'hover', 'select'];
const TEXTS = ['text', 'muted', 'faint', 'accent', 'trace', 'debug', 'info', 'warn', 'error', 'fatal', 'up', 'bad'];
const NAMES = Array.from({ length: 10 }, (_, index) => `name-${index + 1}`);
const ANSI = Array.from({ length: 16 }, (_, index) => `ansi-${index}`);

const css = ['tokens.css', 'app.css'].map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')).join('\n');

function tokens(selector: RegExp): Record<string, string> {
  const found: Record<string, string> = {};
  for (const block of css.matchAll(selector)) {
    for (const [, name, value] of (block[1] ?? '').matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)) {
      if (name && value) found[name] = value;
    }
  }
  return found;
}

const light = tokens(/:root\s*\{([^}]*)\}/g);
const dark = { ...light, ...tokens(/\[data-theme=['"]dark['"]\]\s*\{([^}]*)\}/g) };

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string | undefined, b: string | undefined): number {
  const [brighter = 0, darker = 0] = [luminance(a ?? '#000000'), luminance(b ?? '#000000')].sort((x, y) => y - x);
  return (brighter + 0.05) / (darker + 0.05);
}

describe.each([
  ['light', light],
  ['dark', dark]
])('%s', (_, theme) => {
  test.each(GROUNDS)('every text on --%s', (ground) => {
    const weak = [...TEXTS, ...NAMES, ...ANSI]
      .map((name) => [name, contrast(theme[name], theme[ground])] as const)
      .filter(([, ratio]) => ratio < AA);
    expect(weak).toEqual([]);
  });

  test('text on matches, on buttons and on raised panels', () => {
    expect(contrast(theme['text'], theme['mark'])).toBeGreaterThanOrEqual(AA);
    expect(contrast('#000000', theme['mark-on'])).toBeGreaterThanOrEqual(AA);
    expect(contrast(theme['bg'], theme['accent'])).toBeGreaterThanOrEqual(AA);
    for (const name of ['text', 'muted', 'accent', 'bad']) {
      expect(contrast(theme[name], theme['raised'])).toBeGreaterThanOrEqual(AA);
    }
  });

  test('lights and focus stand out from the ground', () => {
    for (const name of ['up', 'down', 'bad', 'focus'])
      expect(contrast(theme[name], theme['bg'])).toBeGreaterThanOrEqual(3);
  });
});
