/** Who is logged in. `expired` keeps the name, so that the page can ask again without losing its place. */
import type { Me, Permission } from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { ApiError } from '$lib/transport/api';

export type SessionStatus = 'unknown' | 'in' | 'out' | 'expired' | 'setup' | 'unreachable';

class Session {
  me = $state.raw<Me | null>(null);
  status = $state<SessionStatus>('unknown');

  may(permission: Permission): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }

  /** Whether an OpenID Connect provider vouches for them: then there is no password here. Own names have no colon. */
  get vouched(): boolean {
    return this.me?.username.startsWith('oidc:') ?? false;
  }

  async load(): Promise<SessionStatus> {
    try {
      this.#enter(await api.getMe());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'setup_required') this.status = 'setup';
      else if (error.status === 401) this.status = this.me === null ? 'out' : 'expired';
      else if (this.me === null) this.status = 'unreachable';
    }
    return this.status;
  }

  async login(username: string, password: string): Promise<void> {
    this.#enter(await api.login(username, password));
  }

  async setup(token: string, username: string, password: string): Promise<void> {
    this.#enter(await api.setup(token, username, password));
  }

  async logout(): Promise<void> {
    await api.logout();
    this.me = null;
    this.status = 'out';
  }

  /** To be told of every failed request: one that was refused for want of a session ends it here. */
  noticed(error: unknown): void {
    if (error instanceof ApiError && error.status === 401 && this.status === 'in') this.status = 'expired';
  }

  #enter(me: Me): void {
    this.me = me;
    this.status = 'in';
  }
}

export const session = new Session();
