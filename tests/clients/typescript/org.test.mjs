// The org that the token belongs to, and the sign of life.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bothClients, publicClient } from './client.mjs';
import { exact, found, maybe, optional, refused, text, timestamp } from './expect.mjs';
import { self } from './fixtures.mjs';

for (const [name, sdk] of bothClients) {
  test(`the ${name} client reads the org by GET and by POST`, async () => {
    const org = found(await sdk.devOrgsGet(), 'dev_org');
    assert.deepEqual(found(await sdk.devOrgsGetPost({}), 'dev_org'), org);
    exact(org, {
      id: /^don:identity:[a-z0-9-]+:devo\/[0-9A-Za-z]+$/,
      display_id: /^DEV-[0-9A-Za-z]+$/,
      type: optional('dev_org'),
      display_name: text,
      dev_slug: optional(text),
      ...maybe({
        created_by: () => {}, created_date: timestamp, modified_by: () => {},
        modified_date: timestamp,
      }),
    });
    assert.ok(self.id.startsWith(`${org.id}:devu/`), 'users live in the org');
  });

  test(`the ${name} client pings by GET and by POST, with and without a body`, async () => {
    for (const answer of [await sdk.ping(), await sdk.pingPost({}), await sdk.pingPost()]) {
      assert.equal(answer.status, 200);
      exact(answer.data, { timestamp });
      const drift = Math.abs(Date.parse(answer.data.timestamp) - Date.now());
      assert.ok(drift < 60_000, `the clock is ${drift} ms away`);
    }
  });
}

test('a ping needs a token', async () => {
  await refused(publicClient('nobody').ping(), 401, { type: 'unauthenticated' });
});
