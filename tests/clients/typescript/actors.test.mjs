// Actors that are no people: service accounts and system users.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beta, bothClients, pub, tick, unique } from './client.mjs';
import {
  created, exact, found, notFound, optional, reads, refused, timestamp, twins,
} from './expect.mjs';
import { authored, numbered, product, userSummary, work } from './fixtures.mjs';

const wholeAccount = (account) => ({
  ...numbered(account, 'svcacc', 'SVCACC', 'identity'),
  type: optional('service_account'),
  ...authored(),
  display_name: account.display_name,
  full_name: optional(account.display_name),
  state: optional('active'),
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates a service account, which may own works`, async () => {
    const display_name = unique('Build robot');
    const account = created(await sdk.serviceAccountsCreate({ display_name }), 'service_account');
    exact(account, { ...wholeAccount(account), display_name });
    await reads(sdk, 'serviceAccounts', 'service_account', account);
    const issue = await work('issue', await product(), { owned_by: [account.display_id] });
    exact(issue.owned_by, [userSummary(account, 'service_account')]);
  });

  test(`the ${name} client lists the system user of the org`, async () => {
    const { sys_users: users } = await twins(sdk, 'sysUsersList', { limit: 100 });
    const robot = users.find(({ display_id }) => display_id === 'SYSU-1');
    exact(robot, {
      id: /^don:identity:[a-z0-9-]+:devo\/[0-9A-Za-z]+:sysu\/1$/,
      display_id: 'SYSU-1',
      type: optional('sys_user'),
      created_by: () => {},
      created_date: timestamp,
      modified_by: () => {},
      modified_date: timestamp,
      display_name: /./,
      full_name: optional(/./),
      email: optional(/@/),
      state: optional('active'),
    });
  });
}

test('the name of a service account is its own', async () => {
  const display_name = unique('Robot');
  created(await pub.serviceAccountsCreate({ display_name }), 'service_account');
  await refused(pub.serviceAccountsCreate({ display_name }), 409, { type: 'conflict' });
  await refused(pub.serviceAccountsCreate({}), 400, {
    type: 'missing_required_field', field_name: 'display_name',
  });
  await notFound(pub.serviceAccountsGet({ id: 'SVCACC-999999' }));
});

test('a service account is renamed', async () => {
  const account = created(await beta.serviceAccountsCreate({ display_name: unique('Robot') }),
    'service_account');
  await tick();
  const display_name = unique('Renamed');
  const updated = found(await beta.serviceAccountsUpdate({ id: account.id, display_name }),
    'service_account');
  exact(updated, {
    ...wholeAccount(account), display_name, full_name: optional(/./),
    created_date: account.created_date,
  });
  assert.ok(updated.modified_date > account.modified_date);
  await reads(pub, 'serviceAccounts', 'service_account', updated);
});

test('the system user is given another full name', async () => {
  const full_name = unique('Automation');
  const updated = found(await pub.sysUsersUpdate({ id: 'SYSU-1', full_name }), 'sys_user');
  exact([updated.display_id, updated.full_name], ['SYSU-1', full_name]);
  const byDate = { sort_by: ['created_date:asc'] };
  const { sys_users: users } = await twins(beta, 'sysUsersList', byDate);
  assert.deepEqual(users.find(({ id }) => id === updated.id), updated);
});
