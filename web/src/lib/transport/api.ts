/**
 * The HTTP side of the server, one function a route.
 *
 * Every failure is an `ApiError`: a problem that the server told, or `unreachable` when there was no answer.
 */
import { path } from '$lib/paths';
import type {
  AuditRow,
  Container,
  ContainerDetails,
  Containers,
  CreatedToken,
  LoginWays,
  HideRule,
  ContainerStats,
  LogHistogram,
  LogPage,
  Mark,
  Me,
  NewHideRule,
  NewToken,
  NewUser,
  Operation,
  OwnSession,
  Permission,
  Problem,
  Retention,
  RetentionChange,
  Role,
  SavedSearch,
  Selectors,
  Token,
  User,
  UserChange
} from '$lib/protocol/api';

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.status = status;
  }
}

export interface LogsQuery {
  /** In the query language: only what it finds. */
  query?: string;
  /** Without what hide rules hide. */
  hide?: true;
  /** Of each group that it finds only the first line that matches. */
  groups?: 'first';
  after?: string;
  before?: string;
  since?: string;
  until?: string;
  order?: 'asc' | 'desc';
  limit: number;
}

/** What `static/first.js` asked for before there was a page; each is taken once. */
function first(method: string, route: string): Promise<Response> | undefined {
  const asked = method === 'GET' ? window.minimanFirst?.[route] : undefined;
  if (asked) delete window.minimanFirst?.[route];
  return asked;
}

async function request<T>(method: string, route: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await (first(method, route) ??
      fetch(path(`/api/v1${route}`), {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
        credentials: 'same-origin'
      }));
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError('unreachable', 0, 'MiniMan does not answer');
  }
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    const problem = (await response.json()) as Problem;
    return new ApiError(problem.code, response.status, problem.detail || problem.title);
  } catch {
    return new ApiError('internal', response.status, `MiniMan answered with status ${response.status}`);
  }
}

/** Selectors as they stand in a query string, here and in the page's own URL. */
export function selectorQuery(selectors: Selectors): URLSearchParams {
  const query = new URLSearchParams();
  for (const kind of ['stack', 'service', 'container', 'engine'] as const) {
    for (const value of selectors[kind]) query.append(kind, value);
  }
  return query;
}

export const getMe = () => request<Me>('GET', '/me');
export const login = (username: string, password: string) => request<Me>('POST', '/login', { username, password });
export const getLoginWays = () => request<LoginWays>('GET', '/login');
export const logout = () => request<undefined>('POST', '/logout');
export const setup = (token: string, username: string, password: string) =>
  request<Me>('POST', '/setup', { token, username, password });

/** The password of the session that asks, once more. */
export const confirm = (password: string) => request<undefined>('POST', '/me/confirm', { password });
export const setPassword = (password: string, fresh: string) =>
  request<undefined>('POST', '/me/password', { password, new_password: fresh });

export const getUsers = async () => (await request<{ users: User[] }>('GET', '/users')).users;
export const addUser = (user: NewUser) => request<User>('POST', '/users', user);
export const changeUser = (id: number, change: UserChange) => request<User>('PUT', `/users/${id}`, change);
export const removeUser = (id: number) => request<undefined>('DELETE', `/users/${id}`);

export const getRoles = async () => (await request<{ roles: Role[] }>('GET', '/roles')).roles;
export const addRole = (name: string, permissions: Permission[]) =>
  request<Role>('POST', '/roles', { name, permissions });
export const changeRole = (name: string, permissions: Permission[]) =>
  request<Role>('PUT', `/roles/${encodeURIComponent(name)}`, { permissions });
export const removeRole = (name: string) => request<undefined>('DELETE', `/roles/${encodeURIComponent(name)}`);

export const getTokens = async () => (await request<{ tokens: Token[] }>('GET', '/tokens')).tokens;
export const createToken = (token: NewToken) => request<CreatedToken>('POST', '/tokens', token);
export const revokeToken = (id: number) => request<undefined>('DELETE', `/tokens/${id}`);

export const getSessions = async () => (await request<{ sessions: OwnSession[] }>('GET', '/sessions')).sessions;
export const endSession = (id: number) => request<undefined>('DELETE', `/sessions/${id}`);
export const endOtherSessions = () => request<undefined>('DELETE', '/sessions');

export interface AuditQuery {
  text?: string;
  action?: string;
  outcome?: string;
  before?: number;
  limit?: number;
}

export async function getAudit(query: AuditQuery): Promise<AuditRow[]> {
  const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  return (await request<{ rows: AuditRow[] }>('GET', `/audit?${parameters}`)).rows;
}

/** Those of the asker's containers that a scope of these patterns includes. */
export async function getContainersWithin(patterns: readonly string[], signal: AbortSignal): Promise<Container[]> {
  const parameters = new URLSearchParams(patterns.map((pattern) => ['scope', pattern]));
  return (await request<Containers>('GET', `/containers?${parameters}`, undefined, signal)).containers;
}

export const getContainers = () => request<Containers>('GET', '/containers');

/** What running containers use now; rates come with the second look. */
export const getStats = async () =>
  (await request<{ containers: ContainerStats[] }>('GET', '/containers/stats')).containers;

