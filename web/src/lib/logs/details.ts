/** A container's details as rows of words. */
import type { Container, ContainerDetails, ContainerStats } from '$lib/protocol/api';
import { percent } from './table';
import { bytes, counted } from './words';

export interface Fact {
  name: string;
  text: string;
  warn?: boolean;
}

const SOURCE: Record<Container['log']['source'], string> = {
  files: 'read from its files',
  api: 'read by API: bursts can be lost',
  unreadable: 'can’t be read',
  opening: 'being opened',
  ended: 'stored lines only'
};

/** What is worth a row: what is not set, or as always, has none. */
export function factsOf(
  container: Container,
  details: ContainerDetails | null,
  stats: ContainerStats | undefined
): Fact[] {
  const facts: (Fact | null)[] = [
    { name: 'Image', text: container.image },
    { name: 'Id', text: container.id },
    { name: 'Engine', text: container.engine },
    { name: 'Log', text: logWords(container, details), warn: ['api', 'unreadable'].includes(container.log.source) },
    stats ? { name: 'Uses now', text: useWords(stats) } : null,
    container.restart_count > 0 ? { name: 'Restarts', text: String(container.restart_count) } : null,
    portsFact(container)
  ];
  return [...facts, ...(details ? made(details) : [])].filter((fact) => fact !== null);
}

function logWords({ log }: Container, details: ContainerDetails | null): string {
  const driver = details?.log_driver ? `${details.log_driver}, ` : '';
  const detail = log.source_detail === null ? '' : `. ${log.source_detail}`;
  return `${driver}${SOURCE[log.source]}${detail}`;
}

function useWords({ cpu_cores, memory_bytes, memory_limit_bytes, received_per_sec, sent_per_sec }: ContainerStats) {
  return [
    cpu_cores === null ? null : `${percent(cpu_cores)} of a core`,
    `${bytes(memory_bytes)} of memory${memory_limit_bytes === null ? '' : ` (of ${bytes(memory_limit_bytes)})`}`,
    received_per_sec === null ? null : `receives ${bytes(received_per_sec)}/s, sends ${bytes(sent_per_sec ?? 0)}/s`
  ]
    .filter((words) => words !== null)
    .join(' · ');
}

function portsFact({ ports }: Container): Fact | null {
  const words = ports.map(({ ip, public_port, private_port, protocol }) =>
    public_port === null
      ? `${private_port}/${protocol} (not published)`
      : `${ip !== null && ip !== '0.0.0.0' && ip !== '::' ? `${ip}:` : ''}${public_port} → ${private_port}/${protocol}`
  );
  return words.length === 0 ? null : { name: 'Ports', text: [...new Set(words)].join(', ') };
}

function made(details: ContainerDetails): (Fact | null)[] {
  const { limits, health, restart_policy: restart } = details;
  const set = (name: string, text: string) => (text === '' ? null : { name, text });
  return [
    { name: 'Limits', text: limitWords(limits) },
    {
      name: 'When it ends',
      text: restartWords(restart.name, restart.retries_max)
    },
    health === null
      ? { name: 'Health', text: 'no check' }
      : {
          name: 'Health',
          text:
            health.status +
            (health.failing_streak > 0 ? `, failed ${counted(health.failing_streak, 'time')} in a row` : '') +
            `, ${counted(health.results, 'result')} kept`,
          warn: health.status === 'unhealthy'
        },
    set('Network mode', details.network_mode),
    set('User', details.user),
    set('Working directory', details.working_dir),
    set('Host name', details.hostname),
    set('Platform', details.platform),
    details.privileged ? { name: 'Privileged', text: 'yes: it may do what root may on its host', warn: true } : null,
    details.read_only ? { name: 'Root file system', text: 'read-only' } : null
  ];
}

export function limitWords(limits: ContainerDetails['limits']): string {
  const words = [
    limits.memory_bytes === null ? null : `${bytes(limits.memory_bytes)} of memory`,
    limits.memory_reserved_bytes === null ? null : `${bytes(limits.memory_reserved_bytes)} reserved`,
    limits.memory_swap_bytes === null ? null : `${bytes(limits.memory_swap_bytes)} with swap`,
    limits.cpu_cores === null ? null : counted(limits.cpu_cores, 'core').replace(/^\S+/, String(limits.cpu_cores)),
    limits.processes === null ? null : `${limits.processes} processes`
  ].filter((word) => word !== null);
  return words.length === 0 ? 'none' : words.join(', ');
}

export function restartWords(name: string, retries: number): string {
  switch (name) {
    case 'no':
      return 'stays ended';
    case 'always':
      return 'restarts always';
    case 'unless-stopped':
      return 'restarts unless it was stopped';
    case 'on-failure':
      return `restarts when it failed${retries > 0 ? `, ${counted(retries, 'time')} at most` : ''}`;
    default:
      return name;
  }
}
