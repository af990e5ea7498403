// Views with very much in them: long names, right to left, emoji. And views that wait, and that are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, another, at, picture, server, settled, sound, stage, until } from './harness.mjs';

const LONG = 'Harbour and approach monitoring with tide, wind and wave readings for all ports between the outer skerries and the inner fjord';
const NAMES = [LONG, 'שלום נמל חיפה ומגדל הפיקוח', 'مرفأ الإسكندرية ومحطة الأرصاد', '🌊⚓ Wave & Anchor 🐬', '株式会社潮汐観測', '<script>alert(1)</script>', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'];
const named = (at) => (at < NAMES.length ? NAMES[at] : `${['North', 'South', 'East', 'West'][at % 4]} Quay ${at}`);
const views = {};

stage(async (call) => {
  const me = (await call('dev-users.self', {})).dev_user.id;
  const accounts = [];
  for (let at = 0; at < 40; at++) {
    accounts.push((await call('accounts.create', { display_name: named(at), owned_by: [me], tier: ['gold', 'silver', 'a tier with a very long name'][at % 3], description: LONG, domains: [`a${at}.example`] })).account);
  }
  const [first] = accounts;
  for (let at = 0; at < 7; at++) {
    const { rev_org: workspace } = await call('rev-orgs.create', { account: first.id, display_name: named(at), description: LONG });
    await call('rev-users.create', { rev_org: workspace.id, display_name: named(6 - at), email: `someone.with.a.long.name.${at}@harbour-authority.example` });
  }
  const [product] = (await call('parts.list', { type: ['product'] })).parts;
  let parent = (await call('parts.create', { type: 'capability', name: LONG, owned_by: [me], parent_part: [product.id] })).part;
  for (let at = 1; at < 9; at++) {
    ({ part: parent } = await call('parts.create', { type: 'feature', name: named(at), owned_by: [me], parent_part: [parent.id] }));
  }
  for (let at = 0; at < 60; at++) await call('parts.create', { type: 'enhancement', name: named(at), owned_by: [me], parent_part: [product.id] });
  const [sprint] = (await call('vistas.groups.list', { state: ['active'] })).vista_group;
  for (let at = 0; at < 60; at++) {
    await call('works.create', { type: 'issue', title: named(at), applies_to_part: parent.id, owned_by: [me], ...(at % 2 ? { sprint: sprint.id } : {}) });
    if (at < 12) await call('works.create', { type: 'ticket', title: named(at), applies_to_part: parent.id, owned_by: [me], account: first.id, severity: 'high' });
  }
  await call('vistas.groups.update', { id: sprint.id, name: LONG });
  const year = new Date().getUTCFullYear();
  const { org_schedule_fragment: days } = await call('org-schedule-fragments.create', {
    name: 'This year', from: `${year}-01-01T00:00:00Z`, to: `${year + 1}-01-01T00:00:00Z`,
    intervals: Array.from({ length: 24 }, (_, at) => ({ name: named(at), from: `${year}-${String(1 + at % 12).padStart(2, '0')}-${at < 12 ? '05' : '28'}T00:00:00Z`, is_excluded: true })),
  });
  await call('org-schedule-fragments.transition', { id: days.id, status: 'published' });
  const { org_schedule: hours } = await call('org-schedules.create', {
    name: LONG, timezone: 'America/Argentina/ComodRivadavia', org_schedule_fragments: [{ id: days.id }],
    default_weekly_org_schedule: { period_name: 'regular', intervals: [0, 1, 2, 3, 4, 5, 6].flatMap((day) => [[0, 120], [150, 400], [420, 700], [900, 1440]].map(([from, to]) => ({ from: day * 1440 + from, to: day * 1440 + to }))) },
  });
  await call('org-schedules.transition', { id: hours.id, status: 'published' });
  await call('slas.create', {
    name: LONG, sla_type: 'external', applies_to: ['ticket'], account_selector: { tier: ['gold', 'silver', 'a tier with a very long name'] },
    policies: NAMES.map((name, at) => ({
      name, selector: { applies_to: 'ticket', ...(at < 6 ? { severity: ['blocker', 'high', 'medium'] } : {}), ...(at % 2 ? { parts: [parent.id] } : {}) },
      metrics: ['METRIC-1', 'METRIC-2', 'METRIC-3'].map((metric) => ({ metric, target: 1234, warning_target: 777, org_schedule_id: hours.id })),
    })),
  });
  const field = (name, at) => ({ name: `field_${at}`, field_type: at % 2 ? 'enum' : 'tokens', is_filterable: true, ui: { display_name: name }, ...(at % 2 ? { allowed_values: NAMES } : {}) });
  await call('schemas.custom.set', {
    type: 'tenant_fragment', leaf_type: 'issue', description: 'Fields', fields: NAMES.map(field),
    conditions: NAMES.slice(0, 5).map((name, at) => ({ expression: `priority == 'p${at % 4}'`, effects: [{ fields: ['custom_fields.tnt__field_0', 'custom_fields.tnt__field_2'], require: true }] })),
  });
  for (const [at, name] of NAMES.slice(0, 5).entries()) {
    await call('schemas.custom.set', { type: 'custom_type_fragment', leaf_type: 'issue', subtype: `subtype_${at}`, subtype_display_name: name, description: name, fields: [] });
  }
  for (let at = 0; at < 25; at++) {
    await call('dev-users.create', { email: `person.with.quite.a.long.address.number.${at}@tidewater-instruments.example`, full_name: named(at), state: 'shadow' });
    if (at < 12) await call('auth-tokens.create', { token_hint: named(at), expires_in: 1 + at * 20, ...(at % 2 ? { scope: 'issue:read ticket:write part:read account:read tag:write' } : {}) });
  }
  const other = await another();
  for (let at = 0; at < 40; at++) {
    const { work } = await other.call('works.create', { type: at % 3 ? 'issue' : 'ticket', title: named(at), applies_to_part: parent.id, owned_by: [me] });
    if (at < 7) await other.call('timeline-entries.create', { type: 'timeline_comment', object: work.id, body: `${named(6 - at)}, <${me}>: ${LONG}`, visibility: 'internal' });
  }
  await until('all is told', async () => (await call('notifications.count', { states: ['unread'] })).count >= 40);
  let hook;
  for (let at = 0; at < 14; at++) {
    ({ webhook: hook } = await call('webhooks.create', {
      url: `https://${'receiver-of-a-long-name.'.repeat(1 + at % 4)}example/${encodeURIComponent(named(at))}`, event_types: at % 2 ? ['work_created'] : ['work_created', 'work_updated', 'account_created', 'part_updated', 'tag_created'],
    }));
  }
  const [, board, group] = /vista\/(\d+):vista_group_item\/(\d+)$/.exec(sprint.id);
  Object.assign(views, {
    parts: ['/parts', '[role=treeitem]'], sprint: [`/sprints/${board}.${group}`, '.lanes .card'], plan: [`/sprints/${board}.${group}?plan`, '.plan [role=option]'],
    sprints: ['/sprints', '.sprints [role=option]'], customers: ['/customers', '.customers [role=option]'], customer: [`/customers/${first.display_id}`, '.workspace'],
    slas: ['/slas', '.policies tbody tr'], 'slas-customers': ['/slas/customers', '.facts'], 'schema-fields': ['/schema/issue/fields', '.fields'],
    'schema-stages': ['/schema/issue/stages', '.matrix'], 'schema-conditions': ['/schema/issue/conditions', '.conditions'],
    'schema-subtypes': ['/schema/issue/subtypes', '.facts'], inbox: ['/inbox', '.inbox .row'], webhooks: ['/webhooks', '.hooks .row'],
    webhook: [`/webhooks/${hook.id.slice(hook.id.lastIndexOf('/') + 1)}`, '.hook-head + *'], people: ['/people', '.people tbody tr'], tokens: ['/people/tokens', '.tokens tbody tr'],
  });
});

for (const [name, options] of [['light', {}], ['dark', { scheme: 'dark' }], ['phone', { size: SIZES.phone }]]) {
  test(`very much is in nobody’s way: ${name}`, () => at('/parts', options, async (opened) => {
    for (const [view, [path, selector]] of Object.entries(views)) {
      await opened.goto(server.origin + path);
      await opened.waitForSelector(selector);
      await settled(opened);
      await picture(opened, `states/${view}-crowded-${name}`);
      await sound(opened, view);
    }
  }));
}

/** What the frame asks for, which is not what a view waits for. */
const FRAME = /(dev-users\.self|dev-orgs\.get|events\.stream|preferences\.get|works\.count|notifications\.count)$/;

test('a view that waits shows its frame and rows to come', () => at('/works', {}, async (opened) => {
  await opened.context().route((url) => /\/[a-z-]+(\.[a-z-]+)+$/.test(url.pathname) && !url.pathname.startsWith('/assets') && !FRAME.test(url.pathname), (route) => (route.request().method() === 'POST' ? undefined : route.fallback()));
  for (const [view, [path]] of Object.entries(views)) {
    await opened.goto(server.origin + path);
    await opened.waitForSelector('main .blanks, main[aria-busy=true], main [aria-busy=true]');
    // Blanks are for what takes longer than anybody notices.
    await opened.waitForTimeout(400);
    await opened.screenshot({ path: new URL(`../../screenshots/states/${view}-loading-light.png`, import.meta.url).pathname });
  }
}));

for (const [status, type, message] of [[403, 'forbidden', 'the token may not read this'], [400, 'bad_request', 'this is not how it is asked for']]) {
  test(`a view that is refused with ${status} says so at its place`, () => at('/works', { allow: [String(status)] }, async (opened) => {
    await opened.context().route((url) => /\/[a-z-]+(\.[a-z-]+)+$/.test(url.pathname) && !FRAME.test(url.pathname), (route) => (route.request().method() === 'POST'
      ? route.fulfill({ status, contentType: 'application/json', headers: { 'x-request-id': '0191f0c2-refused' }, body: JSON.stringify({ type, message }) }) : route.fallback()));
    for (const [view, [path]] of Object.entries(views)) {
      await opened.goto(server.origin + path);
      await opened.waitForSelector('main .failed');
      await settled(opened);
      assert.equal(await opened.locator('main .failed').count(), 1, view);
      await picture(opened, `states/${view}-refused-${status}-light`);
      if (status === 403) await sound(opened, view);
    }
  }));
}
