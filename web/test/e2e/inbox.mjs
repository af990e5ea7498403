// The inbox, by keys alone; what others do comes by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, at, keys, looks, picture, server, settled, sound, stage, text, until } from './harness.mjs';

stage(prepare);

let jonas;
const me = () => server.call('dev-users.self', {});
const list = async (states = ['unread', 'read']) => (await server.call('notifications.list', { states, limit: 100 })).notifications;
const of = async (id, states) => (await list(states)).find((each) => each.parent?.display_id === id);
const ready = (opened) => opened.waitForSelector('.inbox .row');
const row = (opened, id) => opened.locator('.inbox .row', { has: opened.locator('.id', { hasText: new RegExp(`^${id}$`) }) });

/** Puts the cursor on the line of a work. */
async function to(opened, id) {
  await keys(opened, 'Home');
  for (let tries = 0; tries < 40; tries++) {
    if ((await opened.locator('.row.cursor .id').innerText()) === id) return;
    await keys(opened, 'j');
  }
  assert.fail(`there is no line of ${id}`);
}

/** What Jonas does before anybody looks. */
async function prepare() {
  const { dev_users: [user] } = await server.call('dev-users.list', { email: ['jonas.okafor@tidewater.example'] });
  jonas = (await server.call('auth-tokens.create', {
    requested_token_type: 'urn:devrev:params:oauth:token-type:pat:act-as', act_as: user.id, token_hint: 'test',
  })).access_token;
  const { dev_user: { id } } = await me();
  await server.call('works.create', { type: 'issue', title: 'Mooring chain rattles in the recording', applies_to_part: 'PROD-1', owned_by: [id] }, jonas);
  await server.call('timeline-entries.create', { type: 'timeline_comment', object: 'ISS-1', body: `**Look** at this, <${id}>: the table is off.`, visibility: 'internal' }, jonas);
  await server.call('works.update', { id: 'ISS-2', owned_by: [id] }, jonas);
  await server.call('works.update', { id: 'TKT-1', owned_by: [id] }, jonas);
  await server.call('works.update', { id: 'ISS-2', priority: 'p1', target_close_date: '2031-01-01T00:00:00Z' }, jonas);
  await until('it is all told', async () => await of('ISS-1') && await of('TKT-1') && (await of('ISS-2'))?.total_events >= 2);
}

looks('inbox', '/inbox', '.inbox .row');
looks('states/inbox-settings', '/inbox/settings', '.told tbody tr');

test('says who did what, in one line for each work', () => at('/works', {}, async (opened) => {
  await opened.waitForSelector('.rows .row');
  await keys(opened, 'g', 'i');
  await ready(opened);
  assert.match(await row(opened, 'ISS-1').innerText(), /Jonas mentioned you: Look at this, @Mei Tanaka: the table is off\./);
  assert.match(await row(opened, 'TKT-1').innerText(), /Jonas gave it to you/);
  assert.equal(await row(opened, 'ISS-2').count(), 1);
  const rail = opened.locator('.rail a[href="/inbox"] b');
  assert.equal(await rail.innerText(), String((await list(['unread'])).length));
}));

test('done, undone, later, unread by a key', () => at('/inbox', {}, async (opened) => {
  await ready(opened);
  await to(opened, 'TKT-1');
  const next = await opened.locator('.row.cursor + .row .id').innerText().catch(() => undefined);
  await keys(opened, 'e');
  await until('it is done', async () => await of('TKT-1', ['done']));
  assert.equal(await row(opened, 'TKT-1').count(), 0);
  if (next) assert.equal(await text(opened, '.row.cursor .id'), next);
  await keys(opened, 'Control+z');
  await until('it is back', async () => (await of('TKT-1'))?.state === 'unread');
  await row(opened, 'TKT-1').waitFor();

  await to(opened, 'TKT-1');
  await keys(opened, 'u');
  await until('it is read', async () => (await of('TKT-1'))?.state === 'read');
  await keys(opened, 'u');
  await until('it is unread', async () => (await of('TKT-1'))?.state === 'unread');

  await to(opened, 'TKT-1');
  await keys(opened, 'h');
  await opened.waitForSelector('.pal');
  await picture(opened, 'states/inbox-later');
  await opened.keyboard.type('hour');
  await keys(opened, 'Enter');
  await until('it is put off', async () => {
    const put = await of('TKT-1', ['later']);
    return put && Math.abs(Date.parse(put.remind_at) - Date.now() - 3_600_000) < 60_000;
  });
  await opened.goto(`${server.origin}/inbox/later`);
  await row(opened, 'TKT-1').waitFor();
  await to(opened, 'TKT-1');
  await keys(opened, 'u');
  await until('it is back', async () => (await of('TKT-1'))?.state === 'unread');
}));

