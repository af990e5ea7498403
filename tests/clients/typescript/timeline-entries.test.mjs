// Comments on objects, replies, and what became of the objects.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beta, bothClients, pub, tick, unique } from './client.mjs';
import {
  answer, created, done, exact, found, ids, notFound, pagesBothWays, refused, text, timestamp,
  twins,
} from './expect.mjs';
import { authored, product, self, tag, work } from './fixtures.mjs';

const type = 'timeline_comment';
// The beta client says so in a header, and is shown changes unless it asks for something else.
const collections = ['discussions'];
const issue = async () => work('issue', await product());
const said = async (sdk, object, members = {}) => {
  const request = { type, object: object.id, body: unique('Comment'), ...members };
  return created(await sdk.timelineEntriesCreate(request), 'timeline_entry');
};

const wholeComment = (object, members = {}) => ({
  id: new RegExp(`^${object.id}:comment/\\d+$`), type, ...authored(),
  object: object.id, object_display_id: object.display_id, object_type: object.type,
  body: text, body_type: 'text', visibility: 'external', panels: ['discussions'], ...members,
});

for (const [name, sdk] of bothClients) {
  describe(`with the ${name} client`, () => {
    test('a comment with nothing but a body has nothing else', async () => {
      const place = await issue();
      const entry = await said(sdk, place, { body: 'Why?' });
      exact(entry, wholeComment(place, { body: 'Why?' }));
      const read = await twins(sdk, 'timelineEntriesGet', { id: entry.id });
      assert.deepEqual(read, { timeline_entry: entry });
    });

    test('a comment with every field', async () => {
      const place = await issue();
      const { id: file } = (await sdk.artifactsPrepare({ file_name: 'a.txt' })).data;
      const request = {
        artifacts: [file], body: `See ${place.display_id}`, body_type: 'text',
        collections: ['discussions'], expires_at: '2999-01-01T00:00:00.000Z',
        external_ref: unique('chat'), labels: ['display:customer-chat', 'urgent'],
        private_to: [self.id], visibility: 'private',
      };
      const entry = await said(sdk, place, request);
      exact(entry, wholeComment(place, {
        body: request.body, visibility: 'private', labels: request.labels,
        expires_at: request.expires_at,
        external_ref: request.external_ref, panels: ['customer_chat'],
        artifacts: (files) => assert.deepEqual(ids(files), [file]),
        references: (objects) => assert.deepEqual(ids(objects), [place.id]),
      }));
      const byRef = { id: entry.id, external_ref: request.external_ref };
      assert.deepEqual(await twins(sdk, 'timelineEntriesGet', byRef), { timeline_entry: entry });
      const again = { type, object: place.id, body: 'b', external_ref: request.external_ref };
      await refused(sdk.timelineEntriesCreate(again), 409, { type: 'conflict' });
    });

    test('a snap kit is kept as it is', async () => {
      const place = await issue();
      const snaps = [{ type: 'card' }];
      const kit = { body: { snaps }, snap_in_id: 's', snap_in_action_name: 'a' };
      const request = { body: undefined, body_type: 'snap_kit', snap_kit_body: kit };
      const entry = await said(sdk, place, request);
      assert.deepEqual([entry.body_type, entry.snap_kit_body], ['snap_kit', kit]);
    });

    test('a comment is changed and deleted, and its place remains', async () => {
      const place = await issue();
      const entry = await said(sdk, place);
      await tick();
      const request = { id: entry.id, type, body: 'Better', external_ref: unique('ref') };
      const changed = found(await sdk.timelineEntriesUpdate(request), 'timeline_entry');
      exact(changed, wholeComment(place, {
        body: 'Better', external_ref: request.external_ref, modified_date: timestamp,
      }));
      assert.notEqual(changed.modified_date, entry.modified_date);
      const clear = { id: entry.id, type, external_ref: null };
      const cleared = found(await sdk.timelineEntriesUpdate(clear), 'timeline_entry');
      assert.ok(!('external_ref' in cleared));
      done(await sdk.timelineEntriesDelete({ id: entry.id }));
      await notFound(sdk.timelineEntriesGet({ id: entry.id }));
      await notFound(sdk.timelineEntriesDelete({ id: entry.id }));
      const query = { object: place.id, collections };
      const { timeline_entries: left } = await twins(sdk, 'timelineEntriesList', query);
      exact(left, [wholeComment(place, { body: undefined })]);
    });

    test('pages of comments in both directions', async () => {
      const place = await issue();
      const made = [];
      for (let index = 0; index < 5; index += 1) made.push(await said(sdk, place));
      const query = { object: place.id, collections };
      await pagesBothWays(sdk, 'timelineEntriesList', 'timeline_entries', query, ids(made));
    });

    test('filters by visibility and by label', async () => {
      const place = await issue();
      const internal = await said(sdk, place, { visibility: 'internal' });
      const labelled = await said(sdk, place, { labels: ['a', 'b'], visibility: 'public' });
      for (const [query, expected] of [
        [{ visibility: ['internal'] }, [internal]],
        [{ visibility: ['internal', 'public'] }, [internal, labelled]],
        [{ labels: ['b', 'c'] }, [labelled]],
      ]) {
        const whole = { object: place.id, collections, ...query };
        const listed = await twins(sdk, 'timelineEntriesList', whole);
        assert.deepEqual(ids(listed.timeline_entries), ids(expected), JSON.stringify(query));
      }
    });

    test('replies are counted by the comment that they answer', async () => {
      const top = await said(sdk, await issue());
      const reply = await said(sdk, top);
      exact(reply, wholeComment({ ...top, display_id: top.id }));
      const { timeline_entry: seen } = await twins(sdk, 'timelineEntriesGet', { id: top.id });
      assert.deepEqual(seen.thread, { total_replies: 1 });
      const listed = await twins(sdk, 'timelineEntriesList', { object: top.id });
      assert.deepEqual(ids(listed.timeline_entries), [reply.id]);
    });

    test('people react to a comment, and take it back', async () => {
      const entry = await said(sdk, await issue());
      const react = (emoji, action) => sdk.reactionsUpdate({ object: entry.id, emoji, action });
      const reactors = async () => {
        const data = await twins(sdk, 'reactionsList', { object: entry.id, emoji: 'joy' });
        return ids(data.reactors);
      };
      done(await react('joy', 'add'));
      done(await react('1f602', 'add'));
      assert.deepEqual(await reactors(), [self.id]);
      const { timeline_entry: seen } = await twins(sdk, 'timelineEntriesGet', { id: entry.id });
      assert.deepEqual(seen.reactions, [{ emoji: '1f602', reacted: true, total_users: 1 }]);
      done(await react('joy', 'remove'));
      assert.deepEqual(await reactors(), []);
    });
  });
}

