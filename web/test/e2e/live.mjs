// Two people at once, and two tabs of one: what one changes the other sees, and nothing moves under the hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { another, at, browser, keys, page, server, signIn, stage, text, until, work } from './harness.mjs';

stage();

const LIST = '/works?kind=issue&group=none&sort=created';
const rows = (opened) => opened.waitForSelector('.rows .row:not(.blank)');
const live = (opened) => opened.waitForSelector('.live:not(.off)', { state: 'attached' });

test('what one changes by keys the other sees, with the cursor where it was', () => at(LIST, {}, async (mine) => {
  const { token } = await another();
  const theirs = await page(browser);
  await signIn(theirs.page, { origin: server.origin, token });
  await theirs.page.goto(`${server.origin}/ISS-3`);
  await theirs.page.waitForSelector('h1.ti');
  await rows(mine);
  await live(mine);
  await keys(mine, 'j', 'j');
  const id = await text(mine, '.row.cursor .id');

  const before = (await work('ISS-3')).title;
  await keys(theirs.page, 'Shift+E');
  await theirs.page.keyboard.type('Darker colours for the night');
  await keys(theirs.page, 'Enter');
  await mine.waitForSelector('.row:has-text("Darker colours for the night")');
  assert.match(await text(mine, '.foot .last'), /ISS-3 changed by Jonas/);
  await keys(theirs.page, 'p');
  await theirs.page.keyboard.type('P0');
  await keys(theirs.page, 'Enter');
  await mine.waitForSelector('.row:has-text("Darker colours") .urg:has-text("P0")');
  assert.equal(await text(mine, '.row.cursor .id'), id);

  // And the other way round.
  await server.call('timeline-entries.create', { type: 'timeline_comment', object: 'ISS-3', body: 'Seen from the bridge' });
  await theirs.page.waitForSelector('.say:has-text("Seen from the bridge")');
  assert.deepEqual(theirs.faults, []);
  await theirs.context.close();
  await server.call('works.update', { id: 'ISS-3', title: before });
}));

test('new works are counted until they are asked for, deleted ones are struck', () => at(LIST, {}, async (opened) => {
  const { call } = await another();
  const make = (title) => call('works.create', { type: 'issue', title, applies_to_part: 'PROD-1', owned_by: ['DEVU-1'] });
  await rows(opened);
  await live(opened);
  await keys(opened, 'j');
  const [first, count] = [await text(opened, '.row.cursor .id'), await text(opened, '.head .n')];
  const { work: made } = await make('The first of two');
  await make('The second of two');
  await opened.waitForSelector('.btn.fresh:has-text("2 new")');
  assert.equal(await opened.locator('.row:has-text("of two")').count(), 0);
  await keys(opened, '.');
  await opened.waitForSelector('.row:has-text("The second of two")');
  assert.equal(await text(opened, '.row.cursor .id'), first);
  assert.equal(Number(await text(opened, '.head .n')), Number(count) + 2);
  await call('works.delete', { id: made.id });
  await opened.waitForSelector('.row.gone:has-text("The first of two")');
  assert.equal(await text(opened, '.row.cursor .id'), first);
}));

test('a work that comes to somebody is counted, even if it was never shown', () => at('/works?kind=issue&owner=me&group=none', {}, async (opened) => {
  const { call } = await another();
  await rows(opened);
  await live(opened);
  const { work: made } = await call('works.create', { type: 'issue', title: 'Not yet yours', applies_to_part: 'PROD-1', owned_by: ['DEVU-3'] });
  await call('works.update', { id: made.id, owned_by: { set: ['DEVU-1'] } });
  await opened.waitForSelector('.btn.fresh:has-text("1 new")');
}));

test('two tabs share one stream, and the other goes on when one is closed', () => at(LIST, {}, async (first, { context }) => {
  await rows(first);
  await live(first);
  const second = await page(browser, { context });
  let streams = 0;
  second.page.on('request', (request) => { if (request.url().endsWith('/events.stream')) streams += 1; });
  await second.page.goto(server.origin + LIST);
  await rows(second.page);
  await live(second.page);
  assert.equal(streams, 0);
  const { call } = await another();
  await call('works.update', { id: 'ISS-4', title: 'Told through the first tab' });
  await second.page.waitForSelector('.row:has-text("Told through the first tab")');
  await first.close();
  // Also what happens before the second tab reads by itself.
  await call('works.update', { id: 'ISS-4', title: 'Told to the second tab' });
  await second.page.waitForSelector('.row:has-text("Told to the second tab")');
  await until('the second tab reads', () => streams === 1);
  assert.deepEqual(second.faults, []);
}));
