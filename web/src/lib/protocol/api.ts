/** Short names for the shapes of /api/v1. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type LoginWays = Schemas['LoginWays'];
export type Me = Schemas['Me'];
export type Permission =
  'see_logs' | 'see_details' | 'see_environment' | 'act' | 'kill' | 'remove' | 'export' | 'manage';
export type Problem = Schemas['Problem'];
export type User = Schemas['User'];
export type NewUser = Omit<Schemas['NewUser'], 'scope'> & { scope: string[] };
export type UserChange = Partial<Schemas['UserChange']>;
/** A set of permissions with a name. */
export type Role = Omit<Schemas['Role'], 'permissions'> & { permissions: Permission[] };
export type Token = Schemas['Token'];
export type NewToken = Omit<Schemas['NewToken'], 'scope'> & { scope: string[] };
export type CreatedToken = Schemas['CreatedToken'];
/** Where oneself is logged in. */
export type OwnSession = Schemas['Session'];
export type AuditRow = Schemas['AuditRow'];
export type Container = Schemas['Container'];
export type ContainerDetails = Schemas['ContainerDetails'];
export type ContainerStats = Schemas['ContainerStats'];
export type Engine = Schemas['Engine'];
export type Containers = Schemas['Containers'];
/** The generator reads a documented enumeration as an intersection with an empty object. */
export type Operation = Omit<Schemas['Operation'], 'outcome'> & { outcome: Schemas['Target']['outcome'] };
export type LogRecord = Schemas['Record'];
export type Gap = Schemas['Gap'];
export type Mark = Schemas['Mark'];
export type Retention = Schemas['Retention'];
export type RetentionLimits = Schemas['RetentionLimits'];
export type RetentionChange = Schemas['RetentionChange'];
export type HeldLog = Schemas['HeldLog'];
export type SavedSearch = Schemas['SavedSearch'];
export type LogPage = Schemas['LogPage'];
export type HideRule = Schemas['HideRule'];
export type NewHideRule = Schemas['HideRuleBody'];
export type LogHistogram = Schemas['LogHistogram'];

/** Which logs a view shows: OR within a kind, AND between kinds, everything when empty. */
export interface Selectors {
  container: string[];
  stack: string[];
  service: string[];
  engine: string[];
}
