// The list, by keys alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, at, keys, looks, picture, server, settled, sound, stage, text, until, work } from './harness.mjs';

stage();

// Before the tests below change the org.
looks('list', '/works', '.rows .row:not(.blank)', ['j', 'j', 'j', 'j', 'j', 'j']);

const ready = (opened) => opened.waitForSelector('.rows .row:not(.blank)');

test('moves, selects and opens by keys', () => at('/works', {}, async (opened) => {
  await ready(opened);
  assert.match(await text(opened, '.head h1'), /Open work/);
  await keys(opened, 'j', 'j', 'j');
  assert.equal(await opened.locator('.row.cursor').count(), 1);
  const first = await text(opened, '.row.cursor .id');
  await keys(opened, 'k');
  assert.notEqual(await text(opened, '.row.cursor .id'), first);
  await keys(opened, 'x', 'Shift+J');
  assert.match(await text(opened, '.selbar b'), /2 selected/);
  await keys(opened, 'Escape');
  assert.equal(await opened.locator('.selbar').count(), 0);
  await keys(opened, 'End');
  const last = await text(opened, '.row.cursor .id');
  await keys(opened, 'Home');
  assert.notEqual(await text(opened, '.row.cursor .id'), last);
  const id = await text(opened, '.row.cursor .id');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.side .ti');
  assert.ok(opened.url().includes(`open=${id}`));
  await keys(opened, 'Escape');
  assert.equal(await opened.locator('.side').count(), 0);
  await keys(opened, 'o');
  await opened.waitForSelector('.doc');
  await keys(opened, 'Escape');
  await ready(opened);
  // The cursor is where it was.
  assert.equal(await text(opened, '.row.cursor .id'), id);
}));

test('each group has its own works, each once', () => at('/works', {}, async (opened) => {
  await ready(opened);
  const groups = await opened.locator('.rows').evaluate((rows) => {
    const found = [];
    for (const element of rows.querySelectorAll('.group, .row[data-id]')) {
      if (element.matches('.group')) found.push({ total: Number(element.querySelector('.n').textContent), ids: [] });
      else found.at(-1).ids.push(element.dataset.id);
    }
    return found;
  });
  const [first] = groups;
  assert.equal(first.ids.length, first.total);
  const all = groups.flatMap(({ ids }) => ids);
  assert.equal(new Set(all).size, all.length);
}));

test('changes the stage of several works, and takes it back', () => at('/works?kind=issue&stage=in_testing', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'j', 'x', 'j', 'x', 's');
  await opened.waitForSelector('.pal');
  await opened.keyboard.type('review');
  await keys(opened, 'Enter');
  await until('both are in review', async () => (await server.call('works.count', { type: ['issue'], stage: { name: ['in_testing'] } })).count === 1);
  await keys(opened, 'Escape', 'Control+z');
  await until('both are back', async () => (await server.call('works.count', { type: ['issue'], stage: { name: ['in_testing'] } })).count === 3);
}));

test('several works are followed by one key', () => at('/works?kind=issue&stage=in_testing', {}, async (opened) => {
  await ready(opened);
  const ids = await opened.locator('.row .id').allInnerTexts();
  const { dev_user: me } = await server.call('dev-users.self', {});
  const follows = async () => Promise.all(ids.map(async (id) => (await server.call('subscribers.get', { id })).is_subscribed));
  const set = (id, how) => server.call('subscribers.update', { id, subscribers: { [how]: [me.id] } });
  await Promise.all(ids.map((id, at) => set(id, at === 0 ? 'remove' : 'add')));
  await keys(opened, 'Control+a', 'w');
  await opened.waitForSelector(`.toast:has-text("You follow ${ids.length} works.")`);
  assert.deepEqual(await follows(), ids.map(() => true));
  await keys(opened, 'Control+z');
  await until('only the one is left as it was', async () => (await follows()).join() === ids.map((_, at) => at !== 0).join());
}));

test('filters by keys, and the address is the filter', () => at('/works', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'f');
  await opened.keyboard.type('urgency');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.pal input[placeholder="Urgency"]');
  await opened.keyboard.type('P0');
  await keys(opened, 'Enter', 'Control+Enter');
  await until('the filter is in the address', () => opened.url().includes('urgency=p0'));
  await until('one work is left', async () => (await opened.locator('.rows .row:not(.blank)').count()) === 1);
  await keys(opened, 'Shift+F');
  await until('the filter is gone', () => !opened.url().includes('urgency'));
}));

