/** The log view's keys. Letters can be switched off; what the browser does by itself is left to it. */
import { isNumbered } from '$lib/logs/rows';
import { copyText } from './clipboard';
import type { LinePick } from './line-pick.svelte';
import { notices } from './notices.svelte';
import type { LogFind } from './log-find.svelte';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';
import { focusRow } from './log-walk';
import { preferences } from './preferences.svelte';
import { stripControls } from '$lib/logs/ansi';

export interface KeyCommands {
  /** What the focused line has to open. */
  open: () => void;
  copyLink: () => void;
  filter: () => void;
  find: () => void;
  goToTime: () => void;
  help: () => void;
  /** What stood around the focused line. */
  context: () => void;
  /** Where Esc leads; left out: the focused line is left. */
  leave?: () => void;
}

const BROWSER_FIND = 'The browser finds what is on the screen now. Press / to find in all lines.';

export function logKeys(
  view: LogView,
  scroller: LogScroller,
  find: LogFind,
  pick: LinePick,
  commands: KeyCommands
): (event: KeyboardEvent) => void {
  const walk = (direction: 1 | -1, picking = false) => {
    const rows = view.rows;
    let at = rows.findIndex(({ key }) => key === view.focused);
    if (at === -1) at = rows.findIndex(({ key }) => key === edgeOfScreen(scroller, direction)) - direction;
    for (let index = at + direction; index >= 0 && index < rows.length; index += direction) {
      const row = rows[index];
      if (!row || !isNumbered(row)) continue;
      const before = view.focused;
      if (!picking || !pick.some) pick.start(picking ? (before ?? row.key) : row.key);
      if (picking) pick.to(row.key);
      return focusRow(view, scroller, row.key);
    }
  };
  const leave = () => {
    if (!pick.clear()) focusRow(view, scroller, null);
  };
  const keys: Record<string, (event: KeyboardEvent) => void> = {
    j: () => walk(1),
    ArrowDown: ({ shiftKey }) => walk(1, shiftKey),
    k: () => walk(-1),
    ArrowUp: ({ shiftKey }) => walk(-1, shiftKey),
    ' ': () => scroller.page(1),
    PageDown: () => scroller.page(1),
    b: () => scroller.page(-1),
    PageUp: () => scroller.page(-1),
    g: () => void view.toStart(),
    Home: () => void view.toStart(),
    G: () => void view.toEnd(),
    End: () => void view.toEnd(),
    f: () => view.setFollowing(!view.following),
    w: () => (preferences.wrap = !preferences.wrap),
    o: commands.open,
    Enter: commands.open,
    y: commands.copyLink,
    '&': commands.filter,
    '@': commands.goToTime,
    '/': commands.find,
    n: () => void find.step(1),
    N: () => void find.step(-1),
    e: () => void find.stepError(1),
    E: () => void find.stepError(-1),
    '?': commands.help,
    c: commands.context,
    Escape: commands.leave ?? leave
  };
  return (event) => {
    if (
      event.defaultPrevented ||
      (event.altKey && !typesAlt(event)) ||
      isTyping(event.target) ||
      document.querySelector('dialog[open]')
    )
      return;
    if ((event.ctrlKey || event.metaKey) && !typesAlt(event)) {
      if (event.key === 'f' && preferences.takeFindHint()) notices.say('good', BROWSER_FIND);
      if (event.key === 'c' && pick.some) void pick.copy();
      else if (event.key === 'c' && view.focused !== null && document.getSelection()?.isCollapsed !== false)
        copyFocused(view);
      return;
    }
    // Space and Enter press a button that has the focus.
    if (
      (event.key === ' ' || event.key === 'Enter') &&
      event.target instanceof Element &&
      event.target.closest('button, a, label, summary')
    )
      return;
    if (/^[a-zA-Z]$/.test(event.key) && !preferences.letterKeys) return;
    const command = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!command) return;
    event.preventDefault();
    command(event);
  };
}

/** `@` and the like are typed with AltGr on many keyboards, which Windows tells as Ctrl and Alt. */
function typesAlt(event: KeyboardEvent): boolean {
  return event.getModifierState('AltGraph');
}

function edgeOfScreen(scroller: LogScroller, direction: 1 | -1): string | undefined {
  const keys = scroller.keysOnScreen();
  return direction === 1 ? keys[0] : keys[keys.length - 1];
}

function copyFocused(view: LogView): void {
  const row = view.rows.find(({ key }) => key === view.focused);
  if (row?.kind !== 'line') return;
  void copyText(stripControls(row.record.body)).then((done) => done && notices.say('good', 'Line copied'));
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  return target.isContentEditable || target.matches('textarea, select');
}
