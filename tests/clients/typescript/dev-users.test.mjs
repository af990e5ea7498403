// Members of the org: the caller, shadow users and their lives, identities, lists and merge.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { beta, betaSDK, bothClients, pub, slug, tick, unique } from './client.mjs';
import {
  created, done, exact, finds, found, ids, notFound, optional, pagesBothWays, reads, refused,
  timestamp, twins,
} from './expect.mjs';
import {
  group, numbered, product, self, shadowUser, userSummary, work,
} from './fixtures.mjs';

const wholeUser = (user, state) => ({
  ...numbered(user, 'devu', 'DEVU', 'identity'),
  type: optional('dev_user'),
  created_by: userSummary(self),
  created_date: timestamp,
  modified_by: userSummary(self),
  modified_date: timestamp,
  email: user.email,
  display_name: optional(/./),
  full_name: optional(/./),
  state,
  external_identities: optional([]),
  stock_schema_fragment: optional(/stock_sf/),
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client learns who it is, with and without a body`, async () => {
    assert.deepEqual(found(await sdk.devUsersSelf(), 'dev_user'), self);
    assert.deepEqual(found(await sdk.devUsersSelfPost({}), 'dev_user'), self);
    assert.deepEqual(found(await sdk.devUsersSelfPost(), 'dev_user'), self);
    assert.equal(self.state, 'active');
    assert.match(self.display_id, /^DEVU-\d+$/);
    assert.deepEqual(await twins(sdk, 'devUsersGet', { id: self.display_id }), { dev_user: self });
  });

  test(`the ${name} client creates a shadow user`, async () => {
    const email = `${slug('dev')}@example.org`;
    const user = created(await sdk.devUsersCreate({ email, state: 'shadow' }), 'dev_user');
    exact(user, { ...wholeUser(user, 'shadow'), email });
    await reads(sdk, 'devUsers', 'dev_user', user);
  });
}

test('a dev user is created as a shadow or not at all', async () => {
  const email = `${slug('dev')}@example.org`;
  await refused(beta.devUsersCreate({ email, state: 'active' }), 400, {
    type: /^(invalid_enum_value|value_not_permitted)$/, field_name: 'state',
    value: optional('active'), allowed_values: optional(['shadow']),
  });
  await refused(beta.devUsersCreate({ state: 'shadow' }), 400, {
    type: 'missing_required_field', field_name: 'email',
  });
  await notFound(beta.devUsersGet({ id: 'DEVU-999999' }));
});

test('a shadow user is activated into groups, and deactivated', async () => {
  const [team, user] = [await group(), await shadowUser()];
  const { status, data } = await beta.devUsersActivate({ id: user.id, groups: [team.id] });
  assert.equal(status, 200);
  const active = found(await pub.devUsersGet({ id: user.id }), 'dev_user');
  exact(active.state, 'active');
  exact(data, {
    invite_sent: (value) => assert.equal(typeof value, 'boolean'),
    dev_user: (value) => assert.deepEqual(value, active),
  });
  const { members } = await twins(beta, 'groupMembersList', { group: team.id });
  exact(members, [{ member: userSummary(active) }]);

  done(await beta.devUsersDeactivate({ id: user.display_id }));
  exact(found(await pub.devUsersGet({ id: user.id }), 'dev_user').state, 'deactivated');
});

const jobs = [{
  title: 'Engineer', location: 'Lisbon', start_date: '2020-01-01T00:00:00.000Z',
  end_date: '2022-01-01T00:00:00.000Z', is_current: false,
}];

test('an update changes what it names', async () => {
  const [user, boss] = [await shadowUser(), await shadowUser()];
  await tick();
  const updated = found(await beta.devUsersUpdate({
    id: user.display_id,
    display_name: unique('Ana'),
    full_name: unique('Ana Silva'),
    job_title: betaSDK.DevUserJobTitle.Developer,
    job_history: jobs,
    reports_to: boss.id,
    experience_start_date: '2015-06-01T00:00:00Z',
  }), 'dev_user');
  exact(updated, {
    ...wholeUser(user, 'shadow'),
    display_name: /^Ana /,
    full_name: /^Ana Silva /,
    job_title: optional('developer'),
    job_history: jobs,
    reports_to: userSummary(boss),
    experience_start_date: '2015-06-01T00:00:00.000Z',
    created_date: user.created_date,
  });
  assert.ok(updated.modified_date > user.modified_date);
  await reads(pub, 'devUsers', 'dev_user', updated);
});

test('the caller updates itself', async () => {
  const date = '2011-04-01T00:00:00.000Z';
  const updated = found(await pub.devUsersSelfUpdate({ experience_start_date: date }), 'dev_user');
  exact([updated.id, updated.experience_start_date], [self.id, date]);
  assert.deepEqual(found(await beta.devUsersSelf(), 'dev_user').experience_start_date, date);
});

test('identities of other systems are linked, found by, and unlinked', async () => {
  const user = await shadowUser();
  const identity = { id: slug('sub'), issuer: 'https://login.example.org/', display_name: 'Ana' };
  const linked = found(await beta.devUsersIdentitiesLink({ dev_user: user.id, ...identity }),
    'dev_user');
  const [shown] = linked.external_identities;
  exact(linked.external_identities, [{ ...identity, is_verified: shown.is_verified }]);
  await reads(beta, 'devUsers', 'dev_user', linked);

  const { id, issuer } = identity;
  await finds(beta, 'devUsersList', 'dev_users',
    { 'external_identity.id': id, 'external_identity.issuer': issuer }, [user],
    { external_identity: [{ id, issuer }] });

  const unlinked = found(await pub.devUsersIdentitiesUnlink({ dev_user: user.display_id, issuer }),
    'dev_user');
  exact(unlinked.external_identities ?? [], []);
});

describe('dev-users.list', () => {
  const made = {};

  before(async () => {
    made.first = await shadowUser();
    await tick();
    made.second = await shadowUser();
    await tick();
    const third = await shadowUser();
    await beta.devUsersActivate({ id: third.id });
    made.third = found(await beta.devUsersGet({ id: third.id }), 'dev_user');
  });

  const mine = () => ({ email: ['first', 'second', 'third'].map((key) => made[key].email) });
  const filters = [
    ['one address', () => ({ email: [made.first.email] }), ['first']],
    ['several addresses', mine, ['first', 'second', 'third']],
    ['one state', () => ({ ...mine(), state: [betaSDK.UserState.Shadow] }), ['first', 'second']],
    ['several states', () => ({ ...mine(), state: ['shadow', 'active'] }),
      ['first', 'second', 'third']],
    ['an address of nobody', () => ({ email: ['nobody@nowhere.example'] }), []],
  ];
  for (const [name, query, expected] of filters) {
    test(`finds by ${name}`, async () => {
      for (const [, sdk] of bothClients) {
        await finds(sdk, 'devUsersList', 'dev_users', query(), expected.map((key) => made[key]));
      }
    });
  }

  test('finds by date through POST', async () => {
    const { created_date: at } = made.second;
    const created_date = { type: 'range', after: at, before: at };
    const { data } = await beta.devUsersListPost({ ...mine(), created_date });
    assert.deepEqual(data, { dev_users: [made.second] });
  });

  test('gives whole users, newest first', async () => {
    assert.deepEqual(await twins(pub, 'devUsersList', mine()), {
      dev_users: [made.third, made.second, made.first],
    });
  });
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client pages through dev users in both directions`, async () => {
    const made = [];
    for (let index = 0; index < 5; index += 1) {
      made.push(await shadowUser());
      await tick();
    }
    const query = { email: made.map(({ email }) => email), sort_by: ['created_date:asc'] };
    await pagesBothWays(sdk, 'devUsersList', 'dev_users', query, ids(made));
  });
}

/** The merge is acknowledged at once and may finish a little later. */
async function merged(id) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const user = found(await beta.devUsersGet({ id }), 'dev_user');
    if (user.primary_identity) return user;
    await sleep(100);
  }
  return assert.fail(`${id} never named its primary identity`);
}

test('a merge moves works to the primary user, and the secondary names it', async () => {
  const [primary, secondary] = [await shadowUser(), await shadowUser()];
  const issue = await work('issue', await product(), { owned_by: [secondary.id] });
  done(await beta.devUsersMerge({ primary_user: primary.id, secondary_user: secondary.id }));
  exact((await merged(secondary.id)).primary_identity, userSummary(primary));
  exact(found(await pub.worksGet({ id: issue.id }), 'work').owned_by, [userSummary(primary)]);
});
