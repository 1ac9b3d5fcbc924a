// An OpenID Connect provider for the tests, on a port that the system chose, which it prints as its issuer.
// Arguments: where to tell claims (`token` or `userinfo`), then the redirect URIs of its one client.
// Who logs in stands in the header x-test-user, with `@3600` for one who did so an hour ago; `nobody` says no. Without it
// a page asks.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [told, ...redirects] = process.argv.slice(2);

// Who they are, by subject; the same name twice, as providers allow.
const people = {
  'sub-ada': { preferred_username: 'ada', groups: ['staff', 'ops'] },
  'sub-ada-2': { preferred_username: 'ada', groups: ['staff'] },
  'sub-eve': { preferred_username: 'eve', groups: ['sales'], email: 'ada@example.com' }
};

// On loopback a native client may be sent back to any port.
const loopback = redirects.every((uri) => new URL(uri).hostname === '127.0.0.1');

const asks = `<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,"><h1>Who are you?</h1>
${Object.keys(people).map((sub) => `<p><a href="?as=${sub}">${sub}</a>`).join('')}`;

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'miniman',
        client_secret: 'a client secret',
        redirect_uris: redirects,
        application_type: loopback ? 'native' : 'web'
      }
    ],
    cookies: { keys: ['only for tests'] },
    scopes: ['openid', 'profile', 'groups'],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: told !== 'token',
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
    // Everybody agrees at once to what the client asks for.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid profile groups');
      await grant.save();
      return grant;
    }
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    const named = request.headers['x-test-user'] ?? new URL(request.url, issuer).searchParams.get('as');
    if (named === null) return response.setHeader('content-type', 'text/html').end(asks);
    const [user, agoS = 0] = named.split('@');
    const ts = Math.floor(Date.now() / 1000) - Number(agoS);
    // A native client's user is asked for consent each time, whatever was granted.
    const result =
      user === 'nobody'
        ? { error: 'access_denied', error_description: 'the person said no' }
        : { login: { accountId: user, ts }, consent: {} };
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  });
  console.log(issuer);
});
