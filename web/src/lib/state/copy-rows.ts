/** What the browser's own copying takes of a log: whole lines raw, as they were written. */
import { stripControls } from '$lib/logs/ansi';
import type { LinePick } from './line-pick.svelte';
import type { LogScroller } from './log-scroller.svelte';
import type { LogView } from './log-view.svelte';

/** Puts the selected lines, or the focused one, into a copy. Part of one line is copied as it is; what is picked, by its bar. */
export function copyRows(event: ClipboardEvent, view: LogView, scroller: LogScroller, pick: LinePick): void {
  if (pick.some) return;
  const selected = scroller.selection;
  const [from, to] = selected ?? [view.focused, view.focused];
  if (from === null || to === null || (selected && from === to)) return;
  const text = view.linesBetween(from, to).map(({ record }) => stripControls(record.body));
  event.clipboardData?.setData('text/plain', text.join('\n'));
  event.preventDefault();
}
