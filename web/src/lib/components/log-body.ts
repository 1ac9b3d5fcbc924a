/** Writes a line's pieces into its row: text nodes, classes, and colours through the CSSOM. Never markup. */
import type { Colour, Style } from '$lib/logs/ansi';
import type { Piece, PieceKind } from '$lib/logs/line';
import { type Needle, marksIn } from '$lib/logs/query';

type Rgb = readonly [number, number, number];

/** The 16 as terminals draw them. */
const TERMINAL: readonly Rgb[] = [
  [0, 0, 0],
  [178, 34, 34],
  [17, 112, 58],
  [150, 105, 0],
  [29, 95, 196],
  [142, 59, 138],
  [0, 115, 130],
  [229, 229, 229],
  [92, 102, 115],
  [200, 50, 50],
  [20, 130, 70],
  [245, 196, 66],
  [59, 142, 234],
  [214, 112, 214],
  [41, 184, 219],
  [255, 255, 255]
];

const ELEMENT: Record<PieceKind, string> = {
  text: 'span',
  level: 'u',
  key: 'em',
  value: 'b',
  cut: 'span',
  fold: 'button'
};

/** What stands after a line's own text. */
const APPENDED: readonly PieceKind[] = ['cut', 'fold'];

export function writePieces(target: HTMLElement, pieces: readonly Piece[], needles: readonly Needle[]): void {
  target.textContent = '';
  const own = pieces.filter(({ kind }) => !APPENDED.includes(kind));
  const marks = needles.length > 0 ? marksIn(own.map(({ text }) => text).join(''), needles) : [];
  let at = 0;
  for (const { kind, text, style } of pieces) {
    const nodes = APPENDED.includes(kind) ? [text] : marked(text, at, marks);
    at += text.length;
    if (kind === 'text' && style === null) {
      target.append(...nodes);
      continue;
    }
    const element = document.createElement(ELEMENT[kind]);
    element.append(...nodes);
    if (kind === 'cut' || kind === 'fold') element.className = kind;
    if (kind === 'fold') (element as HTMLButtonElement).type = 'button';
    if (style !== null) applyStyle(element, style);
    target.append(element);
  }
}

/** A text that starts at `at` of the line, with those parts of it in marks that are marked there. */
function marked(text: string, at: number, marks: readonly [start: number, end: number][]): (string | HTMLElement)[] {
  const nodes: (string | HTMLElement)[] = [];
  let done = 0;
  for (const [start, end] of marks) {
    const from = Math.max(done, start - at);
    const to = Math.min(text.length, end - at);
    if (from >= to) continue;
    if (from > done) nodes.push(text.slice(done, from));
    const mark = document.createElement('mark');
    mark.textContent = text.slice(from, to);
    nodes.push(mark);
    done = to;
  }
  if (done < text.length) nodes.push(text.slice(done));
  return nodes;
}

function applyStyle(element: HTMLElement, style: Style): void {
  const classes = [
    style.bold && 'a-b',
    style.dim && 'a-d',
    style.italic && 'a-i',
    style.underline && 'a-u',
    style.strike && 'a-s'
  ].filter(Boolean);
  if (classes.length > 0) element.className = classes.join(' ');
  const { fg, bg, reverse } = style;
  if (reverse) {
    element.style.backgroundColor = fg === undefined ? 'var(--text)' : solid(fg);
    element.style.color = bg !== undefined ? solid(bg) : fg === undefined ? 'var(--bg)' : contrasting(fg);
    return;
  }
  if (bg === undefined) {
    if (fg !== undefined) element.style.color = onGround(fg);
  } else {
    element.style.backgroundColor = solid(bg);
    element.style.color = fg === undefined ? contrasting(bg) : solid(fg);
  }
}

/** On the theme's ground the 16 are the theme's; free colours lean to the text's, so that none vanishes. */
function onGround(colour: Colour): string {
  return typeof colour === 'number' ? `var(--ansi-${colour})` : `color-mix(in oklab, ${colour} 78%, var(--text))`;
}

/** On a ground of its own, a colour is what a terminal shows: `white on red` means those two. */
function solid(colour: Colour): string {
  return typeof colour === 'number' ? `rgb(${TERMINAL[colour]?.join(' ') ?? '0 0 0'})` : colour;
}

function contrasting(colour: Colour): string {
  const numbers = typeof colour === 'number' ? TERMINAL[colour] : colour.match(/\d+/g)?.map(Number);
  const [red = 0, green = 0, blue = 0] = numbers ?? [];
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? '#000' : '#fff';
}
