// Goes through the views in a browser, by keys alone, beside a server with the sample org.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SIZES, inspect, launch, page, picture, serve, signIn } from './harness.mjs';

let server;
let browser;

before(async () => {
  server = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens a signed-in page at a path, and fails on whatever goes wrong in it. */
async function at(path, options, act) {
  const opened = await page(browser, options);
  try {
    await signIn(opened.page, server);
    await opened.page.goto(server.origin + path);
    await act(opened.page, opened);
    assert.deepEqual(opened.faults, []);
  } finally {
    await opened.context.close();
  }
}

const ready = (opened) => opened.waitForSelector('.rows .row:not(.blank)');
const keys = async (opened, ...pressed) => { for (const key of pressed) await opened.keyboard.press(key); };
const text = (opened, selector) => opened.locator(selector).first().innerText();
/** Waits until a condition holds. */
async function until(what, condition) {
  for (let tries = 0; tries < 100; tries++) {
    if (await condition()) return;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  assert.fail(`not within 5 s: ${what}`);
}
const work = async (id) => (await server.call('works.get', { id })).work;

describe('signing in', () => {
  test('a wrong token is said to be unknown, the right one opens the list', async () => {
    const { page: opened, context, faults } = await page(browser, { allow: ['401'] });
    await opened.goto(server.origin);
    await opened.waitForSelector('#token');
    assert.deepEqual(await inspect(opened), []);
    await picture(opened, 'signin-light');
    await opened.keyboard.type('nonsense');
    await keys(opened, 'Enter');
    await opened.waitForSelector('#wrong');
    assert.match(await text(opened, '#wrong'), /not known here/);
    await opened.fill('#token', server.token);
    await keys(opened, 'Enter');
    await opened.waitForSelector('.dash');
    // No script can read the token.
    assert.equal(await opened.evaluate(() => document.cookie), '');
    assert.ok(!(await opened.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes('eyJ'));
    assert.deepEqual(faults, []);
    await context.close();
  });

  test('the link of the start signs in once', async () => {
    const { page: opened, context } = await page(browser);
    await opened.goto(server.link);
    await ready(opened);
    assert.equal(new URL(opened.url()).pathname + new URL(opened.url()).hash, '/works');
    await context.close();
    const second = await page(browser);
    await second.page.goto(server.link);
    await second.page.waitForSelector('#wrong');
    assert.match(await text(second.page, '#wrong'), /used before/);
    await second.context.close();
  });
});

describe('the list', () => {
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
});

describe('a work', () => {
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

  test('two versions of a text are shown, and both can be kept', () => at('/ISS-1', {}, async (opened) => {
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
      // The rule changes while the picker is open.
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
});

describe('the board', () => {
  test('moves cards by keys and by dragging', () => at('/works?kind=issue&layout=board', {}, async (opened) => {
    await opened.waitForSelector('.card');
    await keys(opened, 'j');
    const id = await text(opened, '.card.cursor .cf > span');
    const before = (await work(id)).stage.name;
    await keys(opened, 'Shift+L');
    await until('the card is in another stage', async () => (await work(id)).stage.name !== before);
    await keys(opened, 'Space', 'l', 'l', 'Enter');
    await keys(opened, 'Shift+H');
    await opened.waitForTimeout(200);
    const card = opened.locator('.card', { hasText: 'Calibration forgets' });
    const lane = opened.locator('section.lane[aria-label^="In Review"]');
    const [from, to] = [await card.boundingBox(), await lane.boundingBox()];
    await opened.mouse.move(from.x + 20, from.y + 20);
    await opened.mouse.down();
    await opened.mouse.move(from.x + 40, from.y + 30, { steps: 4 });
    await opened.mouse.move(to.x + 60, to.y + 120, { steps: 8 });
    await picture(opened, 'board-drag-light');
    await opened.mouse.up();
    await until('the card was dropped', async () => (await server.call('works.count', { type: ['issue'], stage: { name: ['in_review'] } })).count >= 3);
  }));
});

describe('the palette', () => {
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
    await opened.keyboard.type('TKT-2');
    await opened.waitForSelector('.pal .it:has-text("Three buoys")');
    await keys(opened, 'Enter');
    await opened.waitForSelector('.doc');
    assert.ok(opened.url().endsWith('/TKT-2'));
    await keys(opened, '?');
    await opened.waitForSelector('.sheet.keys');
    assert.deepEqual(await inspect(opened), []);
    await picture(opened, 'keys-light');
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
});

describe('bad moments', () => {
  test('a change waits while the server is away, and is sent when it is back', () => at('/works?kind=issue', { allow: ['ERR_', '503'] }, async (opened, { context }) => {
    await ready(opened);
    await keys(opened, 'j');
    const id = await text(opened, '.row.cursor .id');
    await context.setOffline(true);
    await keys(opened, 'p');
    await opened.keyboard.type('P0');
    await keys(opened, 'Enter');
    await opened.waitForSelector('.row.cursor .wait');
    assert.match(await text(opened, '.row.cursor .urg'), /P0/);
    assert.notEqual((await work(id)).priority, 'p0');
    await context.setOffline(false);
    await until('it is sent', async () => (await work(id)).priority === 'p0');
    await until('nothing waits', async () => (await opened.locator('.wait').count()) === 0);
  }));

  test('a token that was revoked leads to the way in', async () => {
    const made = await server.call('auth-tokens.create', { requested_token_type: 'urn:devrev:params:oauth:token-type:pat', token_hint: 'short' });
    const { page: opened, context } = await page(browser, { allow: ['401'] });
    await opened.goto(server.origin);
    await opened.fill('#token', made.access_token);
    await keys(opened, 'Enter');
    await opened.waitForSelector('.dash');
    await fetch(`${server.origin}/auth-tokens.self.delete`, { method: 'POST', headers: { authorization: made.access_token } });
    await opened.reload();
    await opened.waitForSelector('#wrong');
    assert.match(await text(opened, '#wrong'), /revoked/);
    await context.close();
  });

  test('hostile words are shown as the words that they are', async () => {
    const nasty = '<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3)) مرحبا 🌊';
    const { work: made } = await server.call('works.create', { type: 'issue', title: nasty, body: nasty, applies_to_part: 'PROD-1', owned_by: ['DEVU-1'] });
    await at(`/${made.display_id}`, {}, async (opened) => {
      await opened.waitForSelector('h1.ti');
      assert.equal(await text(opened, 'h1.ti'), nasty);
      assert.equal(await opened.locator('.md a, .md img, .md script').count(), 0);
      await server.call('works.delete', { id: made.id });
      await opened.waitForSelector('.flow .wrong');
    });
  });
});

describe('how it looks', () => {
  const views = {
    dashboard: ['/', '.dash', []],
    list: ['/works', '.rows .row:not(.blank)', ['j', 'j', 'j', 'j', 'j', 'j']],
    panel: ['/works?open=ISS-1', '.side .talk .say', []],
    detail: ['/TKT-1', '.talk .say', []],
    board: ['/works?kind=issue&layout=board', '.card', ['j', 'l']],
    palette: ['/works', '.rows .row:not(.blank)', ['j', 'x', 'j', 'x', 'Control+k']],
  };
  for (const [name, [path, selector, pressed]] of Object.entries(views)) {
    for (const [kind, options] of Object.entries({
      light: {}, dark: { scheme: 'dark' }, phone: { size: SIZES.phone },
    })) {
      test(`${name}, ${kind}: nothing stands in anybody's way`, () => at(path, options, async (opened) => {
        await opened.waitForSelector(selector);
        await keys(opened, ...pressed);
        if (name === 'palette') {
          await opened.waitForSelector('.pal');
          await opened.keyboard.type('assign pr');
        }
        await opened.waitForTimeout(400);
        await picture(opened, `${name}-${kind}`);
        assert.deepEqual(await inspect(opened), []);
        // The page itself never scrolls sideways.
        assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      }));
    }
  }
});
