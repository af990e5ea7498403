// Personal and application access tokens: what they are good for, and how they end.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beta, betaClient, betaSDK, bothClients, pub, publicClient, unique } from './client.mjs';
import {
  created, done, exact, found, maybe, notFound, optional, refused, text, timestamp, twins,
} from './expect.mjs';
import { authored, self } from './fixtures.mjs';

const { AuthTokenGrantType, AuthTokenRequestedTokenType } = betaSDK;
const PAT = AuthTokenRequestedTokenType.UrnDevrevParamsOauthTokenTypePat;
const AAT = AuthTokenRequestedTokenType.UrnDevrevParamsOauthTokenTypeAat;
const DAY = 86_400;

/** A new token and the metadata that the list shows of it: its answer does not carry its id. */
async function issue(sdk, members) {
  const hint = unique('token');
  const response = await sdk.authTokensCreate({
    grant_type: AuthTokenGrantType.UrnDevrevParamsOauthGrantTypeTokenIssue,
    requested_token_type: PAT,
    token_hint: hint,
    expires_in: 7,
    ...members,
  });
  assert.equal(response.status, 201);
  const query = { requested_token_type: members?.requested_token_type ?? PAT };
  const { tokens } = await twins(sdk, 'authTokensList', {
    ...query, ...(members?.act_as ? { subject: members.act_as } : {}),
  });
  const known = tokens.filter((token) => token.token_hint === hint);
  assert.equal(known.length, 1, `${hint} is listed once`);
  return { grant: response.data, token: known[0], secret: response.data.access_token };
}

const near = (seconds) => (value) => {
  assert.ok(Math.abs(value - seconds) <= 120, `${value} is not about ${seconds}`);
};

for (const [name, sdk] of bothClients) {
  test(`the ${name} client is given a personal token and uses it`, async () => {
    const { grant, token, secret } = await issue(sdk);
    exact(grant, {
      access_token: text, expires_in: near(7 * DAY), token_type: 'bearer',
      ...maybe({ client_id: text, scope: text }),
    });
    exact(token, {
      id: /^don:identity:[a-z0-9-]+:devo\/[0-9A-Za-z]+:token\//,
      ...maybe({ display_id: text, client_id: text, scopes: () => {} }),
      ...maybe(authored()),
      issued_at: timestamp,
      expires_at: timestamp,
      requested_token_type: PAT,
      status: 'active',
      subject: self.id,
      token_hint: token.token_hint,
    });
    near(7 * DAY)((Date.parse(token.expires_at) - Date.parse(token.issued_at)) / 1000);
    assert.deepEqual(await twins(sdk, 'authTokensGet', { token_id: token.id }), { token });
    assert.ok(!JSON.stringify(token).includes(secret), 'metadata never shows the secret');

    for (const bearer of [secret, `Bearer ${secret}`]) {
      assert.deepEqual(found(await publicClient(bearer).devUsersSelf(), 'dev_user'), self);
    }
  });
}

test('info says whose token it is, which org it belongs to, and until when', async () => {
  const { secret } = await issue(pub);
  const org = found(await pub.devOrgsGet(), 'dev_org');
  const sdk = betaClient(secret);
  const byGet = await sdk.authTokensInfo();
  const byPost = await sdk.authTokensInfoPost({});
  assert.equal(byGet.status, 200);
  assert.deepEqual(byGet.data, byPost.data);
  const now = Date.now() / 1000;
  exact(byGet.data, {
    organization: { id: org.id, display_id: org.display_id, slug: optional(text) },
    token: { issuer: text, subject: self.id, issued_at: near(now), expiry: near(now + 7 * DAY) },
    user: {
      type: 'dev_user', id: self.id, display_id: self.display_id,
      ...maybe({
        display_name: self.display_name, email: self.email, full_name: self.full_name,
      }),
    },
  });
});

