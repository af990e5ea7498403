// Contacts of customers, with the SDK's own walk over all contacts of an account.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { beta, bothClients, pub, sdkUtil, slug, tick, unique } from './client.mjs';
import {
  created, done, exact, finds, found, gone, ids, notFound, optional, pagesBothWays, reads,
  refused, sorted, text, twins,
} from './expect.mjs';
import {
  artifact, authored, contact, contactSummary, customer, product, self, tag, tagSummary, work,
  workspace, workspaceSummary,
} from './fixtures.mjs';

let company;
let branch;
let label;

before(async () => {
  company = await customer();
  branch = await workspace(company.account);
  label = await tag();
});

const address = () => `${slug('ana')}@example.org`;

/** A number that no other run uses, in the E.164 form with its plus sign. */
const phone = () => `+4915${String(Math.floor(Math.random() * 1e9)).padStart(9, '0')}`;

const wholeContact = (user) => ({
  id: /^don:identity:[a-z0-9-]+:devo\/[0-9A-Za-z]+(:revo\/[0-9A-Za-z]+)?:revu\/[0-9A-Za-z]+$/,
  display_id: /^REVU-[0-9A-Za-z]+$/,
  type: optional('rev_user'),
  ...authored(),
  display_name: user.display_name,
  full_name: optional(/./),
  external_ref: user.display_id,
  external_refs: optional([user.external_ref]),
  is_verified: true,
  state: optional('active'),
  stock_schema_fragment: optional(/stock_sf/),
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates a contact from a name and an address`, async () => {
    const request = { email: address(), display_name: unique('Ana') };
    const user = created(await sdk.revUsersCreate(request), 'rev_user');
    exact(user, { ...wholeContact(user), ...request });
    await reads(sdk, 'revUsers', 'rev_user', user);
  });

  test(`the ${name} client creates a contact with every field`, async () => {
    const request = {
      email: address(),
      display_name: unique('Ana'),
      description: 'Decides',
      external_ref: slug('u'),
      phone_numbers: [phone(), phone()],
      rev_org: branch.display_id,
      tags: [{ id: label.id }],
    };
    const user = created(await sdk.revUsersCreate(request), 'rev_user');
    exact(user, {
      ...wholeContact(user), ...request,
      rev_org: workspaceSummary(branch),
      tags: [{ tag: tagSummary(label) }],
    });
    await reads(sdk, 'revUsers', 'rev_user', user);
  });
}

test('a contact without a name is given one', async () => {
  const user = created(await pub.revUsersCreate({ email: address() }), 'rev_user');
  text(user.display_name);
  exact(user, { ...wholeContact(user), email: text });
});

test('an update changes what it names', async () => {
  const user = await contact({
    rev_org: branch.id, description: 'kept', tags: [{ id: label.id }],
  });
  await tick();
  const patch = {
    display_name: unique('Ana Maria'), email: address(), phone_numbers: [phone()],
    external_ref: slug('new'),
  };
  const updated = found(await beta.revUsersUpdate({
    id: user.display_id, ...patch, tags: [],
  }), 'rev_user');
  exact(updated, {
    ...wholeContact(user), ...patch, description: 'kept', rev_org: workspaceSummary(branch),
    external_refs: optional([patch.external_ref]), created_date: user.created_date,
  });
  assert.ok(updated.modified_date > user.modified_date);
  await reads(pub, 'revUsers', 'rev_user', updated);
});

test('a display picture is an artifact, shown as its summary and cleared by null', async () => {
  const { id } = (await beta.artifactsPrepare({
    file_name: 'face.png', file_type: 'image/png', configuration_set: 'user_profile_picture',
  })).data;
  const file = await artifact(beta, id);
  const user = await contact();
  const shown = found(await beta.revUsersUpdate({ id: user.id, display_picture: id }), 'rev_user');
  exact(shown.display_picture, {
    id, display_id: file.display_id, file: { type: 'image/png', name: 'face.png' },
  });
  const hidden = found(await beta.revUsersUpdate({ id: user.id, display_picture: null }),
    'rev_user');
  assert.ok(!('display_picture' in hidden));
});

test('a taken address or reference is a conflict', async () => {
  const taken = await contact({ external_ref: slug('ref') });
  const free = await contact();
  for (const claim of [{ email: taken.email }, { external_ref: taken.external_ref }]) {
    await refused(pub.revUsersCreate(claim), 409, { type: 'conflict' });
    await refused(pub.revUsersUpdate({ id: free.id, ...claim }), 409, { type: 'conflict' });
  }
});

describe('rev-users.list and rev-users.scan', () => {
  let client;
  const made = {};

  before(async () => {
    client = await customer();
    const east = await workspace(client.account);
    made.first = await contact({ rev_org: client.workspace.id, phone_numbers: [phone()] });
    await tick();
    made.second = await contact({ rev_org: east.id, external_ref: slug('x') });
    await tick();
    made.third = await contact({ rev_org: east.id, tags: [{ id: label.id }] });
  });

  const mine = () => ({ associations: [client.account.id] });
  const filters = [
    ['account', mine, ['first', 'second', 'third']],
    ['workspace by association', () => ({ associations: [made.third.rev_org.id] }),
      ['second', 'third']],
    ['one workspace', () => ({ rev_org: [made.first.rev_org.id] }), ['first']],
    ['several workspaces', () => ({ rev_org: [made.first.rev_org.id, made.second.rev_org.id] }),
      ['first', 'second', 'third']],
    ['one address', () => ({ email: [made.second.email] }), ['second']],
    ['several addresses', () => ({ email: [made.second.email, made.third.email] }),
      ['second', 'third']],
    ['a reference', () => ({ external_ref: [made.second.external_ref] }), ['second']],
    ['a phone number with its plus sign', () => ({ phone_numbers: made.first.phone_numbers }),
      ['first']],
    ['tag', () => ({ ...mine(), tags: [label.id] }), ['third']],
    ['verification', () => ({ ...mine(), is_verified: false }), []],
    ['author', () => ({ ...mine(), created_by: [self.id] }), ['first', 'second', 'third']],
    ['date of creation', () => ({
      ...mine(), 'created_date.after': made.second.created_date,
      'created_date.before': made.second.created_date,
    }), ['second']],
  ];
  for (const [name, query, expected] of filters) {
    test(`find by ${name}`, async () => {
      const users = expected.map((key) => made[key]);
      await finds(beta, 'revUsersList', 'rev_users', query(), users);
      await finds(beta, 'revUsersScan', 'rev_users', query(), users);
    });
  }

  test('give whole contacts, newest first', async () => {
    const newestFirst = [made.third, made.second, made.first];
    assert.deepEqual(await twins(beta, 'revUsersList', mine()), { rev_users: newestFirst });
    const scanned = await twins(beta, 'revUsersScan', mine());
    assert.deepEqual(sorted(ids(scanned.rev_users)), sorted(ids(newestFirst)));
  });

  test("are walked to the end by the SDK's helper", async () => {
    const everyone = await sdkUtil.getAllRevUsersFromAccount(client.account.id);
    assert.deepEqual(everyone, [made.third, made.second, made.first]);
  });
});

test("the SDK's helper follows the cursor over more contacts than one page holds", async () => {
  const { account, workspace: home } = await customer();
  const made = [];
  for (let index = 0; index < 53; index += 1) made.push(await contact({ rev_org: home.id }));
  const everyone = await sdkUtil.getAllRevUsersFromAccount(account.id);
  assert.deepEqual(sorted(ids(everyone)), sorted(ids(made)));
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client pages through contacts in both directions`, async () => {
    const { workspace: home } = await customer();
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push(await contact({ rev_org: home.id }));
    const query = { rev_org: [home.id], sort_by: ['display_name:asc'] };
    await pagesBothWays(sdk, 'revUsersList', 'rev_users', query, ids(made));
  });
}

