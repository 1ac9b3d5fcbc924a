/** Acting on containers: asks where asking is due, does it, and says how it ended. */
import { SvelteMap } from 'svelte/reactivity';
import type { Container, Operation } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { containers } from './containers.svelte';
import { notices } from './notices.svelte';
import { session } from './session.svelte';

export interface Question {
  title: string;
  detail: string;
  action: string;
  danger: boolean;
  answer: (yes: boolean) => void;
}

/** What can't be undone is asked for always; these, when a thumb may have slipped or several are meant. */
const IRREVERSIBLE = new Set(['remove', 'kill']);
const ASK_ON_TOUCH = new Set(['stop', 'restart', 'pause']);

const DETAIL: Record<string, string> = {
  remove: 'The container is deleted from the engine. What MiniMan stored of its log stays readable.',
  kill: 'Its processes end at once, without a chance to finish what they do.'
};

const PAST: Record<string, string> = {
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
  kill: 'killed',
  pause: 'paused',
  unpause: 'unpaused',
  remove: 'removed'
};

class Actions {
  question = $state.raw<Question | null>(null);
  /** The action that is under way, by container id. */
  readonly pending = new SvelteMap<string, string>();

  /** `quiet`: the log view tells the outcome in place, so a notice is only for failures that never got there. */
  async run(container: Container, action: string, quiet = false): Promise<void> {
    if (!(await this.#allowed([container], action))) return;
    await this.#do([container], action, quiet, () => api.act(container, action));
  }

  async runAll(targets: readonly Container[], action: string, quiet = false): Promise<void> {
    const able = targets.filter(({ actions }) => actions.includes(action));
    if (able.length === 0 || !(await this.#allowed(able, action))) return;
    await Promise.all(able.map((target) => this.#do([target], action, quiet, () => api.act(target, action))));
  }

  #allowed(targets: readonly Container[], action: string): boolean | Promise<boolean> {
    const touch = matchMedia('(pointer: coarse)').matches;
    const ask = IRREVERSIBLE.has(action) || (ASK_ON_TOUCH.has(action) && (touch || targets.length > 1));
    if (!ask) return true;
    const verb = action[0]?.toUpperCase() + action.slice(1);
    const names = targets.map(({ name }) => name);
    const what = names.length === 1 ? names[0] : `${names.length} containers`;
    return new Promise((resolve) => {
      this.question = {
        title: `${verb} ${what}?`,
        detail: [names.length > 1 ? `${names.join(', ')}.` : '', DETAIL[action] ?? ''].filter(Boolean).join(' '),
        action: verb,
        danger: IRREVERSIBLE.has(action),
        answer: (yes) => {
          this.question = null;
          resolve(yes);
        }
      };
    });
  }

  async #do(
    targets: readonly Container[],
    action: string,
    quiet: boolean,
    request: () => Promise<Operation>
  ): Promise<void> {
    for (const { id } of targets) this.pending.set(id, action);
    try {
      this.#tell(await request(), quiet);
    } catch (error) {
      session.noticed(error);
      const why = error instanceof ApiError ? error.message : String(error);
      if (!(quiet && error instanceof ApiError && error.code === 'action_failed')) {
        notices.say('bad', `${targets.map(({ name }) => name).join(', ')}: ${action} failed: ${why}`);
      }
    } finally {
      for (const { id } of targets) this.pending.delete(id);
      void containers.refresh();
    }
  }

  #tell({ targets, action }: Operation, quiet: boolean): void {
    if (quiet) return;
    for (const { name, outcome, error } of targets) {
      if (outcome === 'succeeded') notices.say('good', `${name} ${PAST[action] ?? action}`);
      else if (outcome === 'failed') notices.say('bad', `${name}: ${action} failed: ${error ?? 'Unknown error'}`);
    }
  }
}

export const actions = new Actions();
