// SLAs, their policies and the hours that count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, picture, server, settled, stage, text, until } from './harness.mjs';

const DAY = 86_400_000;
const date = (ms) => new Date(ms).toISOString().slice(0, 10);
const time = (day) => `${day}T00:00:00Z`;
/** The next Wednesday, and the Friday after it. */
const wednesday = () => {
  const now = new Date();
  return Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() + ((10 - now.getDay()) % 7));
};
const friday = () => date(wednesday() + 2 * DAY);
const hours = [1, 2, 3, 4, 5].map((day) => ({ from: day * 1440 + 8 * 60, to: day * 1440 + 18 * 60 }));
let support;

stage(async (call) => {
  const year = new Date().getFullYear();
  const { org_schedule_fragment: days } = await call('org-schedule-fragments.create', {
    name: String(year), from: time(`${year}-01-01`), to: time(`${year + 2}-01-01`), intervals: [{ name: 'Company day', from: time(friday()), is_excluded: true }],
  });
  await call('org-schedule-fragments.transition', { id: days.id, status: 'published' });
  ({ org_schedule: support } = await call('org-schedules.create', {
    name: 'Support', timezone: 'Europe/London', default_weekly_org_schedule: { period_name: 'regular', intervals: hours }, org_schedule_fragments: [{ id: days.id }],
  }));
  await call('org-schedules.transition', { id: support.id, status: 'published' });
  const [tag] = (await call('tags.list', { name: ['customer-impact'] })).tags;
  const metrics = (first, warm, resolution, late) => [
    { metric: 'METRIC-1', target: first, warning_target: warm, org_schedule_id: support.id }, { metric: 'METRIC-3', target: resolution, warning_target: late, org_schedule_id: support.id },
  ];
  await call('slas.create', {
    name: 'Customer response', sla_type: 'external', applies_to: ['ticket'], account_selector: { tier: ['gold'] }, policies: [
      { name: 'Gold, urgent', selector: { applies_to: 'ticket', severity: ['blocker', 'high'], tags: [tag.id] }, metrics: metrics(60, 45, 960, 720) },
      { name: 'Gold', selector: { applies_to: 'ticket' }, metrics: metrics(240, 180, 2400, 1920) },
    ],
  });
});

looks('slas', '/slas', '.policies tbody tr', async (opened) => {
  const day = opened.locator('.blank-of', { hasText: /\d:\d/ });
  await day.press('Enter');
  await opened.waitForSelector('.pal');
  await opened.keyboard.type('15:30');
  await opened.getByRole('option', { name: /^Wed.*15:30/ }).first().click();
  await until('it says by when', async () => /Wed.* 15:30 .*, by Thu\w* .*09:30/.test(await text(opened, '.sentence')));
});
looks('slas-customers', '/slas/customers', '.facts');
looks('slas-record', '/slas/record', '.page, .empty');

const pick = async (opened, part, typed) => {
  await opened.locator('.blank-of', { hasText: part }).press('Enter');
  await opened.waitForSelector('.pal');
  await opened.keyboard.type(typed);
  await keys(opened, 'Enter');
  await opened.waitForSelector('.pal', { state: 'detached' });
};

test('a sentence tries what is promised to whom, by picking its parts', () => at('/slas', {}, async (opened) => {
  await opened.waitForSelector('.sentence');
  await until('the policy for all', async () => /within 4 h/.test(await text(opened, '.sentence')));
  await pick(opened, 'without a tag', 'customer');
  await until('the urgent policy', async () => /within 1 h/.test(await text(opened, '.sentence')));
  await pick(opened, 'any customer', 'Skerry');
  await until('it is for others', async () => /has no promise by this SLA/.test(await text(opened, '.sentence')));
  await pick(opened, 'Skerry', 'Harwell');
  await until('it is for these', async () => /Port of Harwell that comes .* within 1 h, by /.test(await text(opened, '.sentence')));
  const due = await text(opened, '.sentence b:last-of-type');
  await pick(opened, /^1 h$/, '3 h 30');
  await until('another time is tried', async () => /within 3 h 30, by .*which says 1 h/.test(await text(opened, '.sentence')));
  await until('it is due later', async () => await text(opened, '.sentence b:last-of-type') !== due);
  await pick(opened, '3 h 30', '');
  await until('the policy counts again', async () => !/which says/.test(await text(opened, '.sentence')));
  assert.match(await text(opened, '.hours h2'), /^Hours: Support version \d+$/);
}));

