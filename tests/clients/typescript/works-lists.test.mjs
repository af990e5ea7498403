// works.list, count and export: every filter by GET and by POST, sorting and paging.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { beta, betaSDK, bothClients, pub, slug, tick, unique } from './client.mjs';
import { exact, finds, found, ids, nested, pagesBothWays, refused, twins } from './expect.mjs';
import {
  contact, customer, group, part, product, self, shadowUser, sprint, sprintBoard, tag, work,
  workspace,
} from './fixtures.mjs';

let home;
let annex;
let colleague;
let tags;
let buyer;
let branch;
let queue;
let person;
let iteration;
const works = {};

// The titles say the order in which they are made; the filters below find them by their names.
before(async () => {
  home = await product();
  annex = await part('capability', home);
  colleague = await shadowUser();
  tags = [await tag(), await tag(), await tag()];
  buyer = await customer();
  branch = await workspace(buyer.account);
  queue = await group();
  person = await contact({ rev_org: branch.id });
  iteration = await sprint(await sprintBoard(), { state: 'active' });
  const make = async (name, type, place, members) => {
    works[name] = await work(type, place, members);
    await tick();
  };
  await make('urgent', 'issue', home, {
    priority: 'p0', tags: [{ id: tags[0].id }], sprint: iteration.id,
    target_close_date: '2031-03-01T00:00:00.000Z',
  });
  await make('normal', 'issue', home, {
    priority: 'p1', owned_by: [colleague.id], tags: [{ id: tags[1].id }],
    target_close_date: '2031-03-15T00:00:00.000Z', external_ref: slug('plain'),
  });
  await make('late', 'issue', annex, {
    priority: 'p2', stage: { name: 'in_review' }, reported_by: [colleague.id],
    target_start_date: '2031-02-01T00:00:00.000Z',
  });
  await make('closed', 'issue', annex, {
    priority: 'p3', stage: { name: 'completed' }, tags: [{ id: tags[0].id }, { id: tags[2].id }],
  });
  await make('blocked', 'ticket', home, {
    severity: 'blocker', rev_org: branch.id, channels: ['email'], needs_response: true,
    target_close_date: '2031-03-31T00:00:00.000Z',
  });
  await make('mild', 'ticket', home, {
    severity: 'low', group: queue.id, channels: ['slack'], is_spam: true, visibility: 1,
    source_channel: 'forum, old', channels_v2: ['CHANNEL-2', 'CHANNEL-3'],
    source_channel_v2: 'CHANNEL-6',
  });
  await make('done', 'ticket', annex, {
    severity: 'low', stage: { name: 'resolved' }, account: buyer.account.id,
  });
  await make('deal', 'opportunity', home, {
    account: buyer.account.id, contacts: [person.id], forecast_category_v2: 5,
  });
  await make('step', 'task', home, {});
});

const here = () => ({ applies_to_part: [home.id, annex.id] });
const ALL = [
  'urgent', 'normal', 'late', 'closed', 'blocked', 'mild', 'done', 'deal', 'step',
];
const ISSUES = ALL.slice(0, 4);
const TICKETS = ALL.slice(4, 7);
const named = (names) => names.map((name) => works[name]);

/** list, count and export agree that the query finds exactly these, by GET and by POST. */
async function agree(query, names, sdk = beta) {
  const filter = { ...here(), ...query };
  const expected = named(names);
  await finds(sdk, 'worksList', 'works', filter, expected);
  await finds(sdk, 'worksExport', 'works', filter, expected);
  exact(await twins(sdk, 'worksCount', filter), { count: names.length, has_more: false });
}

