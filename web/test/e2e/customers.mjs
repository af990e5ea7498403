// Customers, and one of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, picture, server, sound, stage, text, until } from './harness.mjs';

stage();

looks('customers', '/customers', '.customers [role=option]', ['j']);
looks('customer', async () => `/customers/${(await server.call('accounts.list', {})).accounts[0].display_id}`, '.workspace');

test('a customer is opened by keys and has workspaces and people', () => at('/customers', {}, async (opened) => {
  await opened.waitForSelector('.customers [role=option]');
  const name = await text(opened, '.customers .row.cursor .ti');
  await keys(opened, 'Enter');
  await opened.waitForURL(/\/customers\/ACC-/);
  assert.equal(await text(opened, 'h1'), name);
  await opened.waitForSelector('.workspace');
  await keys(opened, 'Escape');
  await opened.waitForURL(/\/customers$/);
}));

test('a customer is made by keys, with a workspace and a person', () => at('/customers', {}, async (opened) => {
  await opened.waitForSelector('.customers [role=option]');
  await opened.getByRole('button', { name: 'New customer' }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('Harbour of Vardø');
  await keys(opened, 'Control+Enter');
  await opened.waitForURL(/\/customers\/ACC-/);
  await until('it is shown', async () => await text(opened, 'h1') === 'Harbour of Vardø');
  await opened.getByRole('button', { name: 'Workspace', exact: true }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('Pilots');
  await keys(opened, 'Control+Enter');
  await opened.locator('.workspace', { hasText: 'Pilots' }).waitFor();
  await opened.getByRole('button', { name: 'Person', exact: true }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('Nils Utsi');
  await keys(opened, 'Control+Enter');
  await opened.locator('.workspace li', { hasText: 'Nils Utsi' }).waitFor();
}));

test('promises that are over are told, with those that were not kept', () => at('/customers', {}, async (opened) => {
  // Promises take hours to be over: these are told instead.
  const { works } = await server.call('works.list', { type: ['ticket'] });
  const { sla_trackers: trackers } = await server.call('sla-trackers.list', {});
  await opened.context().route('**/sla-trackers.list', (route) => route.fulfill({ json: {
    sla_trackers: trackers.map((tracker, at) => ({ ...tracker, status: at % 3 ? 'hit' : 'miss', metric_target_summaries: tracker.metric_target_summaries.map((each) => ({ ...each, ...(at % 3 ? {} : { status: 'miss' }) })) })),
  } }));
  const { account } = works.find((work) => work.account && trackers.some(({ applies_to_id: id }) => id === work.id));
  await opened.goto(`${server.origin}/customers/${account.display_id}`);
  await opened.waitForSelector('.over-list li');
  assert.match(await text(opened, '.strip'), /\d+ %/);
  await picture(opened, 'states/customer-promises-light');
  await sound(opened);
  await opened.goto(`${server.origin}/customers`);
  await until('the share is told', async () => /\d+ %/.test(await text(opened, '.customers .rows')));
}));

test('an address that names nothing is said to', () => at('/customers/ACC-nobody', { allow: ['404', '400'] }, async (opened) => {
  await opened.waitForSelector('.empty');
  assert.match(await text(opened, '.empty'), /no customer/);
}));