test('a part is meant with all below it, alone, or not', () => at('/works?kind=issue,ticket,task', {}, async (opened) => {
  await ready(opened);
  const { parts } = await server.call('parts.list', { parent_part: { parts: ['PROD-1'] }, limit: 100 });
  assert.ok(parts.length > 2);
  const count = async (ids) => (await server.call('works.count', { type: ['issue', 'ticket', 'task'], state: ['open', 'in_progress'], applies_to_part: ids })).count;
  const shows = (what, many) => until(what, async () => Number(await text(opened, '.head .n')) === many);
  await keys(opened, 'f');
  await opened.keyboard.type('part');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.pal input[placeholder="Part"]');
  await opened.keyboard.type('Tidewater Buoy');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.pal .it:has-text("with all below")');
  await keys(opened, 'Control+Enter');
  await until('the address is short', () => opened.url().endsWith('part=PROD-1..'));
  await shows('all below are shown', await count(['PROD-1', ...parts.map(({ id }) => id)]));
  assert.match(await text(opened, '.chip:has-text("Part")'), /^Part within Tidewater Buoy/);
  await picture(opened, 'states/list-within-light');
  // What comes below it is told, too.
  await server.call('works.create', { type: 'issue', title: 'Far below', applies_to_part: parts.at(-1).id, owned_by: ['DEVU-2'] });
  await shows('one more is shown', await count(['PROD-1', ...parts.map(({ id }) => id)]));
  await opened.locator('.chip:has-text("Part") .what').press('Enter');
  await opened.waitForSelector('.pal .it:has-text("with all below")');
  await opened.keyboard.type('Tidewater Buoy');
  await keys(opened, 'Enter', 'Control+Enter');
  await until('the address has the part alone', () => opened.url().endsWith('part=PROD-1'));
  await shows('only what is about it', await count(['PROD-1']));
}));

test('more parts than a filter can name are said to be too many', () => at('/works', {}, async (opened) => {
  await ready(opened);
  const part = (nth) => ({ type: 'feature', id: `don:core:dvrv-us-1:devo/0:feature/${nth}`, name: `Part ${nth}`, owned_by: [] });
  let page = 0;
  await opened.route('**/parts.list', (route) => (route.request().postData().includes('parent_part')
    ? route.fulfill({ json: { parts: Array.from({ length: 100 }, (_, at) => part(page * 100 + at)), next_cursor: `page-${page += 1}` } }) : route.continue()));
  await opened.goto(`${server.origin}/works?part=PROD-1..`);
  await opened.waitForSelector('main .failed');
  assert.match(await text(opened, 'main .failed p'), /^More than 1000 parts are below PROD-1, .* Choose parts further down\.$/);
}));

