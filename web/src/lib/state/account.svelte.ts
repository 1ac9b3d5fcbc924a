/** Users, tokens, sessions and the audit: lists that are asked for when their page opens, and what changes them. */
import { errorWords } from '$lib/logs/words';
import type {
  AuditRow,
  NewToken,
  NewUser,
  OwnSession,
  Permission,
  Role,
  Token,
  User,
  UserChange
} from '$lib/protocol/api';
import * as api from '$lib/transport/api';
import { type AuditQuery } from '$lib/transport/api';
import { confirmation } from './confirmation.svelte';
import { notices } from './notices.svelte';
import { session } from './session.svelte';

/** A list as it was told last; null until then. */
class Listed<T> {
  all = $state.raw<readonly T[] | null>(null);
  failure = $state<string | null>(null);
  readonly #ask: () => Promise<T[]>;

  constructor(ask: () => Promise<T[]>) {
    this.#ask = ask;
  }

  async refresh(): Promise<void> {
    try {
      this.all = await this.#ask();
      this.failure = null;
    } catch (error) {
      session.noticed(error);
      this.failure = errorWords(error);
    }
  }

  /** Does something to the list, after the password if it is asked for, and shows what became of it. */
  async change<R>(work: () => Promise<R>): Promise<R> {
    const done = await confirmation.guard(work);
    await this.refresh();
    return done;
  }
}

class Users extends Listed<User> {
  add = (user: NewUser) => this.change(() => api.addUser(user));
  set = (id: number, change: UserChange) => this.change(() => api.changeUser(id, change));
  remove = (id: number) => this.change(() => api.removeUser(id));
}

class Roles extends Listed<Role> {
  add = (name: string, permissions: Permission[]) => this.change(() => api.addRole(name, permissions));
  set = (name: string, permissions: Permission[]) => this.change(() => api.changeRole(name, permissions));
  remove = (name: string) => this.change(() => api.removeRole(name));
}

class Tokens extends Listed<Token> {
  create = (token: NewToken) => this.change(() => api.createToken(token));
  revoke = (id: number) => this.change(() => api.revokeToken(id));
}

class Sessions extends Listed<OwnSession> {
  end = (id: number) => this.change(() => api.endSession(id));
  endOthers = () => this.change(() => api.endOtherSessions());
  /** One's own password; the other sessions end with it. */
  setPassword = (password: string, fresh: string) => this.change(() => api.setPassword(password, fresh));
}

/** Rows that a page of the audit shows before it asks for more. */
const ROWS = 100;

class Audit {
  rows = $state.raw<readonly AuditRow[] | null>(null);
  more = $state(false);
  failure = $state<string | null>(null);
  #query: AuditQuery = {};
  #asked = 0;

  /** From the newest on. */
  look(query: AuditQuery): Promise<void> {
    this.#query = query;
    return this.#ask(null);
  }

  older(): Promise<void> {
    return this.#ask(this.rows?.at(-1)?.id ?? null);
  }

  async #ask(before: number | null): Promise<void> {
    const asked = ++this.#asked;
    try {
      const rows = await api.getAudit({ ...this.#query, ...(before === null ? {} : { before }), limit: ROWS });
      // An answer to what was typed before would show the wrong rows.
      if (asked !== this.#asked) return;
      this.rows = before === null ? rows : [...(this.rows ?? []), ...rows];
      this.more = rows.length === ROWS;
      this.failure = null;
    } catch (error) {
      session.noticed(error);
      if (asked === this.#asked) this.failure = errorWords(error);
    }
  }
}

/** Does something, and says how it went. */
export async function told(work: () => Promise<unknown>, done: string): Promise<void> {
  try {
    await work();
    notices.say('good', done);
  } catch (error) {
    notices.say('bad', errorWords(error));
  }
}

export const users = new Users(api.getUsers);
export const roles = new Roles(api.getRoles);
export const tokens = new Tokens(api.getTokens);
export const sessions = new Sessions(api.getSessions);
export const audit = new Audit();
