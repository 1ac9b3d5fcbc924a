/** Containers as the sidebar and the table group them: by stack, then service; what is gone apart. */
import type { Container } from '$lib/protocol/api';
import { shortName } from './names';

export interface ServiceNode {
  /** The service's name, or the container's own when it belongs to none. */
  name: string;
  service: string | null;
  containers: Container[];
}

export interface StackNode {
  /** null: containers of no stack. */
  name: string | null;
  services: ServiceNode[];
  count: number;
  running: number;
}

export interface Tree {
  stacks: StackNode[];
  gone: Container[];
}

/** Groups what matches the filter; an empty filter matches everything. */
export function treeOf(containers: readonly Container[], filter = ''): Tree {
  const wanted = filter.trim().toLowerCase();
  const shown = containers.filter((container) => wanted === '' || matches(container, wanted));
  const stacks = new Map<string | null, StackNode>();
  for (const container of shown.filter(({ present }) => present)) {
    const stack = stacks.get(container.stack) ?? { name: container.stack, services: [], count: 0, running: 0 };
    stacks.set(container.stack, stack);
    stack.count++;
    if (container.state === 'running') stack.running++;
    const name = container.service ?? container.name;
    const known = stack.services.find((node) => node.name === name && node.service === container.service);
    if (known) known.containers.push(container);
    else stack.services.push({ name, service: container.service, containers: [container] });
  }
  const named = [...stacks.values()].filter(({ name }) => name !== null);
  const loose = stacks.get(null);
  return { stacks: loose ? [...named, loose] : named, gone: shown.filter(({ present }) => !present) };
}

function matches({ name, image, stack, service, id }: Container, wanted: string): boolean {
  return [name, image, stack, service].some((text) => text?.toLowerCase().includes(wanted)) || id.startsWith(wanted);
}

export type Light = 'up' | 'off' | 'bad';

/** The state as a light: bad is what somebody should look at. */
export function lightOf({ state, health, exit_code, oom_killed, present }: Container): Light {
  if (present && (state === 'restarting' || state === 'dead' || health === 'unhealthy')) return 'bad';
  if (state === 'running' || state === 'paused') return 'up';
  return present && state === 'exited' && (oom_killed || (exit_code ?? 0) !== 0) ? 'bad' : 'off';
}

/** The state in words: `running`, `exited 137`, `restarting`. */
export function stateWords({ state, health, exit_code, oom_killed, present }: Container): string {
  if (!present) return 'gone';
  if (state === 'exited') return `exited ${exit_code ?? '?'}${oom_killed ? ' (out of memory)' : ''}`;
  if (state === 'running' && health !== 'none' && health !== '') return health;
  return state;
}

/** Badge words of the seed's page. */
export function isUp({ state }: Container): boolean {
  return state === 'running';
}

export { shortName };
