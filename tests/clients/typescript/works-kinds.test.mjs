// Tickets by both clients; opportunities and tasks, which only the beta client has types for.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { beta, betaSDK, bothClients, pub, unique } from './client.mjs';
import {
  created, done, don, exact, finds, found, gone, optional, reads, refused, timestamp,
} from './expect.mjs';
import {
  accountSummary, authored, contact, contactSummary, customer, enumValue, group, groupSummary,
  numbered, partSummary, product, self, stage, userSummary, work, workspace, workspaceSummary,
} from './fixtures.mjs';

let home;
let buyer;
let branch;
let queue;
let person;

before(async () => {
  home = await product();
  buyer = await customer();
  branch = await workspace(buyer.account);
  queue = await group();
  person = await contact({ rev_org: branch.id });
});

const common = (object, kind, prefix, start) => ({
  ...numbered(object, kind, prefix),
  ...authored(),
  type: kind,
  title: object.title,
  applies_to_part: partSummary(home),
  owned_by: [userSummary(self)],
  reported_by: [userSummary(self)],
  stage: stage(start, 'open'),
  state: optional('open'),
  state_display_name: optional('Open'),
  stock_schema_fragment: optional(/^don:core:[a-z0-9-]+:stock_sf\/\d+$/),
});

const bareTicket = (ticket) => ({
  ...common(ticket, 'ticket', 'TKT', 'queued'),
  severity: 'medium',
  severity_v2: optional(({ label }) => exact(label, /medium/i)),
  visibility: enumValue(2, 'external'),
  is_spam: optional(false),
  is_frozen: optional(false),
  needs_response: optional(false),
});

for (const [name, sdk] of bothClients) {
  test(`the ${name} client creates a ticket with every field`, async () => {
    const request = {
      type: betaSDK.WorkType.Ticket,
      title: unique('ticket'),
      body: 'Invoice PDF is blank',
      applies_to_part: home.id,
      owned_by: [self.id],
      reported_by: [person.id],
      account: buyer.account.id,
      rev_org: branch.display_id,
      group: queue.id,
      severity: betaSDK.TicketSeverity.High,
      channels: [betaSDK.TicketChannels.Email, betaSDK.TicketChannels.Slack],
      source_channel: 'Community forum',
      is_spam: false,
      needs_response: true,
      visibility: 1,
    };
    const ticket = created(await sdk.worksCreate(request), 'work');
    exact(ticket, {
      ...bareTicket(ticket),
      body: request.body,
      reported_by: [contactSummary(person)],
      account: accountSummary(buyer.account),
      rev_org: workspaceSummary(branch),
      group: groupSummary(queue),
      severity: 'high',
      severity_v2: optional(({ label }) => exact(label, /high/i)),
      channels: ['email', 'slack'],
      source_channel: 'Community forum',
      is_spam: false,
      needs_response: true,
      visibility: enumValue(1, 'internal'),
    });
    await reads(sdk, 'works', 'work', ticket);
  });
}

test('what was not given is absent from a new ticket, or has its default', async () => {
  const ticket = await work('ticket', home);
  exact(ticket, bareTicket(ticket));
  await reads(pub, 'works', 'work', ticket);
});

test('the channels of a ticket, which every org has, are replaced and cleared', async () => {
  const channel = (number) => ({ id: don('channel'), display_id: `CHANNEL-${number}` });
  const ticket = await work('ticket', home, {
    channels_v2: ['CHANNEL-1', 'CHANNEL-3'], source_channel_v2: 'CHANNEL-2',
  });
  exact(ticket, {
    ...bareTicket(ticket),
    channels_v2: [channel(1), channel(3)],
    source_channel_v2: channel(2),
  });
  await reads(pub, 'works', 'work', ticket);
  const [, slack] = ticket.channels_v2;
  const change = async (patch) =>
    found(await beta.worksUpdate({ id: ticket.id, type: 'ticket', ...patch }), 'work');
  const moved = await change({ channels_v2: [slack.id], source_channel_v2: slack.id });
  exact(moved.channels_v2, [slack]);
  exact(moved.source_channel_v2, slack);
  const cleared = await change({ channels_v2: [], source_channel_v2: null });
  exact(cleared, bareTicket(ticket));
});