const filters = [
  ['no filter but the parts', () => ({}), ALL],
  ['one part', () => ({ applies_to_part: [annex.display_id] }), ['late', 'closed', 'done']],
  ['one kind', () => ({ type: [betaSDK.WorkType.Ticket] }), TICKETS],
  ['several kinds', () => ({ type: ['issue', 'task', 'opportunity'] }),
    [...ISSUES, 'deal', 'step']],
  ['an empty list, which is no constraint', () => ({ type: [], owned_by: [] }), ALL],
  ['one owner', () => ({ owned_by: [colleague.display_id] }), ['normal']],
  ['several owners', () => ({ owned_by: [colleague.id, self.id] }), ALL],
  ['the reporter', () => ({ reported_by: [colleague.id] }), ['late']],
  ['the author', () => ({ created_by: [self.id], modified_by: [self.id] }), ALL],
  ['an author of nothing', () => ({ created_by: [colleague.id] }), []],
  ['a reference', () => ({ external_ref: [works.normal.external_ref] }), ['normal']],
  ['one stage name', () => ({ 'stage.name': ['in_review'] }), ['late']],
  ['stage names of two kinds', () => ({ 'stage.name': ['completed', 'queued'] }),
    ['closed', 'blocked', 'mild']],
  ['stage ids', () => ({
    'stage.stages': [works.late.stage.stage.id, works.done.stage.stage.id],
  }), ['late', 'done']],
  ['one state', () => ({ state: ['closed'] }), ['closed', 'done']],
  ['several states', () => ({ state: ['in_progress', 'closed'] }), ['late', 'closed', 'done']],
  ['one tag', () => ({ tags: [tags[0].display_id] }), ['urgent', 'closed']],
  ['any of several tags', () => ({ tags: [tags[1].id, tags[2].id] }), ['normal', 'closed']],
  ['one priority', () => ({ type: ['issue'], 'issue.priority': ['p1'] }), ['normal']],
  ['several priorities', () => ({ type: ['issue'], 'issue.priority': ['p0', 'p3'] }),
    ['urgent', 'closed']],
  ['priorities by number', () => ({ type: ['issue'], 'issue.priority_v2': [1, 3] }),
    ['urgent', 'late']],
  ['the sprint', () => ({ 'issue.sprint': [iteration.id] }), ['urgent']],
  ['the state of the sprint', () => ({ 'issue.sprint_state': ['active'] }), ['urgent']],
  ['a severity', () => ({ type: ['ticket'], 'ticket.severity': ['low'] }), ['mild', 'done']],
  ['several severities', () => ({ 'ticket.severity': ['low', 'blocker'] }), TICKETS],
  ['the account, derived or given', () => ({ 'ticket.account': [buyer.account.id] }),
    ['blocked', 'done']],
  ['the workspace', () => ({ 'ticket.rev_org': [branch.display_id] }), ['blocked']],
  ['the group', () => ({ 'ticket.group': [queue.id] }), ['mild']],
  ['channels', () => ({ 'ticket.channels': ['email', 'slack'] }), ['blocked', 'mild']],
  ['a source with a comma', () => ({ 'ticket.source_channel': ['forum, old'] }), ['mild']],
  ['channels by id', () => ({ 'ticket.channels_v2': ['CHANNEL-3', 'CHANNEL-4'] }), ['mild']],
  ['the source by id', () => ({ 'ticket.source_channel_v2': ['CHANNEL-6'] }), ['mild']],
  ['spam', () => ({ 'ticket.is_spam': true }), ['mild']],
  ['needs_response', () => ({ 'ticket.needs_response': true }), ['blocked']],
  ['visibility by number', () => ({ 'ticket.visibility': [1] }), ['mild']],
  ['the account of a deal', () => ({ 'opportunity.account': [buyer.account.id] }), ['deal']],
  ['the contact of a deal', () => ({ 'opportunity.contacts': [person.display_id] }), ['deal']],
  ['the forecast', () => ({ 'opportunity.forecast_category_v2': [5, 6] }), ['deal']],
  ['two fields at once', () => ({ state: ['open'], owned_by: [self.id], type: ['issue'] }),
    ['urgent']],
  ['a block of one kind among two', () => ({
    type: ['issue', 'ticket'], 'issue.priority': ['p0'],
  }), ['urgent', ...TICKETS]],
  ['blocks of two kinds and no type', () => ({
    'issue.priority': ['p0'], 'ticket.severity': ['blocker'],
  }), ['urgent', 'blocked']],
  ['an owner who does not exist', () => ({ owned_by: ['DEVU-999999'] }), []],
];

describe('list, count and export agree by GET and POST on', () => {
  for (const [name, query, expected] of filters) {
    test(name, () => agree(query(), expected));
  }
});

test('the public client filters alike', async () => {
  await agree({ type: [betaSDK.WorkType.Issue, betaSDK.WorkType.Ticket], state: ['open'] },
    ['urgent', 'normal', 'blocked', 'mild'], pub);
  await agree({ type: ['ticket'], 'ticket.severity': ['low'], 'stage.name': ['resolved'] },
    ['done'], pub);
});

describe('dates filter through POST by', () => {
  const range = (after, before_) => ({ type: 'range', after, before: before_ });
  const dates = [
    ['a range, both bounds included', () => ({
      target_close_date: range('2031-03-01T00:00:00Z', '2031-03-15T02:00:00+02:00'),
    }), ['urgent', 'normal']],
    ['one bound', () => ({
      target_close_date: { type: 'range', after: '2031-03-15T00:00:00.001Z' },
    }), ['blocked']],
    ['a range without type', () => ({
      target_close_date: { before: '2031-03-01T00:00:00.000Z' },
    }), ['urgent']],
    ['the exact creation date', () => ({
      created_date: range(works.late.created_date, works.late.created_date),
    }), ['late']],
    ['the last days', () => ({
      created_date: { type: 'preset', preset_type: 'last_n_days', days: 1 },
    }), ALL],
    ['the next days', () => ({
      modified_date: { type: 'preset', preset_type: 'next_n_days', days: 1 },
    }), []],
    ['the date of closing', () => ({
      actual_close_date: { type: 'preset', preset_type: 'last_n_days', days: 1 },
    }), ['closed', 'done']],
    ['the start of an issue', () => ({
      issue: { target_start_date: range('2031-01-01T00:00:00Z', '2031-12-31T00:00:00Z') },
    }), ['late']],
  ];
  for (const [name, query, expected] of dates) {
    test(name, async () => {
      const body = { ...here(), ...query() };
      for (const [, sdk] of bothClients) {
        for (const call of ['worksListPost', 'worksExportPost']) {
          const { data } = await sdk[call](body);
          exact(ids(data.works).sort(), ids(named(expected)).sort());
        }
        exact((await sdk.worksCountPost(body)).data, { count: expected.length, has_more: false });
      }
    });
  }
});

