// works.create, get, update, delete on an issue: every common field and every patch.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, betaSDK, bothClients, pub, slug, tick, unique } from './client.mjs';
import {
  created, done, don, exact, found, gone, notFound, optional, reads, refused, timestamp, twins,
} from './expect.mjs';
import {
  artifact, authored, enumValue, numbered, part, partSummary, product, self, shadowUser, sprint,
  sprintBoard, sprintSummary, stage, tag, tagSummary, userSummary, work,
} from './fixtures.mjs';

let home;
let other;
let colleague;
let plainTag;
let valuedTag;
let iteration;

before(async () => {
  home = await product();
  other = await part('capability', home);
  colleague = await shadowUser();
  plainTag = await tag();
  valuedTag = await tag({ allowed_values: ['backend', 'frontend'] });
  iteration = await sprint(await sprintBoard());
});

const newIssue = (members) => work('issue', home, members);

/** The whole of an issue that nobody gave more than the required members. */
const bareIssue = (issue) => ({
  ...numbered(issue, 'issue', 'ISS'),
  ...authored(),
  type: 'issue',
  title: issue.title,
  applies_to_part: partSummary(home),
  owned_by: [userSummary(self)],
  reported_by: [userSummary(self)],
  priority: 'p2',
  priority_v2: enumValue(3, 'P2'),
  stage: stage('triage', 'open'),
  state: optional('open'),
  state_display_name: optional('Open'),
  stock_schema_fragment: optional(/^don:core:[a-z0-9-]+:stock_sf\/\d+$/),
});

