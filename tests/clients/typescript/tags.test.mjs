// Labels, their allowed values and their colour.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bothClients, beta, pub, tick, unique } from './client.mjs';
import {
  created, done, exact, finds, found, gone, ids, notFound, pagesBothWays, reads, refused, twins,
} from './expect.mjs';
import { authored, numbered, product, tag, work } from './fixtures.mjs';

const wholeTag = (label) => ({
  ...numbered(label, 'tag', 'TAG'), ...authored(), name: label.name,
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates a tag with every field`, async () => {
    const request = {
      name: unique('area/ui, "new"'),
      description: 'What users see',
      allowed_values: ['web', 'mobile'],
      style_new: { color: '#00AAff' },
    };
    const label = created(await sdk.tagsCreate(request), 'tag');
    exact(label, {
      ...wholeTag(label), ...request, style_new: { color: /^#00aaff$/i },
    });
    await reads(sdk, 'tags', 'tag', label);
    await finds(sdk, 'tagsList', 'tags', { name: [request.name] }, [label]);
  });

  test(`the ${name} client deletes a tag: 200, then it is gone for every call`, async () => {
    const label = await tag();
    done(await sdk.tagsDelete({ id: label.id }));
    await gone(sdk, 'tags', label.id);
    await gone(sdk, 'tags', label.display_id);
    await notFound(sdk.tagsUpdate({ id: label.id, name: unique('late') }));
  });

  test(`the ${name} client pages through tags in both directions`, async () => {
    const made = [];
    for (let index = 0; index < 5; index += 1) made.push(await tag());
    const names = made.map((label) => label.name);
    const query = { name: names, sort_by: ['name:desc'] };
    await pagesBothWays(sdk, 'tagsList', 'tags', query, ids(made).reverse());
  });
}

test('a tag with nothing but a name has nothing else', async () => {
  const label = await tag();
  exact(label, wholeTag(label));
  await reads(pub, 'tags', 'tag', label);
});

test('a name is taken once, until its tag is deleted', async () => {
  const label = await tag();
  const late = await tag();
  await refused(pub.tagsCreate({ name: label.name }), 409, { type: 'conflict' });
  await refused(pub.tagsUpdate({ id: late.id, name: label.name }), 409, { type: 'conflict' });
  done(await pub.tagsDelete({ id: label.id }));
  const again = created(await pub.tagsCreate({ name: label.name }), 'tag');
  assert.notEqual(again.display_id, label.display_id);
  await refused(pub.tagsCreate({}), 400, { type: 'missing_required_field', field_name: 'name' });
});

test('an update changes what it names', async () => {
  const label = await tag({ description: 'kept', allowed_values: ['a', 'b'] });
  await tick();
  const name = unique('renamed');
  const updated = found(await beta.tagsUpdate({
    id: label.display_id, name, allowed_values: { set: ['c', 'b'] },
    style_new: { color: '#123456' },
  }), 'tag');
  exact(updated, {
    ...wholeTag(label), name, description: 'kept', allowed_values: ['c', 'b'],
    style_new: { color: '#123456' }, created_date: label.created_date,
  });
  assert.ok(updated.modified_date > label.modified_date);
  await reads(beta, 'tags', 'tag', updated);
  const none = { allowed_values: { set: [] } };
  const emptied = found(await pub.tagsUpdate({ id: label.id, ...none }), 'tag');
  exact(emptied.allowed_values ?? [], []);
});

test('values stay on works when the tag no longer allows them, and are refused anew', async () => {
  const label = await tag({ allowed_values: ['a', 'b'] });
  const place = await product();
  const issue = await work('issue', place, { tags: [{ id: label.id, value: 'a' }] });
  found(await pub.tagsUpdate({ id: label.id, allowed_values: { set: ['b'] } }), 'tag');
  assert.equal(found(await pub.worksGet({ id: issue.id }), 'work').tags[0].value, 'a');
  await assert.rejects(work('issue', place, { tags: [{ id: label.id, value: 'a' }] }),
    (error) => error.response.data.type === 'value_not_permitted');
});

test('tags are found by one name and by several, newest first', async () => {
  const one = await tag();
  await tick();
  const two = await tag();
  await finds(pub, 'tagsList', 'tags', { name: [one.name] }, [one]);
  const both = { name: [one.name, two.name] };
  assert.deepEqual(await twins(pub, 'tagsList', both), { tags: [two, one] });
  const upwards = { ...both, sort_by: ['created_date:asc'] };
  assert.deepEqual(await twins(beta, 'tagsList', upwards), { tags: [one, two] });
  await finds(beta, 'tagsList', 'tags', { name: [unique('nobody')] }, []);
});
