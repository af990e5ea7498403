// The list, by keys alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, server, stage, text, until, work } from './harness.mjs';

stage();

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

looks('list', '/works', '.rows .row:not(.blank)', ['j', 'j', 'j', 'j', 'j', 'j']);
