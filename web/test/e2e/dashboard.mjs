// The dashboard: its figures are those of the API, and each mark leads to the works behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, picture, server, sound, stage, text, until } from './harness.mjs';

stage();

// Before the tests below change the org.
looks('dashboard', '/', '.panels');

const count = async (body) => (await server.call('works.count', { type: ['issue', 'ticket'], ...body })).count;

test('figures are those of the API, and lead to the works behind them', () => at('/', {}, async (opened) => {
  await opened.waitForSelector('.panels');
  const open = await count({ state: ['open', 'in_progress'] });
  assert.equal(Number(await text(opened, '.fig b')), open);
  await opened.locator('.fig').first().press('Enter');
  await opened.waitForSelector('.rows .row:not(.blank)');
  assert.equal(Number(await text(opened, '.head .n')), open);
  await keys(opened, 'g', 'd');
  const bar = opened.locator('.panel', { hasText: 'Where it stands' }).locator('a').first();
  const [stageName, many] = [(await bar.locator('.l').innerText()).trim(), Number(await bar.locator('.v').innerText())];
  await bar.press('Enter');
  await opened.waitForSelector('.rows .row:not(.blank)');
  assert.equal(Number(await text(opened, '.head .n')), many);
  assert.match(await text(opened, '.group'), new RegExp(stageName));
}));

test('what somebody else does shows after a moment', () => at('/', {}, async (opened) => {
  await opened.waitForSelector('.panels');
  await opened.waitForSelector('.live:not(.off)', { state: 'attached' });
  const before = Number(await text(opened, '.fig b'));
  await server.call('works.create', { type: 'issue', title: 'Counted', applies_to_part: 'PROD-1', owned_by: ['DEVU-1'] });
  await until('one more is open', async () => Number(await text(opened, '.fig b')) === before + 1);
}));

test('menus say which works, parts and weeks it is about, and the address keeps it', () => at('/', {}, async (opened) => {
  await opened.waitForSelector('.panels');
  const figure = async () => Number(await text(opened, '.fig b'));
  const choose = async (menu, item) => {
    await opened.getByRole('button', { name: menu }).press('Enter');
    await opened.waitForSelector('.menu [role=menuitemradio]:focus, .menu:focus');
    await opened.keyboard.type(item);
    await keys(opened, 'Enter');
    await opened.waitForSelector('.menu', { state: 'detached' });
  };
  await choose(/^Works/, 'Tick');
  await until('the address says tickets', () => opened.url().endsWith('/?kind=ticket'));
  const tickets = await count({ type: ['ticket'], state: ['open', 'in_progress'] });
  await until('tickets are counted', async () => await figure() === tickets);
  await opened.getByRole('button', { name: /^Part/ }).press('Enter');
  await opened.waitForSelector('.pal .it');
  await opened.keyboard.type('Tidewater Buoy');
  await keys(opened, 'Enter', 'Control+Enter');
  await until('the address has the part', () => opened.url().endsWith('/?kind=ticket&part=PROD-1..'));
  const { parts } = await server.call('parts.list', { parent_part: { parts: ['PROD-1'] }, limit: 100 });
  const below = await count({ type: ['ticket'], state: ['open', 'in_progress'], applies_to_part: ['PROD-1', ...parts.map(({ id }) => id)] });
  assert.ok(below < tickets);
  await until('what is below the part is counted', async () => await figure() === below);
  await choose(/^Span/, '4');
  await until('the address has the weeks', () => opened.url().endsWith('/?kind=ticket&part=PROD-1..&weeks=4'));
  await until('four weeks are drawn', async () => (await opened.locator('.panel.a table tbody tr').count()) === 4);
  await picture(opened, 'states/dashboard-scope-light');
  await sound(opened, 'a scope');
  await opened.reload();
  await until('it is the same again', async () => await opened.locator('.fig b').count() > 0 && await figure() === below);
  await opened.locator('.fig').first().press('Enter');
  await opened.waitForSelector('.rows .row:not(.blank)');
  assert.equal(Number(await text(opened, '.head .n')), below);
}));

for (const weeks of [26, 52]) {
  test(`${weeks} weeks are drawn side by side`, () => at(`/?weeks=${weeks}`, {}, async (opened) => {
    await opened.waitForSelector('.panels');
    assert.equal(await opened.locator('.panel.a table tbody tr').count(), weeks);
    await picture(opened, `states/dashboard-${weeks}-light`);
  }));
}
