/** Containers on the test's own daemon, by the docker command line; removed when the test is over. */
import { execFileSync } from 'node:child_process';
import { IMAGE } from './environment';

export function docker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

export interface Options {
  name: string;
  script: string;
  stack?: string;
  service?: string;
  number?: number;
  extra?: string[];
}

/** Starts a container that runs a shell script as its first process. */
export function run(options: Options): string {
  return make(['run', '-d'], options);
}

/** The same, not started yet. */
export function create(options: Options): string {
  return make(['create'], options);
}

function make(how: string[], { name, script, stack, service, number = 1, extra = [] }: Options): string {
  docker('rm', '-f', name);
  const labels: Record<string, string> = {};
  if (stack !== undefined) {
    labels['com.docker.compose.project'] = stack;
    labels['com.docker.compose.service'] = service ?? name;
    labels['com.docker.compose.container-number'] = String(number);
    // Compose sets it; without it a project label may have come from the image.
    labels['com.docker.compose.config-hash'] = 'e2e';
  }
  const flags = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  return docker(...how, '--name', name, '--network', 'none', '--init', ...flags, ...extra, IMAGE, 'sh', '-c', script);
}

export function remove(...names: string[]): void {
  docker('rm', '-f', ...names);
}

/** `count` numbered lines, then one about every second. */
export const talkative = (count: number) =>
  `i=0; while [ $i -lt ${count} ]; do echo "line $i"; i=$((i+1)); done; while :; do echo "line $i"; i=$((i+1)); sleep 1; done`;

/** Some 1,000 numbered lines a second. */
export const busy =
  'i=0; while :; do n=0; while [ $n -lt 100 ]; do echo "line $i of a container that has much to say"; i=$((i+1)); n=$((n+1)); done; sleep 0.1; done';

export const quiet = 'echo hello; exec sleep 100000';

/** `count` numbered lines, then what `say` and `flood` give it. */
export const listening = (count: number) =>
  `mkfifo /tmp/say; i=0; while [ $i -lt ${count} ]; do echo "line $i"; i=$((i+1)); done; while :; do cat /tmp/say; done`;

export function say(name: string, ...lines: string[]): void {
  docker('exec', name, 'sh', '-c', `printf '%s\\n' "$@" > /tmp/say`, 'sh', ...lines);
}

/** `line 400` up to `line 20399`, as fast as it goes. */
export function flood(name: string, from: number, count: number): void {
  const script = `i=${from}; while [ $i -lt ${from + count} ]; do echo "line $i"; i=$((i+1)); done > /tmp/say`;
  docker('exec', name, 'sh', '-c', script);
}
