// The flows that the SDK's maintainers run against the hosted service, step by step, with what
// each step relies on. Ids there are fixed (PROD-2, DEVU-14, TAG-2); here they are made first.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, post, pub, publicSDK, slug, unique } from './client.mjs';
import { exact } from './expect.mjs';
import { product, self, shadowUser, tag } from './fixtures.mjs';

const { PartType, TicketSeverity, TimelineCommentBodyType, WorkType } = publicSDK;
const { TimelineEntriesCreateRequestType } = publicSDK;

/** The status of a call that must fail. */
const failure = (promise) => promise.then(
  () => assert.fail('not refused'),
  (error) => error.response.status,
);

test('parts: create, get, update, list by name and owner, delete once', async () => {
  const request = {
    owned_by: [self.id], type: PartType.Product, name: unique('Part'), description: 'new part',
  };
  const { part } = (await pub.partsCreate(request)).data;
  const { part: read } = (await pub.partsGet({ id: part.id })).data;
  for (const seen of [part, read]) {
    exact([seen.name, seen.type, seen.description, seen.owned_by[0].id],
      [request.name, request.type, request.description, self.id]);
  }
  const colleague = await shadowUser();
  const patch = { type: PartType.Product, name: unique('Part'), description: 'updated part' };
  const { part: updated } = (await pub.partsUpdate({
    id: part.id, owned_by: { set: [colleague.display_id] }, ...patch,
  })).data;
  exact([updated.name, updated.type, updated.description],
    [patch.name, patch.type, patch.description]);

  const listed = await pub.partsList({ name: [patch.name], owned_by: [colleague.display_id] });
  exact([listed.status, listed.data.parts.length], [200, 1]);
  assert.equal((await pub.partsDelete({ id: part.id })).status, 200);
  assert.equal(await failure(pub.partsDelete({ id: part.id })), 404);
});

describe('works', () => {
  let part;
  let label;

  before(async () => {
    part = await product();
    label = await tag();
  });

  const ticket = (members) => ({
    owned_by: [self.id], title: unique('typescript ticket'), type: WorkType.Ticket,
    applies_to_part: part.id, body: 'new ticket, delete later', reported_by: [self.id],
    ...members,
  });

  test('create, get, update by display ids, delete once', async () => {
    const request = ticket({ stage: { name: 'queued' }, tags: [{ id: label.id }] });
    const { work } = (await pub.worksCreate(request)).data;
    const { work: read } = (await pub.worksGet({ id: work.id })).data;
    for (const seen of [work, read]) {
      exact([seen.title, seen.type, seen.body, seen.owned_by[0].id],
        [request.title, request.type, request.body, self.id]);
    }
    const [place, colleague, other] = [await product(), await shadowUser(), await tag()];
    const { work: updated } = (await pub.worksUpdate({
      id: work.id,
      type: WorkType.Ticket,
      applies_to_part: place.display_id,
      body: 'updated body',
      owned_by: { set: [colleague.display_id] },
      reported_by: { set: [colleague.display_id] },
      stage: { name: 'resolved' },
      tags: { set: [{ id: other.display_id }] },
      target_close_date: '2024-03-03T19:10:25.427Z',
      title: 'updated title',
    })).data;
    const { work: again } = (await pub.worksGet({ id: work.id })).data;
    assert.deepEqual(again, updated);
    exact([again.title, again.body, again.stage.name, again.target_close_date],
      ['updated title', 'updated body', 'resolved', '2024-03-03T19:10:25.427Z']);
    exact([again.applies_to_part.id, again.owned_by[0].id, again.tags[0].tag.id],
      [place.id, colleague.id, other.id]);
    assert.equal((await pub.worksDelete({ id: work.id })).status, 200);
    assert.equal(await failure(pub.worksDelete({ id: work.id })), 404);
    assert.equal(await failure(pub.worksGet({ id: work.id })), 404);
  });

  test('list and export by part, author, severity, stage and type', async () => {
    const { Low, High } = TicketSeverity;
    const stages = [['queued', Low], ['resolved', Low], ['queued', High]];
    const made = [];
    for (const [name, severity] of stages) {
      made.push((await pub.worksCreate(ticket({ stage: { name }, severity }))).data.work);
    }
    const query = {
      applies_to_part: [part.id], created_by: [self.id], 'ticket.severity': [Low],
      type: [WorkType.Ticket],
    };
    const resolved = { ...query, 'stage.name': ['resolved'] };
    const one = await pub.worksList({ ...resolved, limit: 5 });
    exact([one.status, one.data.works.map(({ id }) => id)], [200, [made[1].id]]);
    const two = await pub.worksList({ ...query, limit: 5 });
    exact([two.status, two.data.works.length], [200, 2]);
    const exported = await pub.worksExport(resolved);
    exact([exported.status, exported.data.works.map(({ id }) => id)], [200, [made[1].id]]);
    for (const { id } of made) assert.equal((await pub.worksDelete({ id })).status, 200);
  });
});

test('artifacts: prepare, then locate before anything is uploaded', async () => {
  const prepared = await pub.artifactsPrepare({ file_name: 'PATH_TO_ARTIFACT' });
  assert.equal(prepared.status, 200);
  assert.equal((await pub.artifactsLocate({ id: prepared.data.id })).status, 200);
});

test('rev users: create by address and name, get, rename, list by address, delete', async () => {
  const request = { email: `${slug('user')}@example.com`, display_name: 'TestUser' };
  const { rev_user: user } = (await beta.revUsersCreate(request)).data;
  const { rev_user: read } = (await beta.revUsersGet({ id: user.id })).data;
  for (const seen of [user, read]) {
    exact([seen.id, seen.email, seen.display_name], [user.id, request.email, 'TestUser']);
  }
  const { rev_user: renamed } = (await beta.revUsersUpdate({
    id: user.id, display_name: 'UpdatedTestUser',
  })).data;
  assert.equal(renamed.display_name, 'UpdatedTestUser');
  const listed = await beta.revUsersList({ email: [request.email] });
  exact([listed.status, listed.data.rev_users.length], [200, 1]);
  assert.equal((await beta.revUsersDelete({ id: user.id })).status, 200);
});

test('timeline: three comments on a work, created, read, changed and listed', async () => {
  const place = await product();
  const { work } = (await pub.worksCreate({
    owned_by: [self.id], title: unique('work'), type: WorkType.Ticket, applies_to_part: place.id,
  })).data;
  const comment = (body) => pub.timelineEntriesCreate({
    object: work.id, type: TimelineEntriesCreateRequestType.TimelineComment, body,
    body_type: TimelineCommentBodyType.Text,
  });
  const { timeline_entry: entry } = (await comment('test comment')).data;
  const { timeline_entry: read } = (await pub.timelineEntriesGet({ id: entry.id })).data;
  assert.deepEqual(read, entry);
  exact([entry.body, entry.body_type, 'artifacts' in entry], ['test comment', 'text', false]);
  const { timeline_entry: changed } = (await pub.timelineEntriesUpdate({
    id: entry.id, type: 'timeline_comment', body: 'updated comment',
  })).data;
  assert.equal(changed.body, 'updated comment');
  await comment('test comment 1');
  await comment('test comment 2');
  const listed = await pub.timelineEntriesList({ object: work.id });
  exact([listed.status, listed.data.timeline_entries.length], [200, 3]);
});