test('quotes, commas and signs inside a filter value reach the server as they are', async () => {
  const place = await product();
  const awkward = ['a,b', 'c + d & e = f', '100 % / ?', 'say "hi"', 'ü ≠ \\'].map((sign) =>
    `${slug('ref')} ${sign}`);
  const made = [];
  for (const ref of awkward) made.push(await work('issue', place, { external_ref: ref }));
  for (const [index, ref] of awkward.entries()) {
    await finds(pub, 'worksList', 'works', { external_ref: [ref] }, [made[index]]);
  }
  const two = { external_ref: [awkward[0], awkward[1]] };
  await finds(beta, 'worksList', 'works', two, made.slice(0, 2));
});

test('a listed work and an exported work are whole works', async () => {
  const query = { ...here(), type: ['issue'], sort_by: ['title:asc'] };
  const whole = [];
  for (const issue of named(ISSUES)) {
    whole.push(found(await beta.worksGet({ id: issue.id }), 'work'));
  }
  assert.deepEqual(await twins(beta, 'worksList', query), { works: whole });
  assert.deepEqual(await twins(beta, 'worksExport', query), { works: whole });
  const first = await twins(beta, 'worksExport', { ...query, first: 2 });
  assert.deepEqual(first, { works: whole.slice(0, 2) });
});

describe('works are sorted', () => {
  const byTitle = (a, b) => (works[a].title < works[b].title ? -1 : 1);
  const severities = ['blocked', 'done', 'mild'];
  const orders = [
    ['newest first when nothing is said', {}, () => [...ALL].reverse()],
    ['oldest first', { sort_by: ['created_date:asc'] }, () => ALL],
    ['by title downwards', { sort_by: ['title:desc'] }, () => [...ALL].sort(byTitle).reverse()],
    ['by priority', { type: ['issue'], sort_by: ['priority_v2.ordinal:desc'] },
      () => [...ISSUES].reverse()],
    ['by several fields', { type: ['ticket'], sort_by: ['severity:asc', 'created_date:desc'] },
      () => severities],
  ];
  for (const [name, query, expected] of orders) {
    test(name, async () => {
      const { works: listed } = await twins(beta, 'worksList', { ...here(), ...query });
      assert.deepEqual(ids(listed), ids(named(expected())));
    });
  }
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client pages through works in both directions`, async () => {
    const query = { ...here(), sort_by: ['title:asc'], type: ['issue', 'ticket'] };
    const expected = named([...ISSUES, ...TICKETS]);
    expected.sort((a, b) => (a.title < b.title ? -1 : 1));
    await pagesBothWays(sdk, 'worksList', 'works', query, ids(expected));
    await pagesBothWays(sdk, 'worksList', 'works', { ...here() }, ids(named(ALL).reverse()));
  });
}

test('limits out of range are brought into range', async () => {
  for (const limit of [0, -1, 1000]) {
    const { works: listed } = await twins(pub, 'worksList', { ...here(), limit });
    assert.equal(listed.length, ALL.length, `limit ${limit}`);
  }
});

test('a cursor of another query, and one that is none, are refused', async () => {
  const { next_cursor: cursor } = (await pub.worksList({ ...here(), limit: 2 })).data;
  const expected = { type: 'invalid_field', field_name: 'cursor' };
  await refused(pub.worksList({ applies_to_part: [annex.id], limit: 2, cursor }), 400, expected);
  await refused(pub.worksListPost({ ...here(), type: ['issue'], cursor }), 400, expected);
  await refused(pub.worksList({ ...here(), cursor: unique('no cursor') }), 400, expected);
});

test('bad filters are refused by name, by GET and by POST', async () => {
  const bad = [
    [{ colour: ['red'] }, { type: 'invalid_field', field_name: 'colour' }],
    [{ 'stage.colour': ['red'] }, { type: 'invalid_field', field_name: 'colour' }],
    [{ external_refs: ['x'] }, { type: 'invalid_field', field_name: 'external_refs' }],
    [{ sort_by: ['title'] }, { type: 'invalid_field', field_name: 'sort_by' }],
    [{ sort_by: ['shoe_size:asc'] }, { type: 'invalid_field', field_name: 'sort_by' }],
    [{ type: ['epic'] }, {
      type: 'invalid_enum_value', field_name: 'type', value: 'epic',
      allowed_values: (values) => exact([...values].sort(), [
        'issue', 'opportunity', 'task', 'ticket',
      ]),
    }],
    [{ owned_by: ['PROD-1'] }, {
      type: 'unexpected_id_type', field_name: 'owned_by', value: 'PROD-1',
    }],
    [{ owned_by: ['nobody at all'] }, { type: 'invalid_id', field_name: 'owned_by' }],
  ];
  for (const [query, expected] of bad) {
    await refused(beta.worksList(query), 400, expected);
    await refused(beta.worksListPost(nested(query)), 400, expected);
  }
});