async function update(id, patch, sdk = beta) {
  return found(await sdk.worksUpdate({ id, ...patch }), 'work');
}

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates an issue with every field and reads it back`, async () => {
    const upload = (await sdk.artifactsPrepare({
      file_name: 'trace.log', file_type: 'text/plain',
    })).data;
    const file = await artifact(sdk, upload.id);
    const title = `${unique('Größe ≠ 0 — 日本')} `;
    const request = {
      type: betaSDK.WorkType.Issue,
      title,
      body: '# Why\n\n"quoted", <b>&amp;</b>\ttab',
      applies_to_part: home.display_id,
      owned_by: [self.id, colleague.display_id],
      reported_by: [colleague.id],
      artifacts: [upload.id],
      tags: [{ id: plainTag.id }, { id: valuedTag.display_id, value: 'backend' }],
      stage: { name: 'backlog' },
      target_close_date: '2031-05-06T09:08:09.5+02:00',
      target_start_date: '2031-05-01T00:00:00Z',
      external_ref: slug('https://tracker.example/issues'),
      priority: betaSDK.IssuePriority.P1,
      developed_with: [other.id],
      sprint: iteration.id,
    };
    const issue = created(await sdk.worksCreate(request), 'work');
    exact(issue, {
      ...bareIssue(issue),
      title,
      body: request.body,
      owned_by: [userSummary(self), userSummary(colleague)],
      reported_by: [userSummary(colleague)],
      artifacts: [{
        id: upload.id, display_id: file.display_id,
        file: { type: 'text/plain', name: 'trace.log' },
      }],
      tags: [{ tag: tagSummary(plainTag) }, { tag: tagSummary(valuedTag), value: 'backend' }],
      stage: stage('backlog', 'open'),
      target_close_date: '2031-05-06T07:08:09.500Z',
      target_start_date: '2031-05-01T00:00:00.000Z',
      external_ref: request.external_ref,
      priority: 'p1',
      priority_v2: enumValue(2, 'P1'),
      developed_with: [partSummary(other)],
      sprint: sprintSummary(iteration),
    });
    await reads(sdk, 'works', 'work', issue);
  });
}

test('what was not given is absent from a new issue, or has its default', async () => {
  const issue = await newIssue({ body: '' });
  exact(issue, bareIssue(issue));
  await reads(pub, 'works', 'work', issue);
});

test('an empty owner list makes the creator the owner', async () => {
  const issue = await newIssue({ owned_by: [] });
  exact(issue.owned_by, [userSummary(self)]);
});

test('null for an optional member of a new issue counts as absent', async () => {
  const issue = await newIssue({ body: null, sprint: null, target_close_date: null, tags: null });
  exact(issue, bareIssue(issue));
});

test('an update with nothing but the id changes nothing and answers the whole work', async () => {
  const issue = await newIssue({ body: 'untouched', priority_v2: 1 });
  for (const [, sdk] of bothClients) {
    assert.deepEqual(await update(issue.display_id, {}, sdk), issue);
  }
  assert.deepEqual(await update(issue.id, { title: issue.title, body: 'untouched' }), issue);
  await reads(pub, 'works', 'work', issue);
});

test('an update by display ids replaces what it names and keeps the rest', async () => {
  const issue = await newIssue({ tags: [{ id: plainTag.id }], priority: 'p0' });
  const title = unique('updated');
  await tick();
  const updated = await update(issue.display_id, {
    type: betaSDK.WorkType.Issue,
    title,
    body: 'updated body',
    applies_to_part: other.display_id,
    owned_by: { set: [colleague.display_id] },
    reported_by: { set: [colleague.display_id, self.display_id] },
    stage: { name: 'in_review' },
    tags: { set: [{ id: valuedTag.display_id, value: 'frontend' }] },
    target_close_date: '2024-03-03T19:10:25.427Z',
    target_start_date: '2024-03-01T00:00:00.000Z',
    developed_with: { set: [home.display_id] },
    sprint: iteration.id,
  }, pub);
  exact(updated, {
    ...bareIssue(issue),
    title,
    body: 'updated body',
    applies_to_part: partSummary(other),
    owned_by: [userSummary(colleague)],
    reported_by: [userSummary(colleague), userSummary(self)],
    stage: stage('in_review', 'in_progress'),
    state: optional('in_progress'),
    state_display_name: optional(/^in.progress$/i),
    tags: [{ tag: tagSummary(valuedTag), value: 'frontend' }],
    target_close_date: '2024-03-03T19:10:25.427Z',
    target_start_date: '2024-03-01T00:00:00.000Z',
    actual_start_date: timestamp,
    developed_with: [partSummary(home)],
    sprint: sprintSummary(iteration),
    priority: 'p0',
    priority_v2: enumValue(1, 'P0'),
    created_date: issue.created_date,
  });
  assert.ok(updated.modified_date > issue.modified_date, 'modified_date moves');
  await reads(beta, 'works', 'work', updated);
});

test('null clears the members that may be cleared', async () => {
  const dates = {
    target_close_date: '2031-01-01T00:00:00.000Z', target_start_date: '2030-12-01T00:00:00.000Z',
  };
  const issue = await newIssue({ ...dates, sprint: iteration.id });
  assert.equal(issue.sprint.id, iteration.id);
  const cleared = await update(issue.id, {
    type: 'issue', target_close_date: null, target_start_date: null, sprint: null,
  });
  exact(cleared, bareIssue(issue));
});

test('null for a member that cannot be cleared is refused', async () => {
  const issue = await newIssue();
  await refused(beta.worksUpdate({ id: issue.id, title: null }), 400, {
    type: 'unexpected_json_type', field_name: 'title', actual: 'null', expected: 'string',
  });
});

describe('list patches', () => {
  test('set replaces, keeps order and drops repetitions; an empty set empties', async () => {
    const issue = await newIssue();
    const set = await update(issue.id, {
      owned_by: { set: [colleague.id, self.display_id, colleague.display_id] },
    });
    exact(set.owned_by, [userSummary(colleague), userSummary(self)]);
    const emptied = await update(issue.id, {
      reported_by: { set: [] }, tags: { set: [] }, developed_with: { set: [] },
    });
    exact(emptied, {
      ...bareIssue(issue), owned_by: set.owned_by, reported_by: undefined,
    });
  });

  test('tags are added and removed one by one, twice without effect', async () => {
    const issue = await newIssue({ tags: [{ id: plainTag.id }] });
    const add = { tags: { add: [{ id: valuedTag.id, value: 'backend' }] } };
    const both = [{ tag: tagSummary(plainTag) }, { tag: tagSummary(valuedTag), value: 'backend' }];
    exact((await update(issue.id, add)).tags, both);
    exact((await update(issue.id, add)).tags, both);
    const remove = { tags: { remove: [{ id: plainTag.display_id }] } };
    exact((await update(issue.id, remove)).tags, both.slice(1));
    exact((await update(issue.id, remove)).tags, both.slice(1));
  });

  test('an empty patch changes nothing, a bare array means set', async () => {
    const issue = await newIssue();
    assert.deepEqual(await update(issue.id, { owned_by: {}, tags: {} }), issue);
    const owners = (await update(issue.id, { owned_by: [colleague.id] })).owned_by;
    exact(owners, [userSummary(colleague)]);
  });

  test('set together with add is refused, and so is a work without owner', async () => {
    const issue = await newIssue();
    const both = { add: [{ id: plainTag.id }], set: [{ id: valuedTag.id }] };
    await refused(beta.worksUpdate({ id: issue.id, tags: both }), 400, { type: 'bad_request' });
    await refused(beta.worksUpdate({ id: issue.id, title: 'x', owned_by: { set: [] } }), 400, {
      type: 'value_not_permitted', field_name: 'owned_by',
    });
    await reads(beta, 'works', 'work', issue);
  });
});

test('priority and priority_v2 are one thing, and priority_v2 wins', async () => {
  const issue = await newIssue({ priority: 'p3' });
  exact(issue.priority_v2, enumValue(4, 'P3'));
  const set = await update(issue.id, { type: 'issue', priority: 'p0', priority_v2: 2 });
  exact([set.priority, set.priority_v2], ['p1', enumValue(2, 'P1')]);
  const inferred = await update(issue.id, { priority: 'p0' }, pub);
  exact([inferred.priority, inferred.priority_v2], ['p0', enumValue(1, 'P0')]);
});

test('moving through the stages starts, closes and reopens an issue', async () => {
  const issue = await newIssue();
  const started = await update(issue.id, { stage: { name: 'in_development' } });
  exact(started.stage, stage('in_development', 'in_progress'));
  timestamp(started.actual_start_date);
  assert.ok(!('actual_close_date' in started));

  const closed = await update(issue.id, { stage: { name: 'completed' } }, pub);
  exact(closed.stage, stage('completed', 'closed'));
  assert.equal(closed.actual_start_date, started.actual_start_date);
  timestamp(closed.actual_close_date);

  const triage = { stage: issue.stage.stage.id };
  const reopened = await update(issue.id, {
    stage: triage, stage_validation_options: ['allow_invalid_transition'],
  });
  exact(reopened, bareIssue(issue));
});

test('an unknown stage is refused with the names of the diagram', async () => {
  const issue = await newIssue();
  const body = await refused(beta.worksUpdate({ id: issue.id, stage: { name: 'queued' } }), 400, {
    type: 'value_not_permitted', field_name: 'name',
  });
  for (const name of ['triage', 'in_review', 'wont_fix']) {
    assert.ok(body.allowed_values.includes(name), `${name} is named`);
  }
});

test('a work never changes kind, and takes only the fields of its own', async () => {
  const issue = await newIssue();
  await refused(beta.worksUpdate({ id: issue.id, type: 'ticket' }), 400, {
    type: 'value_not_permitted', field_name: 'type', allowed_values: ['issue'],
  });
  await refused(beta.worksUpdate({ id: issue.id, type: 'issue', severity: 'low' }), 400, {
    type: 'invalid_field', field_name: 'severity',
  });
});

test('a custom field that no schema knows is refused, never dropped in silence', async () => {
  const issue = await newIssue();
  const fields = {
    custom_schema_spec: { tenant_fragment: true }, custom_fields: { tnt__cost: 12 },
  };
  const expected = {
    type: 'customization_validation_error', subtype: 'field_not_in_schema',
    field_name: 'tnt__cost',
  };
  await refused(beta.worksUpdate({ id: issue.id, title: 'x', ...fields }), 400, expected);
  await refused(newIssueRequest(fields), 400, expected);
  await reads(beta, 'works', 'work', issue);
});

const newIssueRequest = (members) => pub.worksCreate({
  type: 'issue', title: unique('issue'), applies_to_part: home.id, owned_by: [self.id], ...members,
});

test('an external reference is taken once per kind and stays as it is', async () => {
  const ref = slug('ref');
  const issue = await newIssue({ external_ref: ref });
  await refused(newIssueRequest({ external_ref: ref }), 409, { type: 'conflict' });
  const ticket = await work('ticket', home, { external_ref: ref });
  assert.equal(ticket.external_ref, ref);
  await refused(beta.worksUpdate({ id: issue.id, external_ref: slug('ref') }), 400, {
    type: 'invalid_field', field_name: 'external_ref',
  });
});

test('two writers of different fields both survive', async () => {
  const issue = await newIssue();
  const names = ['title', 'body'];
  for (let round = 0; round < 5; round += 1) {
    const values = names.map((name) => `${name} ${round}`);
    await Promise.all(names.map((name, index) => update(issue.id, { [name]: values[index] })));
    const now = found(await pub.worksGet({ id: issue.id }), 'work');
    exact([now.title, now.body], values);
  }
});

test('staged_info is stored and filterable', async () => {
  const place = await product();
  const [staged, clean] = [await work('issue', place), await work('issue', place)];
  const info = {
    unresolved_fields: ['owned_by'],
    sync_in_unresolved_fields: [{
      devrev_field_name: 'owned_by', external_display_name: 'Assignee',
      external_field_name: 'assignee',
    }],
  };
  await update(staged.id, { staged_info: info });
  for (const [is, expected] of [[true, staged], [false, clean]]) {
    const { works } = await twins(beta, 'worksList', {
      applies_to_part: [place.id], 'staged_info.is_staged': is,
    });
    exact(works.map(({ id }) => id), [expected.id]);
  }
});

test('a deleted part leaves its summary on a work, a deleted tag or sprint nothing', async () => {
  const place = await product();
  const label = await tag();
  const board = await sprintBoard();
  const doomed = await sprint(board);
  const issue = await work('issue', place, { tags: [{ id: label.id }], sprint: doomed.id });
  exact(issue.sprint, sprintSummary(doomed));
  done(await beta.partsDelete({ id: place.id }));
  done(await beta.tagsDelete({ id: label.id }));
  done(await beta.vistasGroupsDelete({ id: doomed.id }));
  const left = found(await beta.worksGet({ id: issue.id }), 'work');
  exact(left.applies_to_part, partSummary(place));
  assert.ok(!('tags' in left), 'the association went with the tag');
  assert.ok(!('sprint' in left), 'the issue is in no sprint any more');
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client deletes an issue: 200, then it is gone for every call`, async () => {
    const issue = await newIssue();
    done(await sdk.worksDelete({ id: issue.id }));
    await gone(sdk, 'works', issue.id);
    await gone(sdk, 'works', issue.display_id);
    await notFound(sdk.worksUpdate({ id: issue.id, title: 'too late' }));
    const later = await newIssue();
    assert.notEqual(later.display_id, issue.display_id, 'display numbers are not used again');
    exact(later.id, don('issue'));
  });
}
