// The board, by keys and by dragging.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, at, keys, looks, picture, sound, stage, text, until, work } from './harness.mjs';

stage();

// Before the tests below change the org.
looks('board', '/works?kind=issue&layout=board', '.card', ['j', 'l']);

test('moves cards by keys and by dragging', () => at('/works?kind=issue&layout=board', {}, async (opened) => {
  await opened.waitForSelector('.card');
  await keys(opened, 'j');
  const id = await text(opened, '.card.cursor .cf > span');
  const before = (await work(id)).stage.name;
  await keys(opened, 'Shift+L');
  await until('the card is in another stage', async () => (await work(id)).stage.name !== before);
  const moved = (await work(id)).stage.name;
  await keys(opened, 'Space', 'l', 'Enter');
  await until('the lifted card is in the next stage', async () => (await work(id)).stage.name !== moved);
  await keys(opened, 'Space', 'l', 'Escape');
  assert.equal(await opened.locator('.card.gone').count(), 0);
  await until('nothing is on its way', async () => (await opened.locator('.card .saving').count()) === 0);
  const card = opened.locator('.card', { hasText: 'Calibration forgets' });
  const lane = opened.locator('section.lane[aria-label^="In Review"]');
  const dragged = await card.locator('.cf > span').first().textContent();
  const [from, to] = [await card.boundingBox(), await lane.boundingBox()];
  await opened.mouse.move(from.x + 20, from.y + 20);
  await opened.mouse.down();
  await opened.mouse.move(from.x + 40, from.y + 30, { steps: 4 });
  await opened.mouse.move(to.x + 60, to.y + 120, { steps: 8 });
  await picture(opened, 'board-drag-light');
  await opened.mouse.up();
  await until('the card was dropped', async () => (await work(dragged)).stage.name === 'in_review');
  assert.equal(await card.count(), 1);
}));

test('on a phone, a card is moved by its menu', () => at('/works?kind=issue&layout=board', { size: SIZES.phone }, async (opened) => {
  const card = opened.locator('.card').first();
  await card.waitFor();
  // While a card is measured, it is there but has no visible text.
  const id = await card.locator('.cf > span').first().textContent();
  const before = (await work(id)).stage.name;
  await opened.getByRole('button', { name: `Move ${id}` }).tap();
  await opened.waitForSelector(`.pal .for:has-text("${id}")`);
  await opened.waitForSelector('.pal .it');
  await sound(opened);
  await opened.locator('.pal .it:not([data-disabled])').nth(1).tap();
  await until('it is in another stage', async () => (await work(id)).stage.name !== before);
}));