test('only the hint of a token changes', async () => {
  const { token } = await issue(pub);
  const hint = unique('hint');
  const updated = found(await pub.authTokensUpdate({ token_id: token.id, token_hint: hint }),
    'token');
  exact([updated.id, updated.token_hint, updated.expires_at], [token.id, hint, token.expires_at]);
  assert.deepEqual(await twins(beta, 'authTokensGet', { token_id: token.id }), { token: updated });
  await refused(pub.authTokensUpdate({ token_id: token.id }), 400, {
    type: 'missing_required_field', field_name: 'token_hint',
  });
});

test('a token revoked by its id is good for nothing any more', async () => {
  const { token, secret } = await issue(pub);
  const sdk = publicClient(secret);
  found(await sdk.devUsersSelf(), 'dev_user');
  done(await pub.authTokensDelete({ token_id: token.id }));
  await refused(sdk.devUsersSelf(), 401, { type: 'token_revoked' });
  await refused(sdk.tagsCreate({ name: unique('late') }), 401, { type: 'token_revoked' });
  const { token: left } = await twins(pub, 'authTokensGet', { token_id: token.id });
  exact([left.id, left.status], [token.id, 'revoked']);
});

test('a token revokes itself when it names no other', async () => {
  const { secret } = await issue(pub);
  const other = await issue(pub);
  const sdk = publicClient(secret);
  done(await sdk.authTokensDelete({}));
  await refused(sdk.devUsersSelf(), 401, { type: 'token_revoked' });
  found(await publicClient(other.secret).devUsersSelf(), 'dev_user');
});

test('a lifetime in minutes and the longest one in days', async () => {
  const minutes = await issue(pub, { expires_in: undefined, expires_in_mins: 30 });
  near(1800)(minutes.grant.expires_in);
  const years = await issue(pub, { expires_in: 1825 });
  near(1825 * DAY)(years.grant.expires_in);
  await refused(pub.authTokensCreate({ requested_token_type: PAT, expires_in: 1826 }), 400, {
    type: 'value_not_permitted', field_name: 'expires_in',
  });
  await refused(pub.authTokensCreate({ requested_token_type: 'pat' }), 400, {
    type: 'invalid_enum_value', field_name: 'requested_token_type', value: 'pat',
    allowed_values: (values) => assert.ok(values.includes(PAT) && values.includes(AAT)),
  });
});

test('a token that nobody was given is not found', async () => {
  const { token } = await issue(pub);
  const token_id = token.id.replace(/[^/]+$/, '0000nobody');
  await notFound(pub.authTokensGet({ token_id }));
  await notFound(pub.authTokensUpdate({ token_id, token_hint: 'x' }));
});

describe('application tokens', () => {
  const application = async () =>
    created(await beta.serviceAccountsCreate({ display_name: unique('CI') }), 'service_account');
  const issueFor = (account, members) =>
    issue(beta, { requested_token_type: AAT, act_as: account.id, ...members });

  test('act as their service account', async () => {
    const account = await application();
    const { token, secret } = await issueFor(account);
    exact([token.requested_token_type, token.subject], [AAT, account.id]);
    const sdk = betaClient(secret);
    const { user } = (await sdk.authTokensInfo()).data;
    exact([user.type, user.id], ['service_account', account.id]);
    const label = created(await sdk.tagsCreate({ name: unique('tag') }), 'tag');
    exact([label.created_by.type, label.created_by.id], ['service_account', account.id]);
    await notFound(sdk.devUsersSelf());
  });

  test('are all revoked at once by their owner, and only theirs', async () => {
    const account = await application();
    const stranger = await issueFor(await application());
    const mine = [await issueFor(account), await issueFor(account)];
    const clients = mine.map(({ secret }) => publicClient(secret));
    done(await clients[0].authTokensSelfDelete({ requested_token_type: AAT }));
    for (const sdk of clients) await refused(sdk.ping(), 401, { type: 'token_revoked' });
    assert.equal((await publicClient(stranger.secret).ping()).status, 200);
    assert.equal((await pub.ping()).status, 200);
  });
});