test('a ticket without account gets that of its workspace', async () => {
  const ticket = await work('ticket', home, { rev_org: branch.id });
  exact(ticket.account, accountSummary(buyer.account));
});

test('a workspace of another account is refused', async () => {
  const stranger = await customer();
  const error = await refused(pub.worksCreate({
    type: 'ticket', title: unique('ticket'), applies_to_part: home.id, owned_by: [self.id],
    account: stranger.account.id, rev_org: branch.id,
  }), 400, { type: /./, field_name: optional(/rev_org|account/), reason: optional(/./) });
  assert.ok(error.message.length > 10, 'the message says what does not fit');
});

test('a ticket is created in a closed stage without asking for it', async () => {
  const ticket = await work('ticket', home, { stage: { name: 'resolved' } });
  exact(ticket.stage, stage('resolved', 'closed'));
  timestamp(ticket.actual_close_date);
});

test('every ticket field is updated, then cleared by null', async () => {
  const ticket = await work('ticket', home);
  const set = found(await beta.worksUpdate({
    id: ticket.id,
    type: betaSDK.WorkType.Ticket,
    account: buyer.account.id,
    rev_org: branch.id,
    group: queue.id,
    channels: { set: [betaSDK.TicketChannels.Plug] },
    severity: betaSDK.TicketSeverity.Blocker,
    sentiment: 2,
    sentiment_summary: 'thanked us twice',
    is_archived: true,
    is_frozen: true,
    is_spam: true,
    needs_response: true,
    visibility: 1,
  }), 'work');
  exact(set, {
    ...bareTicket(ticket),
    account: accountSummary(buyer.account),
    rev_org: workspaceSummary(branch),
    group: groupSummary(queue),
    channels: ['plug'],
    severity: 'blocker',
    severity_v2: optional(({ label }) => exact(label, /blocker/i)),
    sentiment: enumValue(2, 'Happy'),
    sentiment_summary: 'thanked us twice',
    sentiment_modified_date: timestamp,
    is_archived: true,
    is_frozen: true,
    is_spam: true,
    needs_response: true,
    visibility: enumValue(1, 'internal'),
  });
  await reads(beta, 'works', 'work', set);

  const cleared = found(await pub.worksUpdate({
    id: ticket.id, type: 'ticket', account: null, rev_org: null, group: null,
    channels: { set: [] }, is_archived: false,
    sentiment_modified_date: '2025-02-03T04:05:06.700Z',
  }), 'work');
  for (const name of ['account', 'rev_org', 'group', 'channels', 'source_channel_v2']) {
    assert.ok(!(name in cleared), `${name} is cleared`);
  }
  assert.equal(cleared.sentiment_modified_date, '2025-02-03T04:05:06.700Z');
});

