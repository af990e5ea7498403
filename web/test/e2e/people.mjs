// Members and their tokens.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, server, stage, until } from './harness.mjs';

stage();

looks('people', '/people', '.people tbody tr');
looks('tokens', '/people/tokens', '.tokens tbody tr');

test('a token is shown once, works, and is revoked', () => at('/people/tokens', {}, async (opened) => {
  await opened.waitForSelector('.tokens tbody tr');
  await opened.getByRole('button', { name: 'New token' }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('a test');
  await keys(opened, 'Control+Enter');
  const token = await opened.locator('.token-text').inputValue();
  const call = () => fetch(`${server.origin}/dev-users.self`, { method: 'POST', headers: { authorization: token, 'content-type': 'application/json' }, body: '{}' });
  assert.equal((await call()).status, 200);
  await keys(opened, 'Escape');
  const row = opened.locator('.tokens tr', { hasText: 'a test' });
  await row.getByRole('button', { name: 'Revoke' }).press('Enter');
  await opened.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).press('Enter');
  await until('it is refused', async () => (await call()).status === 401);
}));

test('a token of somebody else may do what is said, and ends after a year', () => at('/people/tokens', {}, async (opened) => {
  await opened.waitForSelector('.tokens tbody tr');
  const jonas = (await server.call('dev-users.list', {})).dev_users.find(({ full_name: name }) => /Jonas/.test(name));
  await opened.getByRole('button', { name: 'New token' }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('nightly report');
  await opened.locator('.sheet select').nth(0).selectOption(jonas.id);
  await opened.getByLabel(/^Rights/).fill('issue:read');
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.token-text');
  await keys(opened, 'Escape');
  const [token] = (await server.call('auth-tokens.list', { subject: jonas.id })).tokens.filter(({ token_hint: hint }) => hint === 'nightly report');
  assert.deepEqual(token.scopes, ['issue:read']);
  const days = (Date.parse(token.expires_at) - Date.now()) / 86_400_000;
  assert.ok(days > 364.9 && days < 365.1, `it ends in ${days} days`);
  // Its text is nowhere any more.
  assert.equal(await opened.locator('.token-text').count(), 0);
}));

test('somebody is invited, and loses access', () => at('/people', {}, async (opened) => {
  await opened.waitForSelector('.people tbody tr');
  await opened.getByRole('button', { name: 'Invite' }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('ola@tidewater.example');
  await keys(opened, 'Control+Enter');
  const find = async () => (await server.call('dev-users.list', { email: ['ola@tidewater.example'] })).dev_users[0];
  await until('they have access', async () => (await find())?.state === 'active');
  await opened.getByRole('button', { name: /^ola.*what can be done/ }).press('Enter');
  await opened.getByRole('menuitem', { name: 'End access' }).press('Enter');
  await opened.getByRole('alertdialog').getByRole('button', { name: 'End access' }).press('Enter');
  await until('they have none', async () => (await find())?.state !== 'active');
}));

test('a refused name stays in its form, with the reason', () => at('/people', { allow: ['409', '400'] }, async (opened) => {
  const [user] = (await server.call('dev-users.list', {})).dev_users;
  await opened.getByRole('button', { name: 'Invite' }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type(user.email);
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.sheet .wrong');
  assert.equal(await opened.locator('.sheet input[type=email]').inputValue(), user.email);
}));
