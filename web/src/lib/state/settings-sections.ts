/** What the settings consist of, in the order of their list; each section is a page under `/settings`. */
import type { Permission } from '$lib/protocol/api';

export interface SettingsSection {
  href: string;
  title: string;
  /** Half a sentence for the head of the page. */
  what: string;
  /** The permission without which the section is not shown; null: everybody has it. */
  needs: Permission | null;
}

export const SECTIONS: readonly SettingsSection[] = [
  { href: '/settings', title: 'Kept logs', what: 'what is kept, and what it takes', needs: 'manage' },
  { href: '/settings/hide-rules', title: 'Hide rules', what: 'lines that are not shown', needs: null },
  { href: '/settings/users', title: 'Users', what: 'who may log in, and do what', needs: 'manage' },
  { href: '/settings/roles', title: 'Roles', what: 'what users and tokens may do', needs: 'manage' },
  { href: '/settings/tokens', title: 'Tokens', what: 'for programs', needs: null },
  { href: '/settings/audit', title: 'Audit', what: 'who did what', needs: 'manage' },
  { href: '/settings/account', title: 'Your account', what: 'your password, and where you are logged in', needs: null },
  { href: '/settings/preferences', title: 'Preferences', what: 'how this browser shows things', needs: null }
];