test('shows what somebody else changes, and counts what is new', () => at('/works?kind=issue&group=none&sort=created', {}, async (opened) => {
  await ready(opened);
  await opened.waitForSelector('.live:not(.off)', { state: 'attached' });
  const other = await server.call('service-accounts.create', { display_name: 'Robot' });
  const made = await server.call('auth-tokens.create', {
    act_as: other.service_account.id, token_hint: 'e2e',
  });
  const call = (op, body) => fetch(`${server.origin}/${op}`, {
    method: 'POST', headers: { authorization: made.access_token, 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  const before = (await work('ISS-3')).title;
  assert.equal((await call('works.update', { id: 'ISS-3', title: 'Darker colours' })).status, 200);
  await until('the row has the new title', async () => (await opened.locator('.row', { hasText: 'Darker colours' }).count()) === 1);
  assert.equal((await call('works.create', { type: 'issue', title: 'A new one', applies_to_part: 'PROD-1', owned_by: ['DEVU-1'] })).status, 201);
  await opened.waitForSelector('.btn.fresh');
  assert.equal(await opened.locator('.row', { hasText: 'A new one' }).count(), 0);
  await keys(opened, '.');
  await until('it is shown', async () => (await opened.locator('.row', { hasText: 'A new one' }).count()) === 1);
  assert.match(await text(opened, '.foot .last'), /by Robot/);
  await server.call('works.update', { id: 'ISS-3', title: before });
}));

test('is saved as a view, which is found in the rail', () => at('/works?kind=ticket&urgency=low&sort=created&group=none', {}, async (opened) => {
  await ready(opened);
  await opened.getByRole('button', { name: 'Save view' }).press('Enter');
  await opened.waitForSelector('.sheet input');
  await opened.keyboard.type('Low tickets');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.rail a:has-text("Low tickets")', { state: 'attached' });
  assert.match(await text(opened, '.head h1'), /Low tickets/);
  const { vistas } = await server.call('vistas.list', { type: ['dynamic'] });
  const made = vistas.find((vista) => vista.name === 'Low tickets');
  const { count } = await server.call('works.count', { vista: made.id });
  assert.equal(count, await opened.locator('.rows .row:not(.blank)').count());
  await keys(opened, 'Control+k');
  await opened.keyboard.type('delete this saved');
  await keys(opened, 'Enter');
  await until('it is gone', async () => (await opened.locator('.rail a:has-text("Low tickets")').count()) === 0);
}));

/** A finger that goes along points, and waits before it is lifted. */
async function finger(opened, points, wait = 0) {
  const session = await opened.context().newCDPSession(opened);
  const touch = (type, touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
  const [first, ...rest] = points;
  await touch('touchStart', [first]);
  for (const point of rest) await touch('touchMove', [point]);
  if (wait) await opened.waitForTimeout(wait);
  return async () => { await touch('touchEnd', []); await session.detach(); };
}

test('on a phone, a row is drawn aside, or held', () => at('/works', { size: SIZES.phone }, async (opened) => {
  await ready(opened);
  const row = opened.locator('.rows .row:not(.blank)').nth(2);
  const id = await row.locator('.id').innerText();
  const { x, y, height } = await row.boundingBox();
  const point = (dx, dy = 0) => ({ x: x + 180 + dx, y: y + height / 2 + dy });
  let lift = await finger(opened, [point(0), point(30), point(60), point(95)]);
  await picture(opened, 'states/list-drawn');
  await lift();
  await opened.waitForSelector(`.pal .for:has-text("${id}")`);
  await opened.waitForSelector('.pal input[placeholder^="Move"], .pal input[placeholder*="tage"]');
  await keys(opened, 'Escape');
  lift = await finger(opened, [point(0), point(-40), point(-95)]);
  await lift();
  await opened.waitForSelector(`.pal .for:has-text("${id}")`);
  await opened.waitForSelector('.pal .it:has-text("Priya Raman")');
  await keys(opened, 'Escape');
  // Not far enough, and along the list: nothing.
  for (const points of [[point(0), point(20), point(50)], [point(0), point(4, 30), point(8, 90)]]) {
    lift = await finger(opened, points);
    await lift();
    await settled(opened);
    assert.equal(await opened.locator('.pal').count(), 0);
    assert.ok(!opened.url().includes('open='));
  }
  await opened.locator('.rows').evaluate((rows) => { rows.scrollTop = 0; });
  lift = await finger(opened, [point(0)], 600);
  await opened.waitForSelector('.selbar');
  await lift();
  await opened.locator('.rows .row:not(.blank)').nth(3).tap();
  assert.match(await text(opened, '.selbar b'), /2 selected/);
  await picture(opened, 'states/list-selected-phone');
  await sound(opened);
  await opened.getByRole('button', { name: 'Clear' }).tap();
  await opened.locator('.rows .row:not(.blank)').nth(3).tap();
  await opened.waitForSelector('.side .ti');
}));

test('on a phone, the views and oneself come from below', () => at('/works', { size: SIZES.phone }, async (opened) => {
  await ready(opened);
  await opened.getByRole('button', { name: 'Me', exact: true }).tap();
  await opened.waitForSelector('.sheet.places');
  await settled(opened);
  await picture(opened, 'states/places-phone');
  await sound(opened, 'light');
  await opened.emulateMedia({ colorScheme: 'dark' });
  await picture(opened, 'states/places-phone-dark');
  await sound(opened, 'dark');
  await opened.locator('.places a', { hasText: 'Support queue' }).tap();
  await opened.waitForSelector('.head h1:has-text("Support queue")');
  assert.equal(await opened.locator('.sheet').count(), 0);
  await opened.getByRole('button', { name: 'Other views' }).tap();
  await opened.locator('.places a[aria-current]', { hasText: 'Support queue' }).waitFor();
  await opened.getByRole('button', { name: 'Close' }).tap();
  await opened.getByRole('button', { name: 'Search works' }).tap();
  await opened.waitForSelector('.pal input[placeholder=Search]');
}));
