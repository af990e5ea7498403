// Workspaces of customers.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, betaSDK, bothClients, pub, slug, tick, unique } from './client.mjs';
import {
  created, done, don, exact, finds, found, gone, ids, notFound, optional, pagesBothWays, reads,
  refused, text, twins,
} from './expect.mjs';
import {
  accountSummary, authored, customer, self, tag, tagSummary, workspace,
} from './fixtures.mjs';

let owner;
let label;

before(async () => {
  owner = await customer();
  label = await tag();
});

const bareWorkspace = (revOrg, account = owner.account) => ({
  id: don('revo', 'identity'),
  display_id: /^REV-[0-9A-Za-z]+$/,
  type: optional('rev_org'),
  ...authored(),
  display_name: revOrg.display_name,
  external_ref: text,
  account: accountSummary(account),
  environment: optional('production'),
  stock_schema_fragment: optional(/stock_sf/),
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates a workspace with every field`, async () => {
    const request = {
      account: owner.account.display_id,
      display_name: unique('Acme Europe'),
      description: 'Everything east of Lisbon',
      external_ref: slug('eu'),
      environment: betaSDK.OrgEnvironment.Staging,
      tier: 'silver',
      tags: [{ id: label.id }],
    };
    const revOrg = created(await sdk.revOrgsCreate(request), 'rev_org');
    exact(revOrg, {
      ...bareWorkspace(revOrg),
      display_name: request.display_name,
      description: request.description,
      external_ref: request.external_ref,
      environment: optional('staging'),
      tier: optional('silver'),
      tags: [{ tag: tagSummary(label) }],
    });
    await reads(sdk, 'revOrgs', 'rev_org', revOrg);
  });
}

test('a workspace without a reference is given one of its own', async () => {
  const [one, two] = [await workspace(owner.account), await workspace(owner.account)];
  exact(one, bareWorkspace(one));
  assert.notEqual(one.external_ref, two.external_ref);
});

test('get by account answers the default workspace, get by nothing is refused', async () => {
  const { account, workspace: standard } = await customer();
  await workspace(account);
  for (const id of [account.id, account.display_id]) {
    assert.deepEqual(await twins(pub, 'revOrgsGet', { account: id }), { rev_org: standard });
  }
  const missing = { type: 'missing_required_field', field_name: 'id' };
  await refused(pub.revOrgsGetPost({}), 400, missing);
  await refused(pub.revOrgsGet(), 400, missing);
});

test('an update changes what it names', async () => {
  const revOrg = await workspace(owner.account, { description: 'kept', tags: [{ id: label.id }] });
  await tick();
  const patch = { display_name: unique('Renamed'), external_ref: slug('new'), tags: [] };
  const updated = found(await beta.revOrgsUpdate({ id: revOrg.display_id, ...patch }), 'rev_org');
  exact(updated, {
    ...bareWorkspace(revOrg), ...patch, description: 'kept', tags: undefined,
    created_date: revOrg.created_date,
  });
  assert.ok(updated.modified_date > revOrg.modified_date);
  await reads(pub, 'revOrgs', 'rev_org', updated);
  assert.deepEqual(found(await pub.revOrgsUpdate({ id: revOrg.id }), 'rev_org'), updated);
});

test('a taken reference, a missing account and an unknown account are refused', async () => {
  const { external_ref: taken } = await workspace(owner.account, { external_ref: slug('ref') });
  const request = { account: owner.account.id, display_name: unique('W') };
  await refused(pub.revOrgsCreate({ ...request, external_ref: taken }), 409, { type: 'conflict' });
  await refused(pub.revOrgsCreate({ display_name: 'homeless' }), 400, {
    type: 'missing_required_field', field_name: 'account',
  });
  await refused(pub.revOrgsCreate({ ...request, account: 'ACC-nobody0' }), 400, {
    type: 'invalid_id', field_name: 'account',
  });
});

describe('rev-orgs.list', () => {
  let client;
  const made = {};

  before(async () => {
    client = await customer();
    made.standard = client.workspace;
    await tick();
    made.east = await workspace(client.account, { external_ref: slug('east') });
    await tick();
    made.west = await workspace(client.account, {
      external_ref: slug('west'), tags: [{ id: label.id }],
    });
  });

  const mine = () => ({ account: [client.account.id] });
  const filters = [
    ['account', mine, ['standard', 'east', 'west']],
    ['one name', () => ({ ...mine(), display_name: [made.east.display_name] }), ['east']],
    ['several names', () => ({ display_name: [made.east.display_name, made.west.display_name] }),
      ['east', 'west']],
    ['one reference', () => ({ external_ref: [made.west.external_ref] }), ['west']],
    ['several references', () => ({ external_ref: [made.west.external_ref, client.account.id] }),
      ['standard', 'west']],
    ['author', () => ({ ...mine(), created_by: [self.display_id] }), ['standard', 'east', 'west']],
    ['tag', () => ({ ...mine(), tags: [label.id] }), ['west']],
    ['date of creation', () => ({
      ...mine(), 'created_date.after': made.east.created_date,
      'created_date.before': made.east.created_date,
    }), ['east']],
    ['date of change', () => ({ ...mine(), 'modified_date.before': '2001-01-01T00:00:00Z' }), []],
  ];
  for (const [name, query, expected] of filters) {
    test(`finds by ${name}`, () =>
      finds(beta, 'revOrgsList', 'rev_orgs', query(), expected.map((key) => made[key])));
  }

  test('gives whole workspaces, newest first', async () => {
    const newestFirst = [made.west, made.east, made.standard];
    assert.deepEqual(await twins(beta, 'revOrgsList', mine()), { rev_orgs: newestFirst });
    const references = { external_ref: newestFirst.map((each) => each.external_ref) };
    assert.deepEqual(await twins(pub, 'revOrgsList', references), { rev_orgs: newestFirst });
  });
});

test('workspaces are paged in both directions', async () => {
  const { account, workspace: first } = await customer({ display_name: unique('A') });
  const made = [first];
  for (let index = 0; index < 4; index += 1) {
    made.push(await workspace(account, { display_name: unique('B') }));
  }
  const references = made.map((each) => each.external_ref);
  const query = { sort_by: ['display_name:asc'] };
  await pagesBothWays(beta, 'revOrgsList', 'rev_orgs', { account: [account.id], ...query },
    ids(made));
  await pagesBothWays(pub, 'revOrgsList', 'rev_orgs', { external_ref: references, ...query },
    ids(made));
});

test('the default workspace of an account cannot be deleted', async () => {
  const { workspace: standard } = await customer();
  await refused(pub.revOrgsDelete({ id: standard.id }), 400, { type: /./ });
  await reads(pub, 'revOrgs', 'rev_org', standard);
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client deletes a workspace: 200, then it is gone`, async () => {
    const revOrg = await workspace(owner.account);
    done(await sdk.revOrgsDelete({ id: revOrg.id }));
    await gone(sdk, 'revOrgs', revOrg.id);
    await notFound(sdk.revOrgsUpdate({ id: revOrg.id, display_name: 'too late' }));
  });
}
