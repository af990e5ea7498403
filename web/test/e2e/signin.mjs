// The way in, by keys alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, inspect, keys, page, picture, server, sound, stage, text } from './harness.mjs';

stage();

test('a wrong token is said to be unknown, the right one opens the dashboard', async () => {
  const { page: opened, context, faults } = await page(browser, { allow: ['401'] });
  await opened.goto(server.origin);
  await opened.waitForSelector('#token');
  await picture(opened, 'signin-light');
  await sound(opened);
  await opened.keyboard.type('nonsense');
  await keys(opened, 'Enter');
  await opened.waitForSelector('#wrong');
  assert.match(await text(opened, '#wrong'), /not known here/);
  assert.deepEqual(await inspect(opened), []);
  await opened.fill('#token', server.token);
  await keys(opened, 'Enter');
  await opened.waitForSelector('.dash');
  // No script can read the token.
  assert.equal(await opened.evaluate(() => document.cookie), '');
  assert.ok(!(await opened.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes('eyJ'));
  assert.deepEqual(faults, []);
  await context.close();
});

test('the link of the start signs in once', async () => {
  const { page: opened, context } = await page(browser);
  await opened.goto(server.link);
  await opened.waitForSelector('.rows .row:not(.blank)');
  assert.equal(new URL(opened.url()).pathname + new URL(opened.url()).hash, '/works');
  await context.close();
  const second = await page(browser);
  await second.page.goto(server.link);
  await second.page.waitForSelector('#wrong');
  assert.match(await text(second.page, '#wrong'), /used before/);
  await second.context.close();
});

test('a token that was revoked leads to the way in', async () => {
  const made = await server.call('auth-tokens.create', { requested_token_type: 'urn:devrev:params:oauth:token-type:pat', token_hint: 'short' });
  const { page: opened, context } = await page(browser, { allow: ['401'] });
  await opened.goto(server.origin);
  await opened.fill('#token', made.access_token);
  await keys(opened, 'Enter');
  await opened.waitForSelector('.dash');
  await server.call('auth-tokens.self.delete', undefined, made.access_token);
  await opened.reload();
  await opened.waitForSelector('#wrong');
  assert.match(await text(opened, '#wrong'), /revoked/);
  await context.close();
});
