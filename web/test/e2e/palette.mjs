// The palette, the sheet of keys and new works, by keys alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, idOf, inspect, keys, looks, picture, server, sound, stage, text, until, work } from './harness.mjs';

stage();

// Before the tests below change the org.
looks('palette', '/works', '.rows .row:not(.blank)', async (opened) => {
  await keys(opened, 'j', 'x', 'j', 'x', 'Control+k');
  await opened.waitForSelector('.pal');
  await opened.keyboard.type('assign pr');
});

const ready = (opened) => opened.waitForSelector('.rows .row:not(.blank)');

test('does what is typed', () => at('/works?kind=issue', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'j', 'Control+k');
  const id = await text(opened, '.row.cursor .id');
  await opened.waitForSelector('.pal');
  await opened.keyboard.type('assign to lena');
  await opened.waitForSelector('.pal .it[data-highlighted]:has-text("Assign to Lena")');
  await keys(opened, 'Enter');
  await until('she has it', async () => (await work(id)).owned_by.map((user) => user.display_name).join() === 'Lena Fischer');
  await keys(opened, 'Control+k');
  const silent = await idOf('Three buoys went silent on Sunday');
  await opened.keyboard.type(silent);
  await opened.waitForSelector('.pal .it:has-text("Three buoys")');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.doc');
  assert.ok(opened.url().endsWith(`/${silent}`));
  await keys(opened, '?');
  await opened.waitForSelector('.sheet.keys');
  assert.deepEqual(await inspect(opened), []);
  await picture(opened, 'keys-light');
}));

test('finds works by words of theirs and of their comments, and marks what was hit', () => at('/works', {}, async (opened) => {
  await ready(opened);
  await keys(opened, '/');
  await opened.waitForSelector('.pal input[placeholder=Search]');
  await opened.keyboard.type('turbine berth');
  const found = opened.locator('.pal .it', { hasText: 'Gateway gives up' });
  await found.waitFor();
  assert.deepEqual(await found.locator('mark').allInnerTexts(), ['turbine', 'berth']);
  assert.match(await found.locator('small').innerText(), /^Jonas Okafor: The third beacon/);
  await picture(opened, 'search-light');
  await sound(opened);
  await keys(opened, 'Enter');
  await opened.waitForSelector('h1.ti:has-text("Gateway gives up")');
  await keys(opened, '/');
  await opened.keyboard.type('reference buoy');
  const body = opened.locator('.pal .it:has-text("ISS-1 ") mark');
  await body.first().waitFor();
  assert.deepEqual(new Set((await body.allInnerTexts()).join(' ').split(' ')), new Set(['reference', 'buoy']));
  await keys(opened, 'Escape', '/');
  await opened.keyboard.type(await idOf('Three buoys went silent on Sunday'));
  await opened.waitForSelector('.pal .it:has-text("Three buoys went silent")');
}));

test('Tab tells what else can be done with what is found', () => at('/works', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'j', 'Control+k');
  const silent = await idOf('Three buoys went silent on Sunday');
  await opened.keyboard.type(silent);
  await opened.waitForSelector('.pal .it[data-highlighted]:has-text("Three buoys")');
  assert.match(await text(opened, '.pal .ft'), /Tab\s*more for this/);
  await keys(opened, 'Tab');
  await opened.waitForSelector(`.pal .for:has-text("${silent}")`);
  await opened.waitForSelector('.pal .it:has-text("Change stage")');
  await picture(opened, 'states/palette-more');
  await sound(opened);
  // Escape goes back to what was typed.
  await keys(opened, 'Escape');
  await opened.waitForSelector('.pal .it[data-highlighted]:has-text("Three buoys")');
  assert.equal(await opened.inputValue('.pal input'), silent);
  await keys(opened, 'Tab');
  await opened.waitForSelector('.pal .it:has-text("Change urgency")');
  await opened.keyboard.type('urgency');
  await keys(opened, 'Enter');
  await opened.waitForSelector(`.pal .for:has-text("${silent}")`);
  await opened.waitForSelector('.pal .it:has-text("Medium")');
  await opened.keyboard.type('medium');
  await keys(opened, 'Enter');
  // It is about what was found, not about where the cursor is.
  await until('its severity is set', async () => (await work(silent)).severity === 'medium');
  await keys(opened, 'Control+z', 'Control+k');
  await opened.keyboard.type(silent);
  await opened.waitForSelector('.pal .it[data-highlighted]:has-text("Three buoys")');
  await keys(opened, 'Tab');
  await opened.keyboard.type('beside');
  await keys(opened, 'Enter');
  await until('it is open beside the list', () => opened.url().includes(`open=${silent}`));
  await opened.waitForSelector('.side .ti:has-text("Three buoys")');
}));

test('Tab tells where a person’s work is listed', () => at('/works', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'Control+k');
  await opened.keyboard.type('priya raman’s');
  await opened.waitForSelector('.pal .it[data-highlighted]:has-text("Priya Raman’s work")');
  await keys(opened, 'Tab');
  await opened.waitForSelector('.pal .for:has-text("Priya Raman")');
  await picture(opened, 'states/palette-more-person');
  await opened.keyboard.type('board');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.lanes');
  assert.match(opened.url(), /owner=DEVU-\d+.*layout=board|layout=board.*owner=DEVU-\d+/);
}));

test('a new work is made by keys, and what was written survives a reload', () => at('/works', {}, async (opened) => {
  await ready(opened);
  await keys(opened, 'c');
  await opened.waitForSelector('.sheet.new');
  await opened.keyboard.type('Buoy 7 needs a new battery');
  await opened.waitForTimeout(300);
  await opened.reload();
  await ready(opened);
  await keys(opened, 'c');
  await until('the draft is back', async () => (await opened.inputValue('.sheet.new .title')) === 'Buoy 7 needs a new battery');
  assert.deepEqual(await inspect(opened), []);
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.toast');
  assert.match(await text(opened, '.toast'), /ISS-\d+ was made/);
}));
