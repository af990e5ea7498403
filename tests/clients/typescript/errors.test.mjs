// Refusals as the SDK hands them to its user: the status, the body, and its own error handler.
import assert from 'node:assert/strict';
import { before, mock, test } from 'node:test';
import errorModule from '@devrev/typescript-sdk/dist/snap-ins/error.js';
import {
  beta, betaClient, bothClients, post, pub, publicClient, slug, unique,
} from './client.mjs';
import { exact, optional, refused, twins } from './expect.mjs';
import { product, self, tag, work } from './fixtures.mjs';

let home;
let label;

before(async () => {
  home = await product();
  label = await tag({ allowed_values: ['one', 'two'] });
});

const ticket = (members) => ({
  type: 'ticket', title: unique('ticket'), applies_to_part: home.id, owned_by: [self.id],
  ...members,
});

const without = (name) => {
  const { [name]: _, ...rest } = ticket();
  return rest;
};

const severities = (values) =>
  exact([...values].sort(), ['blocker', 'high', 'low', 'medium']);

const refusals = [
  ['no title', () => without('title'), { type: 'missing_required_field', field_name: 'title' }],
  ['no type', () => without('type'), { type: 'missing_required_field', field_name: 'type' }],
  ['no owners of an issue', () => ({ ...without('owned_by'), type: 'issue' }), {
    type: 'missing_required_field', field_name: 'owned_by',
  }],
  ['an unknown member', () => ticket({ colour: 'red' }), {
    type: 'invalid_field', field_name: 'colour',
  }],
  ['a member of another kind', () => ticket({ sprint: 'x' }), {
    type: 'invalid_field', field_name: 'sprint',
  }],
  ['a number for a text', () => ticket({ title: 7 }), {
    type: 'unexpected_json_type', field_name: 'title', actual: 'number', expected: 'string',
  }],
  ['a text for a flag', () => ticket({ is_spam: 'yes' }), {
    type: 'unexpected_json_type', field_name: 'is_spam', actual: 'string', expected: 'bool',
  }],
  ['an unknown severity', () => ticket({ severity: 'urgent' }), {
    type: 'invalid_enum_value', field_name: 'severity', value: 'urgent',
    allowed_values: severities,
  }],
  ['an empty title', () => ticket({ title: '' }), {
    type: 'value_not_permitted', field_name: 'title',
  }],
  ['a title of 257 characters', () => ticket({ title: 'é'.repeat(257) }), {
    type: 'value_not_permitted', field_name: 'title',
  }],
  ['a body that is too long', () => ticket({ body: 'b'.repeat(65_537) }), {
    type: 'value_not_permitted', field_name: 'body',
  }],
  ['an id that is none', () => ticket({ applies_to_part: 'the cellar' }), {
    type: 'invalid_id', field_name: 'applies_to_part',
  }],
  ['an id of another kind', () => ticket({ owned_by: [home.display_id] }), {
    type: 'unexpected_id_type', field_name: 'owned_by', value: () => {},
  }],
  ['a reference to nobody', () => ticket({ owned_by: ['DEVU-999999'] }), {
    type: 'invalid_id', field_name: 'owned_by',
  }],
  ['a date that is none', () => ticket({ target_close_date: 'tomorrow' }), {
    type: 'invalid_field', field_name: 'target_close_date',
  }],
  ['a tag value that the tag does not allow', () => ticket({
    tags: [{ id: label.id, value: 'three' }],
  }), { type: 'value_not_permitted', field_name: optional(/tags|value/) }],
];

for (const [name, request, expected] of refusals) {
  test(`works.create refuses ${name}`, async () => {
    for (const [, sdk] of bothClients) await refused(sdk.worksCreate(request()), 400, expected);
  });
}

test('none of the refused requests left a work behind', async () => {
  const place = await product();
  for (const [, request] of refusals) {
    const body = { ...request() };
    if (body.applies_to_part === home.id) body.applies_to_part = place.id;
    await assert.rejects(beta.worksCreate(body));
  }
  const filter = { applies_to_part: [place.id] };
  exact(await twins(beta, 'worksCount', filter), { count: 0, has_more: false });
});

test('one bad field of an update leaves all good ones unapplied', async () => {
  const before_ = await work('ticket', home);
  await refused(beta.worksUpdate({
    id: before_.id, type: 'ticket', title: 'half', body: 'applied', severity: 'urgent',
  }), 400, {
    type: 'invalid_enum_value', field_name: 'severity', value: 'urgent',
    allowed_values: severities,
  });
  assert.deepEqual((await pub.worksGet({ id: before_.id })).data.work, before_);
});

test('an absent object is 404, an unreadable id is 400', async () => {
  for (const [, sdk] of bothClients) {
    for (const call of ['worksGet', 'worksGetPost', 'worksUpdate', 'worksDelete']) {
      await refused(sdk[call]({ id: 'TKT-999999' }), 404, { type: 'not_found' });
      await refused(sdk[call]({ id: 'no such id' }), 400, {
        type: 'invalid_id', field_name: 'id',
      });
      await refused(sdk[call]({ id: home.id }), 400, {
        type: 'unexpected_id_type', field_name: 'id', value: home.id,
      });
    }
    for (const call of ['worksGetPost', 'worksUpdate', 'worksDelete']) {
      await refused(sdk[call]({}), 400, { type: 'missing_required_field', field_name: 'id' });
    }
    await refused(sdk.worksGet({}), 400, { type: 'missing_required_field', field_name: 'id' });
  }
});

test('a taken name is a conflict', async () => {
  await refused(pub.tagsCreate({ name: label.name }), 409, { type: 'conflict' });
});

test('no token, and a token that nobody was given, are unauthenticated', async () => {
  for (const sdk of [publicClient(''), publicClient('nonsense'), betaClient('Bearer nonsense')]) {
    await refused(sdk.devUsersSelf(), 401, { type: 'unauthenticated' });
    await refused(sdk.worksCreate(ticket()), 401, { type: 'unauthenticated' });
  }
});

test('a route that nobody has answers 404 with one sentence and no type', async () => {
  for (const path of ['/works.paint', '/works/update']) {
    const error = await post(pub, path, {}).then(() => assert.fail('served'), (reason) => reason);
    assert.equal(error.response.status, 404);
    assert.deepEqual(error.response.data, { message: 'route not found' });
  }
});

test("the SDK's error handler names the call, the type, the status and the message", async () => {
  const lines = mock.method(console, 'error', () => {});
  try {
    const error = await beta.worksCreate(without('title')).then(assert.fail, (reason) => reason);
    errorModule.handleApiError(error);
    const shown = lines.mock.calls.at(-1).arguments[0];
    assert.match(shown, /^API: \/works\.create$/m);
    assert.match(shown, /^Error Type: missing_required_field$/m);
    assert.match(shown, /^Status Code: 400$/m);
    assert.ok(shown.includes(`Message: ${error.response.data.message}`), shown);
    assert.match(error.response.data.message, /title/);
  } finally {
    lines.mock.restore();
  }
});

test('every operation is also served under /internal/', async () => {
  const { status, data } = await post(pub, '/internal/tags.create', { name: slug('inner') });
  assert.equal(status, 201);
  const inner = await pub.request({
    path: '/internal/tags.get', method: 'GET', query: { id: data.tag.display_id }, format: 'json',
  });
  assert.deepEqual(inner.data, data);
});
