// A list that is longer than what is fetched of it, over a network that takes its time, by keys alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, picture, server, settled, sound, stage, text, until } from './harness.mjs';

const COUNT = 320;
const SLOW_MS = 250;
const PATH = '/works?kind=task&state=&stage=open,in_development&sort=created';
/** The tasks that are open, and those in development, in the order of the list. */
const order = { first: [], second: [] };

stage(async (call) => {
  const made = Array.from({ length: COUNT }, (_, n) => n);
  for (let n = 0; n < COUNT; n += 8) {
    await Promise.all(made.slice(n, n + 8).map((each) => call('works.create', { type: 'task', title: `Check buoy ${each + 1}`, applies_to_part: 'PROD-1', owned_by: ['DEVU-1'] })));
  }
  for (const { id } of (await call('works.list', { type: ['task'], limit: 3 })).works) await call('works.update', { id, type: 'task', stage: { name: 'in_development' } });
  const list = async (name) => {
    const ids = [];
    for (let cursor; ;) {
      const { works, next_cursor: next } = await call('works.list', { type: ['task'], stage: { name: [name] }, sort_by: ['created_date:desc'], limit: 100, ...(cursor ? { cursor } : {}) });
      ids.push(...works.map((work) => work.display_id));
      if (!next) return ids;
      cursor = next;
    }
  };
  order.first = await list('open');
  order.second = await list('in_development');
  assert.ok(order.first.length > COUNT - 20, `${order.first.length}`);
});

const open = (act) => at(PATH, {}, async (opened) => {
  await opened.waitForSelector('.rows .row:not(.blank)');
  await settled(opened);
  await opened.route('**/works.list', async (route) => {
    await new Promise((done) => { setTimeout(done, SLOW_MS); });
    await route.continue();
  });
  await act(opened);
});
const here = (opened) => text(opened, '.row.cursor .id');
const place = async (opened) => order.first.indexOf(await here(opened));
/** Whether the row with the cursor can be seen. */
const isSeen = (opened) => opened.evaluate(() => {
  const [row, rows] = [document.querySelector('.row.cursor'), document.querySelector('.rows')].map((each) => each.getBoundingClientRect());
  return row.top >= rows.top - 1 && row.bottom <= rows.bottom + 1;
});

test('a page down goes on once the rows are there', () => open(async (opened) => {
  await keys(opened, 'j');
  assert.equal(await place(opened), 0);
  await keys(opened, 'PageDown');
  const page = await place(opened);
  assert.ok(page > 10);
  // Ahead of what is there: the cursor waits at its last row, and then goes on by itself.
  await keys(opened, ...Array(8).fill('PageDown'));
  await until('it goes on beyond the first fifty', async () => (await place(opened)) > 60);
  await until('it can be seen', () => isSeen(opened));
  for (let before = -1; before !== await place(opened);) {
    before = await place(opened);
    assert.ok(before >= 0);
    if (before + page >= order.first.length) break;
    await keys(opened, 'PageDown');
    await until('it is a page further', async () => (await place(opened)) >= before + page);
  }
  assert.ok(await isSeen(opened));
}));

test('a step at the last row that is there waits for the next one', () => open(async (opened) => {
  await keys(opened, 'j', ...Array(5).fill('PageDown'));
  const from = await place(opened);
  for (let n = 0; n < 60; n++) await keys(opened, 'j');
  // It does not run ahead of the rows by more than a page, however often the key comes.
  await until('it goes on by itself', async () => (await place(opened)) > from + 12);
  await settled(opened);
  const now = await place(opened);
  // Where it began, a page may have been on its way, too.
  assert.ok(now <= from + 60 + 25, `${from} to ${now}`);
  await keys(opened, 'j');
  await until('it is the next', async () => (await place(opened)) === now + 1);
}));

test('the end is the end of all, and from there it goes up', () => open(async (opened) => {
  await keys(opened, 'End');
  await until('it is the last work', async () => (await here(opened)) === order.second.at(-1));
  assert.ok(await isSeen(opened));
  // From the first row of the group by one step to the last one of the group above, of which only the beginning is there.
  await keys(opened, ...order.second.map(() => 'k'));
  await until('it is at the end of the group above', async () => (await place(opened)) === order.first.length - 1);
}));

test('a group that is long ends at its last work, and is filled from below', () => at('/works?kind=task&state=&stage=open&sort=created', {}, async (opened) => {
  await opened.waitForSelector('.rows .row:not(.blank)');
  await settled(opened);
  const fetched = [];
  opened.on('request', (request) => { if (request.url().endsWith('/works.list')) fetched.push(request.postDataJSON()); });
  await keys(opened, 'End');
  await until('it is the last', async () => (await place(opened)) === order.first.length - 1);
  assert.deepEqual(fetched.map(({ mode }) => mode), ['before']);
  await settled(opened);
  await picture(opened, 'states/list-end');
  await sound(opened);
  let last = order.first.length - 1;
  for (let n = 0; last > 0 && n < 40; n++) {
    await keys(opened, 'PageUp');
    await until('it is further up', async () => { const now = await place(opened); return now >= 0 && now < last; });
    const now = await place(opened);
    // Not more than a page at once: nothing was left out.
    assert.ok(last - now < 40, `${last} to ${now}`);
    await until('it can be seen', () => isSeen(opened));
    last = now;
  }
  assert.equal(last, 0);
}));
