/** What the palette can jump to or do, and how well a typed text finds it. */
import { containerHref, detailsHref, serviceHref, stackHref } from '$lib/logs/links';
import { path } from '$lib/paths';
import type { Container, SavedSearch } from '$lib/protocol/api';
import { stateWords, treeOf } from './tree';

export interface Choice {
  id: string;
  title: string;
  /** What kind of thing it is, for the eye and for the search. */
  kind: string;
  href?: string;
  act?: { container: Container; action: string };
}

/** Shown of what is found: more than a screen holds is narrowed by typing, not by scrolling. */
export const CHOICES_SHOWN_MAX = 50;

export interface Page {
  title: string;
  href: string;
}

/** Containers first, as they are what one looks for; then what holds them, saved searches, pages, and what may be done. */
export function choicesOf(
  containers: readonly Container[],
  pages: readonly Page[],
  searches: readonly SavedSearch[]
): Choice[] {
  const present = containers.filter((container) => container.present);
  const choices: Choice[] = present.map((container) => ({
    id: `log ${container.id}`,
    title: container.name,
    kind: `container, ${stateWords(container)}`,
    href: containerHref(container)
  }));
  for (const { name, services } of treeOf(present).stacks) {
    if (name === null) continue;
    choices.push({ id: `stack ${name}`, title: name, kind: 'stack', href: stackHref(name) });
    for (const { service } of services) {
      if (service === null) continue;
      choices.push({
        id: `service ${name} ${service}`,
        title: `${name} / ${service}`,
        kind: 'service',
        href: serviceHref(name, service)
      });
    }
  }
  for (const { id, name, query } of searches) {
    choices.push({ id: `search ${id}`, title: name, kind: 'saved search', href: path(`/logs?${query}`) });
  }
  for (const { title, href } of pages) choices.push({ id: `page ${href}`, title, kind: 'page', href });
  for (const container of present) {
    choices.push({
      id: `details ${container.id}`,
      title: `Details of ${container.name}`,
      kind: 'page',
      href: detailsHref(container)
    });
    for (const action of container.actions) {
      const verb = (action[0]?.toUpperCase() ?? '') + action.slice(1);
      choices.push({
        id: `${action} ${container.id}`,
        title: `${verb} ${container.name}`,
        kind: 'action',
        act: { container, action }
      });
    }
  }
  for (const container of containers.filter(({ present }) => !present)) {
    choices.push({ id: `log ${container.id}`, title: container.name, kind: 'gone', href: containerHref(container) });
  }
  return choices;
}

export const PAGES: readonly Page[] = [
  { title: 'Containers', href: path('/') },
  { title: 'Everything', href: path('/logs') },
  { title: 'Operations', href: path('/operations') }
];

const EDGE = /[\s\-_/.,:]/;

/**
 * How well a choice is found by what was typed: each of its words has to be in title or kind, letters in order. Higher is better;
 * null: not at all. Letters that follow each other and begin words count more, and short titles before long ones.
 */
export function score(title: string, kind: string, typed: string): number | null {
  const low = `${title} ${kind}`.toLowerCase();
  let total = 0;
  for (const word of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const found = wordScore(low, word);
    if (found === null) return null;
    total += found;
  }
  return total - title.length / 100;
}

function wordScore(text: string, word: string): number | null {
  const whole = text.indexOf(word);
  if (whole !== -1) return 10 * word.length + (whole === 0 ? 20 : EDGE.test(text[whole - 1] ?? ' ') ? 10 : 0);
  let total = 0;
  let at = -1;
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1);
    if (next === -1) return null;
    total += next === at + 1 ? 3 : next === 0 || EDGE.test(text[next - 1] ?? ' ') ? 2 : -1;
    at = next;
  }
  return total;
}

/** The best first; equals in the order given. Nothing typed finds all. */
export function found(choices: readonly Choice[], typed: string): Choice[] {
  if (typed.trim() === '') return choices.slice(0, CHOICES_SHOWN_MAX);
  return choices
    .map((choice) => ({ choice, points: score(choice.title, choice.kind, typed) }))
    .filter((one): one is { choice: Choice; points: number } => one.points !== null)
    .sort((a, b) => b.points - a.points)
    .slice(0, CHOICES_SHOWN_MAX)
    .map(({ choice }) => choice);
}
