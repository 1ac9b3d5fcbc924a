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

/** Where a colour stands in OKLab, in which distances are as far as they look. */
function oklab(hex: string): number[] {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  ];
}

function distance(a: string | undefined, b: string | undefined): number {
  const other = oklab(b ?? '#000000');
  return Math.hypot(...oklab(a ?? '#000000').map((value, at) => value - (other[at] ?? 0)));
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

  test('names are told apart from each other, from severities and from the accent', () => {
    const near = NAMES.flatMap((name, at) =>
      [...NAMES.slice(at + 1), 'info', 'warn', 'error', 'fatal', 'accent']
        .map((other) => [name, other, distance(theme[name], theme[other])] as const)
        .filter(([, , apart]) => apart < 0.045)
    );
    expect(near).toEqual([]);
  });

  test('lights and focus stand out from the ground', () => {
    for (const name of ['up', 'down', 'bad', 'focus'])
      expect(contrast(theme[name], theme['bg'])).toBeGreaterThanOrEqual(3);
  });
});
