// A work, beside the list and on its page, by keys alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, another, at, inspect, keys, looks, picture, server, settled, sound, stage, text, until, work } from './harness.mjs';

stage();

// Before the tests below change the org.
looks('panel', '/works?open=ISS-1', '.side .talk .say');
looks('detail', '/TKT-1', '.talk .say');

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

test('fields of the org hold lists, references and long texts, and keep what was refused', async () => {
  await server.call('schemas.custom.set', {
    type: 'tenant_fragment', leaf_type: 'ticket', description: 'Fields of every ticket',
    fields: [
      { name: 'serial', field_type: 'tokens', min_len: 4, ui: { display_name: 'Serial' } },
      { name: 'ports', field_type: 'array', base_type: 'tokens', max_items: 2 }, { name: 'depths', field_type: 'array', base_type: 'double' },
      { name: 'berths', field_type: 'array', base_type: 'enum', allowed_values: ['North', 'South', 'West'] },
      { name: 'helpers', field_type: 'array', base_type: 'id', id_type: ['user'] }, { name: 'seen_on', field_type: 'id', id_type: ['part', 'account'], ui: { display_name: 'Seen on' } },
      { name: 'seen_at', field_type: 'timestamp', ui: { display_name: 'Seen at' } },
      { name: 'cause', field_type: 'rich_text', max_len: 60, ui: { display_name: 'Root cause' } },
    ],
  });
  await server.call('schemas.custom.set', {
    type: 'custom_type_fragment', leaf_type: 'ticket', subtype: 'buoy', subtype_display_name: 'Buoy', description: 'Tickets about buoys', fields: [{ name: 'firmware', field_type: 'tokens' }],
  });
  await server.call('works.update', { id: 'TKT-3', custom_schema_spec: { subtype: 'buoy' } });
  const held = async (name) => (await work('TKT-3')).custom_fields?.[`tnt__${name}`];
  const is = (name, value) => until(`${name} is ${JSON.stringify(value)}`, async () => JSON.stringify(await held(name)) === JSON.stringify(value));
  await at('/TKT-3', { allow: ['400'] }, async (opened) => {
    const field = (name) => opened.locator(`[data-field="custom_fields.tnt__${name}"]`);
    const ask = async (name) => {
      await field(name).locator('.value').press('Enter');
      await opened.waitForSelector('.pal input:focus');
    };
    const add = async (typed) => { await opened.keyboard.type(typed); await keys(opened, 'Enter'); };
    await field('ports').waitFor();
    await ask('ports');
    await add('Harwell');
    await add('Skerry');
    await keys(opened, 'Control+Enter');
    await is('ports', ['Harwell', 'Skerry']);
    await ask('ports');
    await opened.keyboard.type('Harw');
    await keys(opened, 'ArrowDown', 'Enter', 'Control+Enter');
    await is('ports', ['Skerry']);
    await keys(opened, 'Control+z');
    await is('ports', ['Harwell', 'Skerry']);
    // Too many are refused, and still there to be made fewer.
    await ask('ports');
    await opened.keyboard.type('Dover');
    await keys(opened, 'Control+Enter');
    await field('ports').locator('.refused').waitFor();
    assert.match(await field('ports').locator('.refused span').innerText(), /^Ports: has 3 elements, at most 2\.$/);
    assert.equal(await field('ports').locator('.value').innerText().then((all) => all.includes('Dover')), false);
    await picture(opened, 'states/own-field-refused-light');
    await field('ports').getByRole('button', { name: 'Change it' }).press('Enter');
    await opened.waitForSelector('.pal .it:has-text("Dover")');
    await opened.keyboard.type('Skerry');
    await keys(opened, 'Enter', 'Control+Enter');
    await is('ports', ['Harwell', 'Dover']);
    await ask('serial');
    await add('TW');
    await field('serial').locator('.refused').waitFor();
    await ask('serial');
    assert.equal(await opened.inputValue('.pal input'), 'TW');
    await keys(opened, 'End');
    await add('-0412');
    await is('serial', 'TW-0412');
    // A field of the subtype is like the others.
    await opened.locator('[data-field="custom_fields.ctype__firmware"] .value').press('Enter');
    await opened.waitForSelector('.pal input:focus');
    await add('4.2');
    await until('the firmware is saved', async () => (await work('TKT-3')).custom_fields.ctype__firmware === '4.2');
    await ask('depths');
    await add('2,5');
    await opened.keyboard.type('deep');
    assert.equal(await opened.locator('.pal .it:has-text("deep")').count(), 0);
    await keys(opened, 'Control+a', 'Backspace');
    await add('11');
    await keys(opened, 'Control+Enter');
    await is('depths', [2.5, 11]);
    await ask('berths');
    await add('west');
    await keys(opened, 'Control+a');
    await add('north');
    await keys(opened, 'Control+Enter');
    await is('berths', ['West', 'North']);
    await ask('seen_at');
    await add('2027-03-04 07:20');
    await is('seen_at', '2027-03-04T06:20:00.000Z');
    const [priya] = (await server.call('dev-users.list', {})).dev_users.filter(({ display_name: name }) => name.startsWith('Priya'));
    await ask('helpers');
    await opened.keyboard.type('Priy');
    await opened.waitForSelector('.pal .it[data-highlighted]:has-text("Priya")');
    await keys(opened, 'Enter', 'Control+Enter');
    await is('helpers', [priya.id]);
    await ask('seen_on');
    await opened.waitForSelector('.pal .it');
    await opened.keyboard.type('Skerry');
    await opened.waitForSelector('.pal .it[data-highlighted]:has-text("Skerry Wind Farm")');
    await sound(opened, 'a reference that is looked for');
    await keys(opened, 'Enter');
    await until('it refers to a customer', async () => /:account\//.test(await held('seen_on')));
    await until('names are shown', async () => /Priya[^]*Skerry Wind Farm/.test(await text(opened, '.props dl')));
    assert.match(await field('seen_on').getByRole('link', { name: 'Go to Skerry Wind Farm' }).getAttribute('href'), /^\/customers\/ACC-/);
    // A field without a key is found by its name.
    await keys(opened, 'Control+k');
    await opened.keyboard.type('change seen on');
    await keys(opened, 'Enter');
    await opened.waitForSelector('.pal input[placeholder^="Seen on"]');
    await keys(opened, 'Alt+Backspace');
    await until('it refers to nothing', async () => await held('seen_on') === undefined);
    await keys(opened, 'Control+z');
    await until('it refers again', async () => await held('seen_on') !== undefined);
    // Long texts are written in place, and are still being written if they were refused.
    await field('cause').locator('.describe').press('Enter');
    await opened.waitForSelector('.own-text textarea:focus');
    await opened.keyboard.type(`The **offset** of 4.1. ${'Again. '.repeat(8)}`);
    await keys(opened, 'Control+Enter');
    await field('cause').locator('.refused').waitFor();
    assert.match(await opened.inputValue('.own-text textarea'), /^The \*\*offset\*\*.*Again/);
    assert.match(await field('cause').locator('.refused span').innerText(), /^Root cause: has 79 characters, at most 60\.$/);
    await sound(opened, 'a text that was refused');
    await picture(opened, 'states/own-text-refused-light');
    await opened.focus('.own-text textarea');
    await keys(opened, 'Control+a');
    await opened.keyboard.type('The **offset** of 4.1.');
    await keys(opened, 'Control+Enter');
    await is('cause', 'The **offset** of 4.1.');
    assert.equal(await field('cause').locator('strong').innerText(), 'offset');
    await field('cause').locator('.btn').press('Enter');
    await opened.waitForSelector('.own-text textarea:focus');
    await keys(opened, 'Control+End');
    await opened.keyboard.type(' Mended.');
    await keys(opened, 'Control+Enter');
    await is('cause', 'The **offset** of 4.1. Mended.');
    // Words are taken back once the page, too, knows that they are saved.
    await settled(opened);
    await keys(opened, 'Control+z');
    await is('cause', 'The **offset** of 4.1.');
    // Of what was set more than once, the last is said, by the names that people know.
    await until('the talk has it', async () => /set the ports to Harwell, Dover,.* set the seen on to Skerry Wind Farm, and wrote the root cause anew$/.test(await opened.locator('.ev').last().locator(':scope > span').last().innerText()));
    assert.doesNotMatch(await text(opened, '.talk'), /fragments|Harwell, Skerry/);
  });
});

test('two people who write the same field of the org see both versions', () => at('/TKT-3', { allow: ['412'] }, async (opened) => {
  const set = (text) => server.call('works.update', { id: 'TKT-3', custom_fields: { tnt__cause: text }, custom_schema_spec: { tenant_fragment: true } });
  await set('Offset of 4.1');
  const cause = opened.locator('[data-field="custom_fields.tnt__cause"]');
  await until('it is shown', async () => (await cause.innerText()).includes('Offset of 4.1'));
  await cause.locator('.btn').press('Enter');
  await opened.fill('.own-text textarea', 'Offset of 4.2');
  await set('Drift of 4.1');
  await keys(opened, 'Control+Enter');
  await cause.locator('.both').waitFor();
  await cause.getByRole('button', { name: 'Keep mine' }).press('Enter');
  await until('mine is kept', async () => (await work('TKT-3')).custom_fields.tnt__cause === 'Offset of 4.2');
}));

for (const [name, options] of [['light', {}], ['dark', { scheme: 'dark' }], ['phone', { size: SIZES.phone }]]) {
  test(`fields of the org are in nobody's way: ${name}`, async () => {
    for (const [view, path] of [['own-page', '/TKT-3'], ['own-panel', '/works?kind=ticket&open=TKT-3']]) {
      await at(path, options, async (opened) => {
        await opened.waitForSelector('.own-text .said-of');
        if (name === 'phone' && view === 'own-page') await opened.getByRole('button', { name: 'All properties' }).click();
        await picture(opened, `states/${view}-${name}`);
        await sound(opened, view);
      });
    }
  });
}

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

test('names people, works and parts where it is written', () => at('/ISS-2', {}, async (opened) => {
  await opened.waitForSelector('.talk .say');
  await keys(opened, 'r');
  await opened.keyboard.type('Could @le');
  const here = opened.locator('.names [aria-selected="true"]');
  await here.filter({ hasText: 'Lena Fischer' }).waitFor();
  assert.equal(await opened.locator('.write textarea').getAttribute('aria-activedescendant'), await here.getAttribute('id'));
  await settled(opened);
  await picture(opened, 'states/naming-light');
  await sound(opened, 'light');
  await opened.emulateMedia({ colorScheme: 'dark' });
  await picture(opened, 'states/naming-dark');
  await sound(opened, 'dark');
  await opened.emulateMedia({ colorScheme: 'light' });
  await keys(opened, 'Enter');
  await opened.keyboard.type('and @');
  await opened.waitForSelector('.names');
  await keys(opened, 'ArrowDown', 'ArrowDown', 'ArrowUp');
  assert.equal(await opened.locator('.names [role=option]').nth(1).getAttribute('aria-selected'), 'true');
  // Escape closes the list, and the field stays; a second one leaves it.
  await keys(opened, 'Escape');
  assert.equal(await opened.locator('.names').count(), 0);
  assert.ok(await opened.locator('.write textarea').evaluate((field) => field === document.activeElement));
  await keys(opened, 'Backspace');
  await opened.keyboard.type('look at #reference buoy');
  await opened.waitForSelector('.names');
  await keys(opened, 'Escape', 'Control+a', 'Delete');
  await opened.keyboard.type('[@Lena Fischer](DEVU-2)');
  assert.equal(await opened.locator('.names').count(), 0);
  await keys(opened, 'Control+a', 'Delete');
  await opened.keyboard.type('Could @lena f');
  await here.waitFor();
  await keys(opened, 'Tab');
  await opened.keyboard.type('look at #wave height dr');
  await here.filter({ hasText: 'ISS-1 ' }).waitFor();
  await keys(opened, 'Enter');
  await opened.keyboard.type('of #radio');
  await here.filter({ hasText: 'Radio link' }).waitFor();
  await settled(opened);
  await picture(opened, 'states/naming-works');
  await keys(opened, 'Enter');
  const lena = (await server.call('dev-users.list', {})).dev_users.find((user) => user.display_name === 'Lena Fischer');
  assert.match(await opened.inputValue('.write textarea'), new RegExp(`^Could \\[@Lena Fischer\\]\\(${lena.display_id}\\) look at ISS-1 of \\[Radio link\\]\\(\\w+-\\d+\\) $`));
  await keys(opened, 'Control+z');
  assert.match(await opened.inputValue('.write textarea'), /#radio$/);
  // What was taken back is selected; beyond it, the list is there again.
  await keys(opened, 'ArrowRight');
  await here.filter({ hasText: 'Radio link' }).waitFor();
  await keys(opened, 'Enter', 'Control+Enter');
  const said = opened.locator('.say', { hasText: 'Could' });
  await said.locator('.at', { hasText: '@Lena Fischer' }).waitFor();
  await settled(opened);
  await picture(opened, 'states/named-light');
  const { timeline_entries: entries } = await server.call('timeline-entries.list', { object: 'ISS-2' });
  assert.equal(await said.locator('a.ref', { hasText: 'Radio link' }).count(), 1);
  // The server understands whom it names.
  assert.ok(entries.at(-1).references.some((each) => each.id === lena.id));
  await said.locator('a.ref', { hasText: 'ISS-1' }).press('Enter');
  await opened.waitForURL(/\/ISS-1$/);
}));

test('names people in the text and in a new work', () => at('/ISS-2', {}, async (opened) => {
  await opened.waitForSelector('.talk .say');
  await keys(opened, 'e');
  await opened.waitForSelector('.editor textarea');
  await keys(opened, 'Control+End');
  await opened.keyboard.type('\n\nFor @jonas');
  await opened.waitForSelector('.names [aria-selected="true"]:has-text("Jonas Okafor")');
  await keys(opened, 'Tab', 'Control+Enter');
  await until('the text is saved', async () => /For \[@Jonas Okafor\]\(DEVU-\d+\) $/.test((await work('ISS-2')).body));
  assert.equal(await text(opened, '.body .at'), '@Jonas Okafor');
  await keys(opened, 'c');
  await opened.waitForSelector('.sheet.new');
  await opened.keyboard.type('Named');
  await keys(opened, 'Tab');
  await opened.keyboard.type('By @pri');
  await opened.waitForSelector('.names [aria-selected="true"]:has-text("Priya Raman")');
  await settled(opened);
  await picture(opened, 'states/naming-new');
  await sound(opened);
  await keys(opened, 'Escape');
  assert.equal(await opened.locator('.names').count(), 0);
  assert.equal(await opened.locator('.sheet.new').count(), 1);
  await opened.keyboard.type('ya');
  assert.equal(await opened.locator('.names').count(), 0);
  await keys(opened, 'Escape');
  await opened.waitForSelector('.sheet.new', { state: 'detached' });
}));

test('names people on a phone, by touch', () => at('/TKT-1', { size: SIZES.phone }, async (opened) => {
  await opened.waitForSelector('.talk .say');
  // At the end, where nothing is half below the field that stays in sight.
  await opened.locator('.write').evaluate((field) => { let at = field.parentElement; while (at) { at.scrollTop = at.scrollHeight; at = at.parentElement; } });
  await opened.locator('.write textarea').tap();
  await opened.keyboard.type('Ask @le');
  await opened.waitForSelector('.names');
  await settled(opened);
  await picture(opened, 'states/naming-phone');
  await sound(opened);
  await opened.locator('.names [role=option]').first().tap();
  assert.match(await opened.inputValue('.write textarea'), /^Ask \[@Lena Fischer\]\(DEVU-\d+\) $/);
  assert.ok(await opened.locator('.write textarea').evaluate((field) => field === document.activeElement));
  await keys(opened, 'Control+a', 'Delete');
}));

test('is followed and no longer by a key, and that is taken back', () => at('/ISS-1', {}, async (opened) => {
  const me = (await server.call('dev-users.self', {})).dev_user;
  const follows = async () => (await server.call('subscribers.get', { id: 'ISS-1' })).is_subscribed;
  await server.call('subscribers.update', { id: 'ISS-1', subscribers: { remove: [me.id] } });
  await opened.locator('.follow', { hasText: /^Follow$/ }).waitFor();
  await keys(opened, 'w');
  await opened.locator('.follow', { hasText: 'Following' }).waitFor();
  await until('it is followed', follows);
  assert.match(await text(opened, '.toast'), /You follow ISS-1\./);
  assert.equal(await opened.locator('.followers .av.me').count(), 1);
  await keys(opened, 'w');
  await until('it is not followed', async () => !(await follows()));
  await opened.waitForSelector('.toast:has-text("You no longer follow ISS-1.")');
  await keys(opened, 'Control+z');
  await until('it is followed again', follows);
  await opened.locator('.follow', { hasText: 'Following' }).waitFor();
  // What somebody else says makes them follow, which shows.
  const priya = await another('DEVU-3');
  await priya.call('timeline-entries.create', { type: 'timeline_comment', object: 'ISS-1', body: 'Me, too' });
  const { users } = await server.call('subscribers.list', { id: 'ISS-1' });
  await until('all are shown', async () => (await opened.locator('.followers .av').count()) === users.length);
}));

test('a refusal to follow is said', () => at('/ISS-1', { allow: ['403'] }, async (opened) => {
  await opened.locator('.follow', { hasText: 'Following' }).waitFor();
  await opened.route('**/subscribers.update', (route) => route.fulfill({ status: 403, contentType: 'application/json', body: JSON.stringify({ type: 'forbidden', message: 'no' }) }));
  await keys(opened, 'w');
  await opened.waitForSelector('.toast:has-text("may read this, but not change")');
  await opened.locator('.follow', { hasText: 'Following' }).waitFor();
}));

test('an unknown work is said to be unknown', () => at('/ISS-9999', { allow: ['404'] }, async (opened) => {
  await opened.waitForSelector('.empty');
  assert.match(await text(opened, '.empty h2'), /There is no ISS-9999/);
}));
