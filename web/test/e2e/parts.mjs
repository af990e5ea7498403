// The tree of parts, by keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, server, stage, text, until } from './harness.mjs';

stage();

const parentOf = async (id) => (await server.call('links.list', { object: id, direction: 'is_source', link_type: ['is_part_of'] })).links[0]?.target.display_id;
const ready = (opened) => opened.waitForSelector('[role=treeitem]');
/** Goes down until a row has the cursor. */
const down = (opened, row) => until('the cursor is on it', async () => {
  if (await row.getAttribute('aria-selected') === 'true') return true;
  await keys(opened, 'j');
  return false;
});

looks('parts', '/parts', '[role=treeitem]', ['j']);

test('the tree is walked, folded and opened by keys', () => at('/parts', {}, async (opened) => {
  await ready(opened);
  const rows = () => opened.locator('[role=treeitem]').count();
  const all = await rows();
  await keys(opened, 'Home', 'ArrowLeft');
  await until('it is folded', async () => await rows() < all);
  assert.equal(await opened.locator('[role=treeitem]').first().getAttribute('aria-expanded'), 'false');
  await keys(opened, 'l');
  await until('it is unfolded', async () => await rows() === all);
  await keys(opened, 'l', 'Enter');
  await opened.waitForURL(/\/works\?.*part=/);
}));

test('a part is made in another one, moved by a key, and by dragging', () => at('/parts', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'Home', 'n');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('Mooring');
  await keys(opened, 'Control+Enter');
  const find = async () => (await server.call('parts.list', { name: ['Mooring'] })).parts[0];
  await until('it is made', async () => await find());
  const made = await find();
  const first = await parentOf(made.display_id);
  const row = opened.locator(`[data-key="${made.id}"]`);
  await row.waitFor();
  await down(opened, row);
  await keys(opened, 'm');
  await opened.waitForSelector('.pal');
  await keys(opened, 'Enter');
  await until('it belongs to another one', async () => await parentOf(made.display_id) !== first);
  const home = opened.locator('[role=treeitem]', { hasText: first });
  await until('it is drawn there', async () => await opened.locator('.pal').count() === 0 && await row.isVisible());
  const [from, to] = [await row.boundingBox(), await home.boundingBox()];
  await opened.mouse.move(from.x + 120, from.y + 18);
  await opened.mouse.down();
  await opened.mouse.move(from.x + 130, from.y + 10, { steps: 3 });
  await opened.mouse.move(to.x + 120, to.y + 18, { steps: 8 });
  await opened.waitForSelector('.row.over');
  await opened.mouse.up();
  await until('it is back', async () => await parentOf(made.display_id) === first);
}));

test('what is open in a part is open in all above it', () => at('/parts', {}, async (opened) => {
  await ready(opened);
  // A feature that is shown, and the product above it.
  const [feature, product] = await opened.evaluate(() => {
    const rows = [...document.querySelectorAll('[role=treeitem]')];
    const at = rows.findIndex((row) => row.dataset.key.includes(':feature/'));
    const above = rows.slice(0, at).findLast((row) => row.ariaLevel === '1');
    return [rows[at].dataset.key, above.dataset.key];
  });
  const count = async (key) => Number(await opened.locator(`[data-key="${key}"] .r a`).first().innerText());
  const [inFeature, inProduct] = [await count(feature), await count(product)];
  const { dev_user: user } = await server.call('dev-users.self', {});
  await server.call('works.create', { type: 'issue', title: 'Waves are too high', applies_to_part: feature, owned_by: [user.id] });
  await until('it is counted', async () => await count(feature) === inFeature + 1);
  assert.equal(await count(product), inProduct + 1);
}));