test('opening it is reading it', () => at('/inbox', {}, async (opened) => {
  await ready(opened);
  await to(opened, 'ISS-1');
  await keys(opened, 'Enter');
  await opened.waitForURL(/\/ISS-1$/);
  await opened.waitForSelector('.doc');
  await until('it is read', async () => (await of('ISS-1')).state === 'read');
}));

test('what comes meanwhile is counted, and moves nothing until it is asked for', () => at('/inbox', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'j');
  const order = () => opened.locator('.inbox .row .id').allInnerTexts();
  const before = await order();
  const { dev_user: { id } } = await me();
  await server.call('works.create', { type: 'task', title: 'Bring the cable', applies_to_part: 'PROD-1', owned_by: [id] }, jonas);
  await opened.getByRole('button', { name: '1 new' }).waitFor();
  assert.deepEqual(await order(), before);
  await keys(opened, '.');
  await until('it is shown', async () => (await order()).length === before.length + 1);
}));

test('says what to be told of', () => at('/inbox/settings', {}, async (opened) => {
  await opened.waitForSelector('.told tbody tr');
  const wishes = async () => (await server.call('preferences.get', {})).preferences.notification_preferences;
  await opened.getByRole('radio', { name: 'Something changes: Inbox and mail' }).focus();
  await keys(opened, 'ArrowLeft');
  await until('changes come to the inbox alone', async () => (await wishes()).update === 'inbox');
  await opened.getByRole('checkbox', { name: 'Send mail at all' }).focus();
  await keys(opened, 'Space');
  await until('there is no mail', async () => (await wishes()).email === false);
  await server.call('preferences.update', { notification_preferences: { update: 'email', email: true } });
}));

test('what is refused goes back, with the reason', () => at('/inbox', { allow: ['403'] }, async (opened) => {
  await ready(opened);
  await opened.route('**/notifications.update', (route) => route.fulfill({
    status: 403, contentType: 'application/json', body: JSON.stringify({ type: 'forbidden', message: 'no' }),
  }));
  const id = await text(opened, '.row.cursor .id');
  await keys(opened, 'e');
  await opened.waitForSelector('.toast');
  assert.match(await text(opened, '.toast'), /may read this, but not change/);
  await row(opened, id).waitFor();
  await picture(opened, 'states/inbox-refused');
}));

test('an inbox that fails says why, and is asked for again', () => at('/works', { allow: ['400'] }, async (opened) => {
  await opened.waitForSelector('.rows .row');
  let isBroken = true;
  await opened.route('**/notifications.list', (route) => (isBroken
    ? route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ type: 'bad_request', message: 'not today' }) })
    : route.fallback()));
  await keys(opened, 'g', 'i');
  await opened.getByRole('button', { name: 'Try again' }).waitFor();
  assert.match(await text(opened, '.failed'), /Not today\./);
  await picture(opened, 'states/inbox-failed');
  await sound(opened, 'failed');
  isBroken = false;
  await opened.getByRole('button', { name: 'Try again' }).press('Enter');
  await ready(opened);
}));

test('many lines, and none', () => at('/inbox', {}, async (opened) => {
  const { dev_user: { id } } = await me();
  const titles = ['مقياس الموج يعرض القيمة مرتين', `${'A long title that has to be cut somewhere '.repeat(5)}`.slice(0, 250), '🌊🌊🌊'];
  for (let n = 0; n < 40; n++) {
    await server.call('works.create', { type: 'issue', title: `${titles[n % 3]} ${n}`.slice(0, 256), applies_to_part: 'PROD-1', owned_by: [id] }, jonas);
  }
  await until('it is all told', async () => (await list(['unread'])).length >= 40);
  await opened.reload();
  await ready(opened);
  await settled(opened);
  await picture(opened, 'states/inbox-crowded');
  await sound(opened, 'crowded');
  await opened.emulateMedia({ colorScheme: 'dark' });
  await picture(opened, 'states/inbox-crowded-dark');
  await sound(opened, 'crowded, in dark');
  await opened.emulateMedia({ colorScheme: 'light' });
  await opened.setViewportSize(SIZES.phone);
  await picture(opened, 'states/inbox-crowded-phone');
  await sound(opened, 'crowded, on a phone');
  await opened.setViewportSize(SIZES.desk);
  await keys(opened, 'Shift+E');
  await opened.waitForSelector('.empty');
  assert.match(await text(opened, '.empty h2'), /Nothing waits for you/);
  await until('all is done', async () => (await list()).length === 0);
  await picture(opened, 'states/inbox-empty');
  await sound(opened, 'empty');
}));