/** The merge is acknowledged at once and may finish a little later. */
async function merged(id) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const user = found(await beta.revUsersGet({ id }), 'rev_user');
    if (user.primary_identity) return user;
    await sleep(100);
  }
  return assert.fail(`${id} never named its primary identity`);
}

test('a merge moves works to the primary contact, and the secondary names it', async () => {
  const primary = await contact({ rev_org: branch.id });
  const secondary = await contact({ rev_org: branch.id });
  const ticket = await work('ticket', await product(), { reported_by: [secondary.id] });
  done(await pub.revUsersMerge({ primary_user: primary.id, secondary_user: secondary.id }));
  exact((await merged(secondary.id)).primary_identity, contactSummary(primary));
  const moved = found(await beta.worksGet({ id: ticket.id }), 'work');
  exact(moved.reported_by, [contactSummary(primary)]);
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client deletes a contact: works show it as deleted`, async () => {
    const user = await contact();
    const ticket = await work('ticket', await product(), { reported_by: [user.id] });
    done(await sdk.revUsersDelete({ id: user.id }));
    await gone(sdk, 'revUsers', user.id);
    await notFound(sdk.revUsersUpdate({ id: user.id, display_name: 'too late' }));
    const left = found(await sdk.worksGet({ id: ticket.id }), 'work');
    exact(left.reported_by, [{ ...contactSummary(user), state: 'deleted' }]);
  });
}
