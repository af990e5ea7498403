// Addresses that are told of changes. Receivers are on this machine, as are the server's own.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { betaSDK, bothClients, beta, pub, unique } from './client.mjs';
import { created, don, done, exact, found, gone, notFound, reads, refused } from './expect.mjs';
import { authored, product, tag, work } from './fixtures.mjs';

const { WebhookEventType: Type, WebhooksUpdateAction: Action, WebhookStatus: Status } = betaSDK;

/** A receiver that answers challenges, and keeps what it is sent. */
async function receiver(context) {
  const received = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = JSON.parse(text);
      received.push({ body, text, headers: request.headers });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ challenge: body.verify?.challenge }));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  context.after(() => { server.close(); server.closeAllConnections(); });
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  return { url, received };
}

/** Waits until something is there. */
async function eventually(what, look) {
  for (let tries = 0; tries < 400; tries += 1) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => { setTimeout(resolve, 25); });
  }
  throw new Error(`in vain: ${what}`);
}

async function active(sdk, id) {
  return eventually('the webhook is active', async () => {
    const webhook = found(await sdk.webhooksGet({ id }), 'webhook');
    return webhook.status === Status.Active && webhook;
  });
}

for (const [name, sdk] of bothClients) {
  test(`the ${name} client makes a webhook, which is told and deleted`, async (context) => {
    const { url, received } = await receiver(context);
    const made = created(await sdk.webhooksCreate({
      url, event_types: [Type.TagCreated, Type.WorkUpdated],
    }), 'webhook');
    exact(made, {
      ...authored(), id: don('webhook', 'integration'), url, status: Status.Unverified,
      secret: /^[A-Za-z0-9+/]{32}$/,
      event_types: [Type.TagCreated, Type.WorkUpdated, Type.Verify],
    });
    const webhook = await active(sdk, made.id);
    await reads(sdk, 'webhooks', 'webhook', webhook);
    const { webhooks } = (await sdk.webhooksListPost({})).data;
    assert.deepEqual(webhooks.find((one) => one.id === made.id), webhook);

    const label = await tag();
    const event = await eventually('the tag is told', () => received.find(
      ({ body }) => body.tag_created?.tag.id === label.id,
    ));
    assert.deepEqual(event.body.tag_created.tag, label);
    assert.equal(event.body.webhook_id, made.id);
    const hex = createHmac('sha256', made.secret).update(event.text).digest('hex');
    assert.equal(event.headers['x-devrev-signature'], hex);

    const issue = await work('issue', await product());
    const title = unique('told');
    const changed = found(await sdk.worksUpdate({ id: issue.id, type: 'issue', title }), 'work');
    const told = await eventually('the change is told', () => received.find(
      ({ body }) => body.work_updated?.work.title === title,
    ));
    assert.equal(told.body.work_updated.work.modified_date, changed.modified_date);
    assert.equal(told.body.work_updated.old_work.title, issue.title);
    assert.equal(told.body.work_updated.old_work.owned_by[0].id, issue.owned_by[0].id);

    done(await sdk.webhooksDelete({ id: made.id }));
    await gone(sdk, 'webhooks', made.id);
  });
}

test('an update changes what a webhook is told, and switches it off and on', async (context) => {
  const { url, received } = await receiver(context);
  const made = created(await beta.webhooksCreate({
    url, event_types: [Type.TagCreated], headers: [{ name: 'X-Team', value: 'a' }],
  }), 'webhook');
  await active(beta, made.id);
  assert.equal(received[0].headers['x-team'], 'a');
  const updated = found(await beta.webhooksUpdate({
    id: made.id, event_types: { add: [Type.TagDeleted], remove: [Type.TagCreated] },
    headers: { remove: ['X-Team'] },
  }), 'webhook');
  assert.deepEqual(updated.event_types, [Type.TagDeleted, Type.Verify]);
  assert.equal(updated.headers, undefined);
  const off = found(
    await pub.webhooksUpdate({ id: made.id, action: Action.Deactivate }), 'webhook');
  assert.equal(off.status, Status.Inactive);
  found(await pub.webhooksUpdate({ id: made.id, action: Action.Activate }), 'webhook');
  await active(pub, made.id);
  const renewed = found(await pub.webhooksUpdate({ id: made.id, secret: '' }), 'webhook');
  assert.notEqual(renewed.secret, made.secret);
  await active(pub, made.id);
  done(await pub.webhooksDelete({ id: made.id }));
});

test('an object is told when it is asked for', async (context) => {
  const { url, received } = await receiver(context);
  const made = created(await pub.webhooksCreate({ url, event_types: [] }), 'webhook');
  await active(pub, made.id);
  const issue = await work('issue', await product());
  assert.equal((await beta.webhooksFetch({ id: made.id, object: issue.id })).status, 200);
  const event = await eventually('the work is told', () => received.find(
    ({ body }) => body.type === Type.WorkFetched,
  ));
  assert.deepEqual(event.body.work_fetched, { id: issue.id, result: 'ok', work: issue });
  done(await pub.webhooksDelete({ id: made.id }));
});

test('what is no webhook is refused', async () => {
  await refused(pub.webhooksCreate({}), 400,
    { type: 'missing_required_field', field_name: 'url' });
  await refused(pub.webhooksCreate({ url: 'example.org' }), 400,
    { type: 'value_not_permitted', field_name: 'url' });
  await refused(pub.webhooksCreate({ url: 'https://example.org', event_types: ['x'] }), 400,
    {
      type: 'invalid_enum_value', field_name: 'event_types', value: 'x',
      allowed_values: (values) => assert.ok(values.includes(Type.TagCreated)),
    });
  const { id } = created(await pub.webhooksCreate({ url: 'https://example.org' }), 'webhook');
  done(await pub.webhooksDelete({ id }));
  await notFound(pub.webhooksUpdate({ id, action: Action.Activate }));
});

test('an event is taken by the server itself', async () => {
  const made = created(await pub.webhooksCreate({ url: 'https://example.org' }), 'webhook');
  const event = {
    id: `${made.id}:webhook_event/1`, webhook_id: made.id, type: Type.Verify,
    verify: { challenge: 'eA==' },
  };
  assert.deepEqual((await pub.webhooksEvent(event)).data, { challenge: 'eA==' });
  done(await pub.webhooksDelete({ id: made.id }));
});
