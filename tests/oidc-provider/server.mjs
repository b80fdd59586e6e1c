// An OpenID provider that is not Keycloak, for tests: npm `oidc-provider`, in memory, on a free port of 127.0.0.1.
//
// Standard input has one JSON document, `{"people": [...], "resource": URI, "claims": bool, "mailServer": {id, secret}}`,
// because passwords have no place among the arguments or in the environment. The address of the issuer is printed once
// it answers.
//
// What differs from Keycloak on purpose: access tokens of RFC 9068 (`at+jwt`, `client_id`) for the one resource that
// was asked for (RFC 8707), signed by ES256; a refresh token only where the person consented to `offline_access`;
// roles in `roles`, not in `realm_access`. Without a resource a token is opaque: a mail server asks about it (RFC 7662).

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Provider, errors } from 'oidc-provider';

const { people, resource, claims, mailServer } = JSON.parse(await text(process.stdin));
const accounts = new Map(people.map((person) => [person.id, person]));

const key = (alg, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  alg,
  use: 'sig',
  kid: alg,
});
const client = (id) => ({
  client_id: id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  redirect_uris: ['http://127.0.0.1/callback'],
  post_logout_redirect_uris: ['http://127.0.0.1/signed-out'],
});
const asker = ({ id, secret }) => ({
  client_id: id,
  client_secret: secret,
  grant_types: [],
  redirect_uris: [],
  response_types: [],
});

// The issuer's name has the port in it, so that the port comes first.
const server = createServer();
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  jwks: { keys: [key('RS256', 'rsa', { modulusLength: 2048 }), key('ES256', 'ec', { namedCurve: 'P-256' })] },
  clients: [client('courrier-desktop'), client('courrier-mail'), asker(mailServer)],
  scopes: ['openid', 'offline_access', 'profile', 'email'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  // The ID token says who signed in; without this, only the userinfo endpoint does.
  conformIdTokenClaims: false,
  findAccount(_ctx, id) {
    const person = accounts.get(id);
    return person && { accountId: id, claims: () => ({ sub: id, ...identity(person) }) };
  },
  extraTokenClaims(_ctx, token) {
    const person = claims && accounts.get(token.accountId);
    return person ? { ...identity(person), roles: person.roles } : undefined;
  },
  rotateRefreshToken: true,
  ttl: {
    AccessToken: 300,
    AuthorizationCode: 60,
    DeviceCode: 600,
    Grant: 86400,
    IdToken: 300,
    Interaction: 600,
    RefreshToken: 86400,
    Session: 86400,
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    dPoP: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_ctx, { clientId }) => clientId === mailServer.id },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, indicator) => {
        if (indicator !== resource) {
          throw new errors.InvalidTarget();
        }
        return {
          scope: 'openid profile email offline_access',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        };
      },
    },
  },
});

function identity({ name, username, email }) {
  return { name, preferred_username: username, email, email_verified: true };
}

/** The page of an interaction: who is it, or may the program do this. */
function page({ prompt, params }, refused) {
  const fields =
    prompt.name === 'login'
      ? `<input id="username" name="username"><input id="password" name="password" type="password">`
      : `<p>${params.client_id} wants: ${params.scope}</p>`;
  return `<!doctype html>
<html lang="en">
<title>Sign in</title>
<h1>${prompt.name}</h1>
${refused ? '<p role="alert">Wrong name or password.</p>' : ''}
<form method="post">${fields}<button id="submit" type="submit">Continue</button></form>
</html>`;
}

/** Grants all that was asked for and is not granted yet. */
async function consent({ prompt, session, params, grantId }) {
  const fresh = { accountId: session.accountId, clientId: params.client_id };
  const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant(fresh);
  const { missingOIDCScope = [], missingOIDCClaims = [], missingResourceScopes = {} } = prompt.details;
  grant.addOIDCScope(missingOIDCScope.join(' '));
  grant.addOIDCClaims(missingOIDCClaims);
  for (const [indicator, scopes] of Object.entries(missingResourceScopes)) {
    grant.addResourceScope(indicator, scopes.join(' '));
  }
  return grant.save();
}

async function interaction(req, res) {
  const details = await provider.interactionDetails(req, res);
  const show = (refused) => res.setHeader('content-type', 'text/html; charset=utf-8').end(page(details, refused));
  if (req.method !== 'POST') {
    return show(false);
  }
  const form = new URLSearchParams(await text(req));
  if (details.prompt.name === 'login') {
    const [username, password] = [form.get('username'), form.get('password')];
    const person = people.find((person) => person.username === username && person.password === password);
    return person ? provider.interactionFinished(req, res, { login: { accountId: person.id } }) : show(true);
  }
  const result = { consent: { grantId: await consent(details) } };
  return provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
}

const callback = provider.callback();
server.on('request', (req, res) => {
  if (!req.url.startsWith('/interaction/')) {
    return callback(req, res);
  }
  return interaction(req, res).catch((error) => res.writeHead(error.statusCode ?? 500).end(String(error.message)));
});
console.log(issuer);
