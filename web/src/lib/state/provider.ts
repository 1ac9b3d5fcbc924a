/** Logging in at an OpenID Connect provider: whether there is one, and what its refusals mean. */
import { getLoginWays } from '$lib/transport/api';

/** Without an answer there is none to offer; the form below says what is wrong. */
export const offersProvider = (): Promise<boolean> =>
  getLoginWays().then(
    ({ oidc }) => oidc,
    () => false
  );

const TROUBLES: Readonly<Record<string, string>> = {
  unreachable: 'Your organisation’s login does not answer. Try again in a moment, or ask an admin of MiniMan.',
  unsound: 'What your organisation’s login said could not be believed. Ask an admin of MiniMan: its log says why.',
  refused: 'Your organisation’s login did not let you in.',
  not_again:
    'Your organisation’s login let you in without asking again, so MiniMan can’t tell that it is you. Log out there first.',
  expired: 'That login took too long or was begun in another window. Try again.',
  no_role: 'You are known, but none of your groups has a role here. Ask an admin of MiniMan for one.',
  failed: 'MiniMan could not let you in. Ask an admin: its log says why.'
};

/** A sentence for the code that the server sent back with; null without one that it knows. */
export const providerTrouble = (code: string | null): string | null =>
  code === null ? null : (TROUBLES[code] ?? null);
