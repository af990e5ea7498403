// Customer companies: the workspace that comes with each, lists, export and merge.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, bothClients, pub, slug, tick, unique } from './client.mjs';
import {
  done, don, exact, finds, found, gone, ids, notFound, optional, pagesBothWays, reads, refused,
  twins,
} from './expect.mjs';
import {
  accountSummary, authored, contact, customer, product, self, shadowUser, tag, tagSummary,
  userSummary, work, workspace,
} from './fixtures.mjs';

let colleague;
let label;

before(async () => {
  colleague = await shadowUser();
  label = await tag({ allowed_values: ['gold'] });
});

const bareAccount = (account) => ({
  id: don('account', 'identity'),
  display_id: /^ACC-[0-9A-Za-z]+$/,
  ...authored(),
  display_name: account.display_name,
  owned_by: [],
  external_refs: [account.id],
  stock_schema_fragment: optional(/stock_sf/),
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates an account with every field and its workspace`, async () => {
    const domain = `${slug('acme')}.example`;
    const request = {
      display_name: unique('Acme & Söhne'),
      description: 'Buys anvils',
      websites: [`https://www.${domain}`],
      external_refs: [slug('crm'), slug('erp')],
      owned_by: [self.id, colleague.display_id],
      tier: 'gold',
      tags: [{ id: label.id, value: 'gold' }],
    };
    const response = await sdk.accountsCreate(request);
    assert.equal(response.status, 201);
    const { account, default_rev_org: workspace_ } = response.data;
    exact(response.data, {
      account: {
        ...bareAccount(account),
        display_name: request.display_name,
        description: 'Buys anvils',
        websites: request.websites,
        domains: [domain],
        external_refs: request.external_refs,
        owned_by: [userSummary(self), userSummary(colleague)],
        tier: 'gold',
        tags: [{ tag: tagSummary(label), value: 'gold' }],
      },
      default_rev_org: {
        id: don('revo', 'identity'),
        display_id: /^REV-[0-9A-Za-z]+$/,
        type: optional('rev_org'),
        ...authored(),
        display_name: request.display_name,
        external_ref: account.id,
        account: accountSummary(account),
        environment: optional('production'),
        stock_schema_fragment: optional(/stock_sf/),
      },
    });
    await reads(sdk, 'accounts', 'account', account);
    await reads(sdk, 'revOrgs', 'rev_org', workspace_);
  });
}

test('an account with nothing but a name is its own only reference', async () => {
  const { account } = await customer();
  exact(account, bareAccount(account));
  await reads(pub, 'accounts', 'account', account);
});

test('lists of an update replace what was there, and null clears the tier', async () => {
  const { account } = await customer({
    tier: 'gold', owned_by: [self.id], tags: [{ id: label.id }], description: 'kept',
  });
  await tick();
  const patch = {
    display_name: unique('Renamed'),
    domains: [`${slug('one')}.example`, `${slug('two')}.example`],
    external_refs: [slug('crm')],
    owned_by: [colleague.display_id],
    tags: [],
    tier: null,
  };
  const updated = found(await beta.accountsUpdate({ id: account.display_id, ...patch }),
    'account');
  exact(updated, {
    ...bareAccount(account),
    ...patch,
    description: 'kept',
    owned_by: [userSummary(colleague)],
    tags: undefined,
    tier: undefined,
    created_date: account.created_date,
  });
  assert.ok(updated.modified_date > account.modified_date);
  await reads(beta, 'accounts', 'account', updated);

  const websites = [`https://${slug('site')}.example`];
  const again = found(await pub.accountsUpdate({ id: account.id, websites: { set: websites } }),
    'account');
  exact([again.websites, again.display_name], [websites, patch.display_name]);
  const unchanged = found(await pub.accountsUpdate({ id: account.id }), 'account');
  assert.deepEqual(unchanged, again);
});

test('a reference or a domain of another account is a conflict', async () => {
  const reference = slug('crm');
  const domain = `${slug('taken')}.example`;
  await customer({ external_refs: [reference], domains: [domain] });
  const { account: late } = await customer();
  for (const claim of [{ external_refs: [reference] }, { domains: [domain] }]) {
    const request = { display_name: unique('Second'), ...claim };
    await refused(pub.accountsCreate(request), 409, { type: 'conflict' });
    await refused(pub.accountsUpdate({ id: late.id, ...claim }), 409, { type: 'conflict' });
  }
});

test('an account needs a name', async () => {
  await refused(pub.accountsCreate({ tier: 'gold' }), 400, {
    type: 'missing_required_field', field_name: 'display_name',
  });
});