export const getDetails = (id: string) => request<ContainerDetails>('GET', `/containers/${id}/details`);

/** The newest operations; with `before`, those that are older than that one. */
export async function getOperations(limit: number, before?: number): Promise<Operation[]> {
  const from = before === undefined ? '' : `&before=${before}`;
  return (await request<{ operations: Operation[] }>('GET', `/operations?limit=${limit}${from}`)).operations;
}

export const getHideRules = async () => (await request<{ rules: HideRule[] }>('GET', '/hide-rules')).rules;
export const addHideRule = (rule: NewHideRule) => request<HideRule>('POST', '/hide-rules', rule);
export const removeHideRule = (id: number) => request<undefined>('DELETE', `/hide-rules/${id}`);

export const getRetention = () => request<Retention>('GET', '/settings/retention');

/** What is kept from now on; null for what the configuration says. `dryRun` only asks what that would do. */
export const setRetention = (limit: string | null, dryRun: boolean) =>
  request<RetentionChange>('PUT', `/settings/retention${dryRun ? '?dry_run=true' : ''}`, { limit });

export function getLogs(selectors: Selectors, query: LogsQuery, signal?: AbortSignal): Promise<LogPage> {
  const parameters = selectorQuery(selectors);
  for (const [key, value] of Object.entries(query)) parameters.set(key, String(value));
  return request('GET', `/logs?${parameters}`, undefined, signal);
}

/** Bodies as text, a line each, up to `max` bytes; `cut`: there were more. */
export async function readText(
  selectors: Selectors,
  query: Pick<LogsQuery, 'query' | 'since' | 'until' | 'after' | 'before' | 'hide'>,
  max: number
): Promise<{ text: string; cut: boolean }> {
  const parameters = selectorQuery(selectors);
  for (const [key, value] of Object.entries({ ...query, format: 'text' })) parameters.set(key, String(value));
  const abort = new AbortController();
  const { body } = await openDownload(path(`/api/v1/logs?${parameters}`), abort.signal);
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let read = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text: (text + decoder.decode()).replace(/\n$/, ''), cut: false };
      read += value.length;
      text += decoder.decode(value, { stream: true });
      if (read < max) continue;
      abort.abort();
      // Whole lines only.
      const kept = text.slice(0, max);
      return { text: kept.slice(0, Math.max(0, kept.lastIndexOf('\n'))), cut: true };
    }
  } catch (cause) {
    throw new ApiError('unreachable', 0, 'the answer broke off', { cause });
  }
}

export interface DownloadQuery extends Pick<LogsQuery, 'query' | 'since' | 'until' | 'hide'> {
  format: 'text' | 'ndjson' | 'json' | 'csv';
  timestamps?: boolean;
  compress?: 'gzip';
}

/** Where a view can be saved from as a file. */
export function downloadPath(selectors: Selectors, query: DownloadQuery): string {
  const parameters = selectorQuery(selectors);
  for (const [key, value] of Object.entries({ ...query, download: true })) parameters.set(key, String(value));
  return path(`/api/v1/logs?${parameters}`);
}

/** The file at a `downloadPath`, as it comes, and what the server calls it. */
export async function openDownload(
  path: string,
  signal: AbortSignal
): Promise<{ name: string; body: ReadableStream<Uint8Array<ArrayBuffer>> }> {
  let response: Response;
  try {
    response = await fetch(path, { signal, credentials: 'same-origin' });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new ApiError('unreachable', 0, 'MiniMan does not answer');
  }
  if (!response.ok) throw await problemOf(response);
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'logs';
  return { name, body: response.body ?? new ReadableStream() };
}

export interface HistogramQuery {
  query?: string;
  groups?: 'first';
  since?: string;
  until?: string;
  after?: string;
  before?: string;
  buckets: number;
}

/** How many records of a view fall into which time. */
export function getHistogram(selectors: Selectors, query: HistogramQuery, signal?: AbortSignal): Promise<LogHistogram> {
  const parameters = selectorQuery(selectors);
  for (const [key, value] of Object.entries(query)) parameters.set(key, String(value));
  return request('GET', `/logs/histogram?${parameters}`, undefined, signal);
}

export const getSearches = async () => (await request<{ searches: SavedSearch[] }>('GET', '/searches')).searches;
export const saveSearch = (name: string, query: string, shared: boolean) =>
  request<SavedSearch>('POST', '/searches', { name, query, shared });
export const removeSearch = (id: number) => request<undefined>('DELETE', `/searches/${id}`);

export async function getMarks(selectors: Selectors): Promise<Mark[]> {
  return (await request<{ marks: Mark[] }>('GET', `/marks?${selectorQuery(selectors)}`)).marks;
}

/** Does an action and answers when it is done. */
export function act(container: Container, action: string): Promise<Operation> {
  return action === 'remove'
    ? request('DELETE', `/containers/${container.id}`)
    : request('POST', `/containers/${container.id}/${action}`);
}

/** Does an action on a stack, or on one service of it. */
export function actStack(stackId: number, service: string | null, action: string): Promise<Operation> {
  const of = service === null ? '' : `/services/${encodeURIComponent(service)}`;
  return request('POST', `/stacks/${stackId}${of}/${action}`);
}