test('the history of a work is among its entries for those who ask', async () => {
  const place = await issue();
  const comment = await said(beta, place);
  await tick();
  const title = unique('Title');
  await beta.worksUpdate({ id: place.id, type: 'issue', title, stage: { name: 'in_development' } });
  const query = { object: place.id, collections: ['discussions', 'events'] };
  const { timeline_entries: entries } = await twins(beta, 'timelineEntriesList', query);
  exact(entries.map((entry) => entry.type),
    ['timeline_change_event', 'timeline_comment', 'timeline_change_event']);
  const [made, , changed] = entries;
  assert.equal(made.event.created.object.id, place.id);
  assert.equal(entries[1].id, comment.id);
  const deltas = Object.fromEntries(
    changed.event.updated.field_deltas.map((delta) => [delta.name, delta]),
  );
  exact(deltas.title.new_value, { type: 'string', value: title });
  assert.equal(deltas.stage.old_value.fields.name.value, 'triage');
  assert.deepEqual(answer(await beta.timelineEntriesGet({ id: changed.id }), 200, 'timeline_entry'),
    changed);
  const { timeline_entries: plain } = await twins(pub, 'timelineEntriesList', { object: place.id });
  assert.deepEqual(ids(plain), [comment.id]);
});

test('what has no timeline is refused by name', async () => {
  const label = await tag();
  await refused(pub.timelineEntriesCreate({ type, object: label.id, body: 'x' }), 400, {
    type: 'unexpected_id_type', field_name: 'object', value: label.id,
  });
  await notFound(pub.timelineEntriesList({ object: 'ISS-999999' }));
});