test('an opportunity is created, read, updated, listed and deleted', async () => {
  const money = { amount: '1200.50', currency: 'EUR' };
  const opportunity = await work(betaSDK.WorkType.Opportunity, home, {
    account: buyer.account.id,
    contacts: [person.id],
    amount: 1200.5,
    customer_budget: 1500,
    probability: 0.25,
    value: money,
    annual_contract_value: { amount: '600', currency: 'EUR' },
    forecast_category_v2: 2,
    priority: betaSDK.OpportunityPriority.P1,
  });
  const expected = {
    ...common(opportunity, 'opportunity', 'OPP', 'qualification'),
    account: accountSummary(buyer.account),
    contacts: [contactSummary(person)],
    value: money,
    annual_contract_value: { amount: '600', currency: 'EUR' },
    forecast_category_v2: enumValue(2, 'Pipeline'),
    forecast_category: optional('pipeline'),
    amount: optional(1200.5),
    customer_budget: optional(1500),
    probability: optional(0.25),
    priority: optional('p1'),
    priority_v2: optional(enumValue(2, 'P1')),
  };
  exact(opportunity, expected);
  await reads(beta, 'works', 'work', opportunity);
  await reads(pub, 'works', 'work', opportunity);

  const updated = found(await beta.worksUpdate({
    id: opportunity.display_id,
    type: betaSDK.WorkType.Opportunity,
    stage: { name: 'closed_won' },
    contacts: { set: [] },
    amount: null,
    customer_budget: null,
    probability: null,
    value: { amount: '99.95', currency: 'USD' },
    forecast_category_v2: 6,
  }), 'work');
  exact(updated, {
    ...expected,
    stage: stage('closed_won', 'closed'),
    state: optional('closed'),
    state_display_name: optional('Closed'),
    actual_close_date: timestamp,
    contacts: undefined,
    amount: undefined,
    customer_budget: undefined,
    probability: undefined,
    value: { amount: '99.95', currency: 'USD' },
    forecast_category_v2: enumValue(6, 'Won'),
    forecast_category: optional('won'),
  });

  const filter = { applies_to_part: [home.id], type: [betaSDK.WorkType.Opportunity] };
  await finds(beta, 'worksList', 'works', filter, [opportunity]);
  done(await beta.worksDelete({ id: opportunity.id }));
  await gone(beta, 'works', opportunity.id);
  await finds(beta, 'worksList', 'works', filter, []);
});

test('an opportunity needs its account, and a probability is at most one', async () => {
  const request = {
    type: 'opportunity', title: unique('deal'), applies_to_part: home.id, owned_by: [self.id],
  };
  await refused(beta.worksCreate(request), 400, {
    type: 'missing_required_field', field_name: 'account',
  });
  const account = buyer.account.id;
  await refused(beta.worksCreate({ ...request, account, probability: 1.5 }), 400, {
    type: 'value_not_permitted', field_name: 'probability',
  });
});

test('a task is created, read, updated, listed and deleted', async () => {
  const task = await work(betaSDK.WorkType.Task, home, {
    priority: betaSDK.TaskPriority.P3, embedded: true, start_date: '2031-02-03T00:00:00.000Z',
  });
  const expected = {
    ...common(task, 'task', 'TASK', 'open'),
    priority: 'p3',
    priority_v2: optional(enumValue(4, 'P3')),
    embedded: optional(true),
    start_date: optional('2031-02-03T00:00:00.000Z'),
  };
  exact(task, expected);
  await reads(beta, 'works', 'work', task);

  const updated = found(await beta.worksUpdate({
    id: task.id, type: betaSDK.WorkType.Task, stage: { name: 'resolved' }, embedded: false,
    priority: betaSDK.TaskPriority.P0, start_date: '2031-02-04T00:00:00.000Z',
  }), 'work');
  exact(updated, {
    ...expected,
    stage: stage('resolved', 'closed'),
    state: optional('closed'),
    state_display_name: optional('Closed'),
    actual_close_date: timestamp,
    priority: 'p0',
    priority_v2: optional(enumValue(1, 'P0')),
    embedded: optional(false),
    start_date: optional('2031-02-04T00:00:00.000Z'),
  });
  const filter = { applies_to_part: [home.id], type: [betaSDK.WorkType.Task] };
  await finds(beta, 'worksList', 'works', filter, [task]);
  done(await beta.worksDelete({ id: task.id }));
  await gone(beta, 'works', task.id);
});

test('a task and an opportunity need no part, an issue and a ticket do', async () => {
  const request = { title: unique('homeless'), owned_by: [self.id] };
  const task = created(await beta.worksCreate({ ...request, type: 'task' }), 'work');
  assert.ok(!('applies_to_part' in task));
  const deal = { ...request, type: 'opportunity', account: buyer.account.id };
  assert.ok(!('applies_to_part' in created(await beta.worksCreate(deal), 'work')));
  for (const type of ['issue', 'ticket']) {
    await refused(beta.worksCreate({ ...request, type }), 400, {
      type: 'missing_required_field', field_name: 'applies_to_part',
    });
  }
});
