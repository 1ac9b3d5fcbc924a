/**
 * Terminal output as styled text: SGR sequences become styles, `\r` shows its last state, every other escape
 * sequence is dropped and every other control character becomes visible.
 *
 * Only text and numbers come out of here, never markup.
 */

/** A colour: an index of the 16 (the theme's own), or `rgb(…)` for the 256 and 24-bit ones. */
export type Colour = number | string;

export interface Style {
  fg?: Colour;
  bg?: Colour;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  strike?: true;
  reverse?: true;
}

export interface Span {
  text: string;
  style: Style | null;
}

/** Styles of one line beyond this are not told apart any more: no screen shows them, and each costs a node. */
export const SPANS_MAX = 2_000;

/** Only the end of a long body is searched for an erased line. */
const ERASE_LOOK_BACK = 16_384;

const ESC = 0x1b;
const NEEDS_WORK = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const INVISIBLE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Whether a body is plain text that can be shown as it is. */
export function isPlain(body: string): boolean {
  return !NEEDS_WORK.test(body);
}

/** The body as spans; adjacent text of one style is one span. */
export function spansOf(body: string): Span[] {
  const spans = tokenise(body.includes('\r') ? sinceErased(body) : body);
  return body.includes('\r') ? lastState(spans) : spans.map((span) => ({ ...span, text: visible(span.text) }));
}

/** A text of a structure, which may have several lines: without escape sequences, and with its controls visible. */
export function visibleText(text: string): string {
  if (isPlain(text)) return text;
  const visibleLine = (line: string) =>
    spansOf(line)
      .map((span) => span.text)
      .join('');
  return text.split('\n').map(visibleLine).join('\n');
}

/** The body without any escape sequence or control character: what copying gives. */
export function stripControls(body: string): string {
  if (isPlain(body)) return body;
  return spansOf(body)
    .map((span) => span.text)
    .join('')
    .replace(/[\u2400-\u2421]/g, '');
}

/** What is left when a line was erased from its first column: progress bars draw themselves anew like this. */
function sinceErased(body: string): string {
  const erased = /^[\s\S]*(?:\r\u001b\[[02]?K|\u001b\[2K\r?)/.exec(body.slice(-ERASE_LOOK_BACK));
  return erased ? body.slice(-ERASE_LOOK_BACK).slice(erased[0].length) || body : body;
}

/** C0 controls as their pictures (␀), others by their number: seen, never obeyed. */
function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

function tokenise(body: string): Span[] {
  const spans: Span[] = [];
  let style: Style | null = null;
  let from = 0;
  let at = body.indexOf('\x1b');
  while (at !== -1 && spans.length < SPANS_MAX) {
    if (at > from) push(spans, body.slice(from, at), style);
    const end = sequenceEnd(body, at);
    if (body[at + 1] === '[' && body[end - 1] === 'm') style = applySgr(style, body.slice(at + 2, end - 1));
    from = end;
    at = body.indexOf('\x1b', from);
  }
  const rest = at === -1 ? body.slice(from) : stripRest(body, from);
  if (rest) push(spans, rest, style);
  return spans;
}

function stripRest(body: string, from: number): string {
  let out = '';
  let at = body.indexOf('\x1b', from);
  while (at !== -1) {
    out += body.slice(from, at);
    from = sequenceEnd(body, at);
    at = body.indexOf('\x1b', from);
  }
  return out + body.slice(from);
}

function push(spans: Span[], text: string, style: Style | null): void {
  const last = spans[spans.length - 1];
  if (last && last.style === style) last.text += text;
  else spans.push({ text, style });
}

/** Where the escape sequence that starts at `at` ends (exclusive); an unfinished one takes the rest. */
function sequenceEnd(body: string, at: number): number {
  const kind = body.charCodeAt(at + 1);
  if (kind === 0x5b) {
    let i = at + 2;
    while (i < body.length && (body.charCodeAt(i) < 0x40 || body.charCodeAt(i) > 0x7e)) {
      // A control inside a sequence ends it: the text behind is not swallowed.
      if (body.charCodeAt(i) < 0x20) return i;
      i++;
    }
    return Math.min(i + 1, body.length);
  }
  // OSC, DCS, SOS, PM, APC: up to BEL or ESC \.
  if (kind === 0x5d || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f) {
    for (let i = at + 2; i < body.length; i++) {
      const code = body.charCodeAt(i);
      if (code === 0x07) return i + 1;
      if (code === ESC) return body[i + 1] === '\\' ? i + 2 : i;
    }
    return body.length;
  }
  // Two characters, or three with an intermediate one (character sets).
  return Math.min(at + (kind >= 0x20 && kind <= 0x2f ? 3 : 2), body.length);
}

function applySgr(before: Style | null, parameters: string): Style | null {
  let style: Style = before ?? {};
  // `38:2::r:g:b` and `38;2;r;g;b` are both in use.
  // `4:3` is an underline of another kind, `4:0` none.
  const codes = parameters
    .replace(/(^|;)4:(\d+)/g, (_, before: string, kind: string) => `${before}${kind === '0' ? 24 : 4}`)
    .replace(/:(?=:)/g, '')
    .split(/[;:]/)
    .map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    // 58 is the underline's own colour: taken with its numbers, and not shown.
    if (code === 38 || code === 48 || code === 58) {
      const [colour, used] = extended(codes, i + 1);
      i += used;
      if (colour !== null && code !== 58) style = { ...style, [code === 38 ? 'fg' : 'bg']: colour };
    } else style = applyCode(style, code);
  }
  return Object.keys(style).length === 0 ? null : style;
}

const SETS: Record<number, Style> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { reverse: true },
  9: { strike: true },
  21: { underline: true }
};

const CLEARS: Record<number, readonly (keyof Style)[]> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['reverse'],
  29: ['strike'],
  39: ['fg'],
  49: ['bg']
};

function applyCode(style: Style, code: number): Style {
  if (code === 0) return {};
  if (SETS[code]) return { ...style, ...SETS[code] };
  const clears = CLEARS[code];
  if (clears) {
    return Object.fromEntries(Object.entries(style).filter(([key]) => !clears.includes(key as keyof Style)));
  }
  if (code >= 30 && code <= 37) return { ...style, fg: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, bg: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, fg: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, bg: code - 92 };
  return style;
}

/** `5;n` or `2;r;g;b`: the colour, and how many codes it took. */
function extended(codes: number[], at: number): [Colour | null, number] {
  if (codes[at] === 5) return [indexed(codes[at + 1] ?? 0), 2];
  if (codes[at] !== 2) return [null, 1];
  const rgb = codes.slice(at + 1, at + 4);
  const sound = rgb.length === 3 && rgb.every((value) => value >= 0 && value <= 255);
  return [sound ? `rgb(${rgb.join(' ')})` : null, 4];
}

function indexed(index: number): Colour | null {
  if (!Number.isInteger(index) || index < 0 || index > 255) return null;
  if (index < 16) return index;
  if (index >= 232)
    return `rgb(${Array(3)
      .fill(8 + (index - 232) * 10)
      .join(' ')})`;
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}

/** What a terminal would show at the end: each `\r` goes back to the first column and writes over. */
function lastState(spans: Span[]): Span[] {
  const cells: { text: string; style: Style | null }[] = [];
  let column = 0;
  for (const span of spans) {
    for (const character of span.text) {
      if (character === '\r') column = 0;
      else cells[column++] = { text: visible(character), style: span.style };
    }
  }
  const out: Span[] = [];
  for (const cell of cells) push(out, cell.text, cell.style);
  return out;
}