test('policies are tried in their order, which keys change', () => at('/slas', {}, async (opened) => {
  await opened.waitForSelector('.policies tbody tr');
  await opened.getByRole('button', { name: 'Gold: what can be done' }).press('Enter');
  await opened.getByRole('menuitem', { name: 'Try earlier' }).press('Enter');
  const names = async () => (await server.call('slas.list', { status: ['draft'] })).slas[0].policies.map(({ name }) => name);
  await until('it comes first', async () => (await names())[0] === 'Gold' && await text(opened, '.policies tbody td') === 'Gold');
  await opened.getByRole('button', { name: 'Gold: what can be done' }).press('Enter');
  await opened.getByRole('menuitem', { name: 'Try later' }).press('Enter');
  await until('it comes last', async () => (await names())[1] === 'Gold');
}));

test('a draft is published, for the customers it says, and workspaces are assigned to it', () => at('/slas/customers', {}, async (opened) => {
  await opened.waitForSelector('.for-whom');
  assert.match(await text(opened, '.page h2'), /2 customers would have it/);
  await opened.getByRole('button', { name: 'Publish', exact: true }).press('Enter');
  await until('it is published', async () => (await server.call('slas.list', { status: ['published'] })).slas.some(({ name }) => name === 'Customer response'));
  await opened.getByRole('button', { name: 'Assign workspaces' }).press('Enter');
  await opened.waitForSelector('.pal');
  await opened.keyboard.type('Skerry');
  await keys(opened, 'Enter', 'Control+Enter');
  await opened.getByText('1 workspace is assigned to').waitFor();
}));

test('hours are drawn by keys, days off put in, and both published', async () => {
  const { org_schedule: schedule } = await server.call('org-schedules.create', {
    name: 'Night watch', timezone: 'Europe/London', default_weekly_org_schedule: { period_name: 'regular', intervals: [{ from: 1980, to: 2460 }] },
  });
  await at('/slas', {}, async (opened) => {
    await opened.getByRole('button', { name: /^Schedule/ }).press('Enter');
    await opened.getByRole('menuitemradio', { name: /Night watch/ }).press('Enter');
    await opened.waitForSelector('.week.drawable');
    await opened.focus('.week.drawable');
    await keys(opened, 'ArrowRight', 'Enter');
    await opened.getByRole('button', { name: 'Day off' }).press('Enter');
    await opened.waitForSelector('.sheet input:focus');
    await opened.keyboard.type('Company day');
    await opened.getByLabel('Day', { exact: true }).fill(friday());
    await keys(opened, 'Control+Enter');
    await opened.waitForSelector('.days-off, .open.off');
    await settled(opened);
    await picture(opened, 'states/slas-drawing-light');
    await opened.getByRole('button', { name: 'Save hours' }).press('Enter');
    const read = async () => (await server.call('org-schedules.get', { id: schedule.id })).org_schedule;
    await until('Tuesday 9 is open', async () => (await read()).default_weekly_org_schedule.intervals.some(({ from }) => from === 2880 + 540));
    const pieces = await Promise.all((await read()).org_schedule_fragments.map(async ({ id }) => (await server.call('org-schedule-fragments.get', { id })).org_schedule_fragment));
    const intervals = pieces.flatMap((piece) => piece.intervals);
    assert.deepEqual(intervals.map(({ name, from, is_excluded: isOff }) => [name, from.slice(0, 10), isOff]), [['Company day', friday(), true]]);
    await opened.getByRole('button', { name: 'Publish hours' }).press('Enter');
    await until('it is published', async () => (await read()).status === 'published');
    const before = (await read()).valid_until;
    await opened.getByRole('button', { name: /^Go on with/ }).press('Enter');
    await until('it goes on for a year', async () => Date.parse((await read()).valid_until) - Date.parse(before) > 360 * DAY);
  });
});