describe('accounts.list and accounts.export', () => {
  const made = {};

  before(async () => {
    const tier = slug('tier');
    made.first = (await customer({ tier, owned_by: [colleague.id] })).account;
    await tick();
    made.second = (await customer({
      tier, tags: [{ id: label.id }], external_refs: [slug('crm')],
    })).account;
    await tick();
    made.third = (await customer({
      tier: slug('tier'), websites: [`https://www.${slug('site')}.example`],
    })).account;
  });

  const tiers = () => ({ tier: [made.first.tier, made.third.tier] });
  const filters = [
    ['one tier', () => ({ tier: [made.first.tier] }), ['first', 'second']],
    ['several tiers', tiers, ['first', 'second', 'third']],
    ['one name', () => ({ display_name: [made.second.display_name] }), ['second']],
    ['several names', () => ({
      display_name: [made.second.display_name, made.third.display_name],
    }), ['second', 'third']],
    ['references', () => ({ external_refs: made.second.external_refs }), ['second']],
    ['its own id as the reference', () => ({ external_refs: [made.first.id] }), ['first']],
    ['websites', () => ({ websites: made.third.websites }), ['third']],
    ['domains', () => ({ domains: made.third.domains }), ['third']],
    ['owners', () => ({ ...tiers(), owned_by: [colleague.display_id] }), ['first']],
    ['tags', () => ({ ...tiers(), tags: [label.id] }), ['second']],
    ['the author', () => ({ ...tiers(), created_by: [self.id] }), ['first', 'second', 'third']],
    ['dates of creation', () => ({
      ...tiers(), 'created_date.after': made.second.created_date,
      'created_date.before': made.second.created_date,
    }), ['second']],
    ['dates of change', () => ({ ...tiers(), 'modified_date.after': '2999-01-01T00:00:00Z' }), []],
  ];
  for (const [name, query, expected] of filters) {
    test(`find by ${name}`, async () => {
      const accounts = expected.map((key) => made[key]);
      await finds(beta, 'accountsList', 'accounts', query(), accounts);
      await finds(beta, 'accountsExport', 'accounts', query(), accounts);
    });
  }

  test('give whole accounts, newest first, and export stops at first', async () => {
    const newestFirst = [made.third, made.second, made.first];
    assert.deepEqual(await twins(pub, 'accountsList', tiers()), { accounts: newestFirst });
    assert.deepEqual(await twins(pub, 'accountsExport', tiers()), { accounts: newestFirst });
    const first = await twins(beta, 'accountsExport', {
      ...tiers(), first: 2, sort_by: ['display_name:asc'],
    });
    assert.deepEqual(first, { accounts: [made.first, made.second] });
  });
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client pages through accounts in both directions`, async () => {
    const tier = slug('tier');
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push((await customer({ tier })).account);
    const query = { tier: [tier], sort_by: ['display_name:asc'] };
    await pagesBothWays(sdk, 'accountsList', 'accounts', query, ids(made));
  });
}

test('a merge moves what the secondary had, and the secondary names the primary', async () => {
  const { account: primary } = await customer();
  const { account: secondary, workspace: inherited } = await customer();
  const branch = await workspace(secondary);
  const person = await contact({ rev_org: branch.id });
  const ticket = await work('ticket', await product(), { rev_org: branch.id });
  const { status } = await pub.accountsMerge({
    primary_account: primary.id, secondary_account: secondary.display_id,
  });
  assert.equal(status, 200);

  const left = found(await beta.accountsGet({ id: secondary.id }), 'account');
  exact(left.primary_account, accountSummary(primary));
  const { rev_orgs: moved } = await twins(beta, 'revOrgsList', { account: [primary.id] });
  for (const each of [inherited, branch]) {
    const now = moved.find(({ id }) => id === each.id);
    exact(now?.account, accountSummary(primary), `workspace ${each.display_id}`);
  }
  const moved_ = found(await beta.worksGet({ id: ticket.id }), 'work');
  exact(moved_.account, accountSummary(primary));
  exact(found(await beta.revUsersGet({ id: person.id }), 'rev_user').rev_org.id, branch.id);
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client deletes an account: 200, then it is gone for every call`, async () => {
    const { account } = await customer();
    done(await sdk.accountsDelete({ id: account.id }));
    await gone(sdk, 'accounts', account.id);
    await gone(sdk, 'accounts', account.display_id);
    await notFound(sdk.accountsUpdate({ id: account.id, tier: 'late' }));
  });
}
