// The dashboard: its figures are those of the API, and each mark leads to the works behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, server, stage, text, until } from './harness.mjs';

stage();

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

looks('dashboard', '/', '.panels');
