/** Which lines the reader, an admin or a container's label wants to be left out, service by service. */
import { type QueryFault, faultOf } from '$lib/logs/query';
import type { Container, HideRule } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';
import { session } from './session.svelte';

/** A service, or a container that is of none by its own name. */
export interface ServiceName {
  stack: string | null;
  service: string;
}

export function serviceOf({ stack, service, name }: Container): ServiceName {
  return { stack, service: service ?? name };
}

export const serviceWords = ({ stack, service }: ServiceName) => (stack === null ? service : `${stack} / ${service}`);

/** What went wrong: at a place of the query, or in words. */
export type HideFailure = { fault: QueryFault } | { words: string };

class HideRules {
  rules = $state.raw<readonly HideRule[]>([]);
  failure = $state<string | null>(null);
  loaded = $state(false);
  #of = '';

  /** Resolves when it is known which rules there are, or that they cannot be read. */
  async ready(): Promise<void> {
    const known = this.loaded && this.#of === session.me?.username;
    const refreshed = this.refresh();
    if (!known) await refreshed;
  }

  async refresh(): Promise<void> {
    try {
      this.rules = await api.getHideRules();
      this.#of = session.me?.username ?? '';
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      this.failure = failureOf(error);
    }
  }

  /** Whether a rule is about lines of one of these. */
  concerns(containers: readonly Container[]): boolean {
    const services = containers.map(serviceOf);
    return this.rules.some((rule) =>
      services.some(({ stack, service }) => rule.stack === stack && rule.service === service)
    );
  }

  /** Adds a rule; null when it was added. */
  async add({ stack, service }: ServiceName, query: string, everyone: boolean): Promise<HideFailure | null> {
    try {
      const rule = await api.addHideRule({ stack, service, query, everyone });
      this.rules = [...this.rules, rule];
      return null;
    } catch (error) {
      const words = failureOf(error);
      const fault = faultOf(words, query);
      return fault ? { fault } : { words };
    }
  }

  async remove(id: number): Promise<void> {
    try {
      await api.removeHideRule(id);
      this.rules = this.rules.filter((rule) => rule.id !== id);
      this.failure = null;
    } catch (error) {
      this.failure = failureOf(error);
    }
  }
}

function failureOf(error: unknown): string {
  session.noticed(error);
  return error instanceof ApiError ? error.message : 'the hide rules could not be read';
}

export const hideRules = new HideRules();
