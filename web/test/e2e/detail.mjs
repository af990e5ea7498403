// A work, beside the list and on its page, by keys alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, inspect, keys, looks, picture, server, stage, text, until, work } from './harness.mjs';

stage();

test('is edited and answered by keys', () => at('/TKT-1', {}, async (opened) => {
  await opened.waitForSelector('.talk .say');
  await keys(opened, 'Shift+E');
  await opened.keyboard.type('Readings at buoy 4 are far too high');
  await keys(opened, 'Enter');
  await until('the title is saved', async () => (await work('TKT-1')).title === 'Readings at buoy 4 are far too high');
  await keys(opened, 'e');
  await opened.waitForSelector('.editor textarea');
  await keys(opened, 'Control+End');
  await opened.keyboard.type('\n\nSee ISS-2 and <b>this</b>.');
  await keys(opened, 'Control+Enter');
  await until('the text is saved', async () => (await work('TKT-1')).body.endsWith('<b>this</b>.'));
  assert.match(await text(opened, '.md'), /See ISS-2 and <b>this<\/b>\./);
  assert.equal(await opened.locator('.md a.ref[href="/ISS-2"]').count(), 1);
  await keys(opened, 'Shift+R');
  await opened.keyboard.type('Only for us');
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.say.internal:has-text("Only for us")');
  const { timeline_entries: entries } = await server.call('timeline-entries.list', { object: 'TKT-1' });
  assert.deepEqual([entries.at(-1).body, entries.at(-1).visibility], ['Only for us', 'internal']);
  await keys(opened, 'Escape', 'p');
  await opened.keyboard.type('low');
  await keys(opened, 'Enter');
  await until('the severity is saved', async () => (await work('TKT-1')).severity === 'low');
  await keys(opened, 'd');
  await opened.keyboard.type('2030-01-02');
  await keys(opened, 'Enter');
  await until('the date is saved', async () => (await work('TKT-1')).target_close_date.startsWith('2030-01-02'));
}));

test('entries are gone through and answered with a thumb by keys', () => at('/ISS-2', {}, async (opened) => {
  await opened.waitForSelector('.talk .say');
  await keys(opened, 'Alt+ArrowDown', '+');
  await opened.waitForSelector('.say .mine:has-text("1")');
  await keys(opened, '+');
  await opened.waitForSelector('.say .mine', { state: 'detached' });
}));

test('fields of the org are set where they are shown', async () => {
  await server.call('schemas.custom.set', {
    type: 'tenant_fragment', leaf_type: 'issue', description: 'Fields of every issue',
    fields: [
      { name: 'hull', field_type: 'tokens', ui: { display_name: 'Hull' } }, { name: 'berth', field_type: 'enum', allowed_values: ['North', 'South'] },
      { name: 'draught', field_type: 'double' }, { name: 'afloat', field_type: 'bool' }, { name: 'launch', field_type: 'date' },
    ],
  });
  await at('/ISS-5', {}, async (opened) => {
    for (const [name, typed, value] of [
      ['hull', 'TW-0412', 'TW-0412'], ['berth', 'south', 'South'], ['draught', '2,5', 2.5], ['afloat', 'yes', true], ['launch', '2027-03-04', '2027-03-04'],
    ]) {
      await opened.locator(`[data-field="custom_fields.tnt__${name}"] .value`).press('Enter');
      await opened.waitForSelector('.pal input');
      await opened.keyboard.type(typed);
      await keys(opened, 'Enter');
      await until(`${name} is saved`, async () => (await work('ISS-5')).custom_fields?.[`tnt__${name}`] === value);
    }
    assert.match(await text(opened, '.props dl'), /TW-0412[^]*South[^]*2\.5[^]*Yes[^]*4 Mar 2027/);
  });
});

test('gets files with a reply', () => at('/TKT-2', {}, async (opened) => {
  await opened.waitForSelector('.write');
  await opened.setInputFiles('.write input[type=file]', { name: 'log.txt', mimeType: 'text/plain', buffer: Buffer.from('18:00 silence') });
  await opened.waitForSelector('.attachments small:has-text("13 B")');
  await keys(opened, 'r');
  await opened.keyboard.type('The log of Sunday');
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.say .attach:has-text("log.txt")');
  const { timeline_entries: entries } = await server.call('timeline-entries.list', { object: 'TKT-2' });
  assert.deepEqual([entries.at(-1).visibility, entries.at(-1).artifacts.map(({ file }) => file.name)], ['external', ['log.txt']]);
}));

test('two versions of a text are shown, and both can be kept', () => at('/ISS-1', { allow: ['412'] }, async (opened) => {
  await opened.waitForSelector('.md ol');
  await keys(opened, 'e');
  await opened.waitForSelector('.editor textarea');
  const before = (await work('ISS-1')).body;
  const mine = before.replace('reference buoy for', 'reference buoy at the pier for');
  await opened.fill('.editor textarea', mine);
  await server.call('works.update', { id: 'ISS-1', body: before.replace('for a day', 'for two days') });
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.both');
  assert.deepEqual(await inspect(opened), []);
  await picture(opened, 'conflict-light');
  await opened.getByRole('button', { name: 'Save both' }).press('Enter');
  await until('both are saved', async () => (await work('ISS-1')).body.includes('at the pier for two days'));
  assert.equal(await opened.locator('.both').count(), 0);
}));

test('what the diagram refuses goes back, and the reason says where it may go', async () => {
  const { stage_diagram: diagram } = await server.call('stage-diagrams.get', { leaf_type: 'task' });
  const ids = Object.fromEntries(diagram.stages.map(({ stage }) => [stage.name, stage.id]));
  await at('/TASK-1', { allow: ['400'] }, async (opened) => {
    await opened.waitForSelector('.props');
    await keys(opened, 's');
    await opened.waitForSelector('.pal .it');
    // The rule changes while the picker is open, and the page does not hear of it.
    await opened.route('**/stage-diagrams.get', (route) => (route.request().postData().includes('task')
      ? route.fulfill({ json: { stage_diagram: diagram } })
      : route.continue()));
    await server.call('stage-diagrams.update', { id: diagram.id, stages: [
      { stage_id: ids.open, is_start: true, transitions: [{ target_stage_id: ids.in_development }] },
      { stage_id: ids.in_development, transitions: [{ target_stage_id: ids.resolved }] },
      { stage_id: ids.resolved, transitions: [] },
    ] });
    await opened.keyboard.type('resolved');
    await keys(opened, 'Enter');
    await opened.waitForSelector('.refused');
    assert.match(await text(opened, '.refused span'), /Not moved to Resolved\. From Open a task may go to In Development\./);
    assert.match(await text(opened, '[data-field="stage"]'), /Open/);
    await picture(opened, 'refusal-light');
    await opened.getByRole('button', { name: 'In Development' }).press('Enter');
    await until('it is moved', async () => (await work('TASK-1')).stage.name === 'in_development');
  });
});

test('an unknown work is said to be unknown', () => at('/ISS-9999', { allow: ['404'] }, async (opened) => {
  await opened.waitForSelector('.empty');
  assert.match(await text(opened, '.empty h2'), /There is no ISS-9999/);
}));

looks('panel', '/works?open=ISS-1', '.side .talk .say');
looks('detail', '/TKT-1', '.talk .say');
