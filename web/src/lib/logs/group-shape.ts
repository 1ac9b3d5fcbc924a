/** What a line looks like, by its first words alone: as `miniman-log/src/group/shape.rs` has it. */

export const isBlank = (text: string) => /^[ \t\n\f\r]*$/.test(text);

/** The line starts with white space and holds more than that. */
export const isIndented = (text: string) => /^[ \t]/.test(text) && !isBlank(text);

/** An indented line that names a place in a program: `at f(…)`, `File "…"`, `from …:1:in`. */
export function isFrame(text: string): boolean {
  if (!isIndented(text)) return false;
  const frame = text.trimStart();
  if (frame.startsWith('at ')) return /[(/:.<]| in /.test(frame.slice(3));
  return frame.startsWith('File "') || (frame.startsWith('from ') && frame.includes(':in '));
}

/** `java.lang.IllegalStateException: …`: dotted names, the last of them an exception's. */
export function isException(text: string): boolean {
  return /^(?:[\p{Alphabetic}\p{N}_]+\.)+[^.: ]*(?:Exception|Error|Throwable)(?::|$)/u.test(text);
}

/** A goroutine's frames: `main.main()`, `panic(…)`. */
export function isGoCall(text: string): boolean {
  const open = text.indexOf('(');
  if (open < 0 || !text.endsWith(')')) return false;
  const name = text.slice(0, open);
  return name === 'panic' || (name.includes('.') && !name.includes(' '));
}

/** `/app/index.js:3`, `node:internal/x:1`: where Node was when it gave up. */
export const isNodePlace = (text: string) =>
  /^(?:node:[^ ]*|(?:\/|file:\/\/\/)[^ ]*\.(?:js|cjs|mjs|ts)):\d+$/.test(text);

/** `^^^^`: below a line of source. */
export const isCaret = (text: string) => /^\s*\^+\s*$/.test(text);

/** `}`, `],`: what closes something that was indented. */
export const isClosing = (text: string) => /^\s*[}\]),;]+\s*$/.test(text);

/** `#0 /app/x.php(3): f()`, PHP's frames. */
export const isPhpFrame = (text: string) => /^#\d+ /.test(text);

export const isTraceback = (text: string) => text === 'Traceback (most recent call last):';

/** The first line of an exception group's traceback, all of which is indented. */
export const isExceptionGroup = (text: string) =>
  text.trimStart() === '+ Exception Group Traceback (most recent call last):';

export const isGoroutine = (text: string) => /^goroutine \d.*\]:$/.test(text);

const GO = ['[signal ', 'created by ', 'exit status ', 'runtime stack:', 'PC=', 'panic: '];

export function isOfGo(text: string): boolean {
  return (
    isGoroutine(text) ||
    isIndented(text) ||
    isGoCall(text) ||
    GO.some((start) => text.startsWith(start)) ||
    /^[A-Za-z0-9]{0,6} +0x/.test(text) ||
    (text.startsWith('...') && text.endsWith('frames elided...'))
  );
}

export const isRustPanic = (text: string) => text.startsWith("thread '") && text.includes(' panicked at ');
