// What must not get lost, and what must not come in, when things go wrong.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { another, at, browser, inspect, keys, page, picture, server, signIn, sound, stage, text, until, work } from './harness.mjs';

stage();

const ready = (opened) => opened.waitForSelector('.rows .row:not(.blank)');
const refusal = (status, type, headers = {}) => ({
  status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ type, message: `${type}, said the test` }),
});
/** Answers the next call of an operation in place of the server. */
const once = (opened, op, answer) => opened.route(`**/${op}`, (route) => route.fulfill(answer), { times: 1 });
async function pick(opened, key, what) {
  await keys(opened, key);
  await opened.waitForSelector('.pal input');
  await opened.keyboard.type(what);
  await keys(opened, 'Enter');
}

describe('no answer', () => {
  test('a change waits while the server is away, and is sent when it is back', () => at('/works?kind=issue', { allow: ['ERR_'] }, async (opened, { context }) => {
    await ready(opened);
    await keys(opened, 'j');
    const id = await text(opened, '.row.cursor .id');
    await context.setOffline(true);
    await pick(opened, 'p', 'P0');
    await opened.waitForSelector('.row.cursor .wait');
    assert.match(await text(opened, '.row.cursor .urg'), /P0/);
    assert.notEqual((await work(id)).priority, 'p0');
    await context.setOffline(false);
    await until('it is sent', async () => (await work(id)).priority === 'p0');
    await until('nothing waits', async () => (await opened.locator('.wait').count()) === 0);
  }));

  test('the server is killed: it is said since when, and all goes on once it runs again', () => at('/ISS-2', { allow: ['ERR_'] }, async (opened) => {
    await opened.waitForSelector('.props');
    await opened.waitForSelector('.live:not(.off)', { state: 'attached' });
    await server.kill();
    await opened.waitForSelector('.strip-off');
    await pick(opened, 'p', 'P3');
    await keys(opened, 'r');
    await opened.keyboard.type('Written while nobody listened');
    await keys(opened, 'Control+Enter');
    await opened.waitForSelector('.write .wrong');
    assert.match(await text(opened, '.strip-off'), /No connection since \d\d:\d\d.*1 change waits/s);
    await picture(opened, 'states/detail-lost');
    assert.deepEqual(await inspect(opened), []);
    await server.again();
    await opened.getByRole('button', { name: 'Try now' }).press('Enter');
    await until('the change is sent', async () => (await work('ISS-2')).priority === 'p3');
    await opened.waitForSelector('.strip-off', { state: 'detached' });
    assert.equal(await opened.inputValue('.write textarea'), 'Written while nobody listened');
    await opened.focus('.write textarea');
    await keys(opened, 'Control+Enter');
    await opened.waitForSelector('.say:has-text("Written while nobody listened")');
  }));
});

describe('an answer that is none', () => {
  test('500: a change waits and is sent again, and a list says so', () => at('/works?kind=issue&group=none', { allow: ['500'] }, async (opened) => {
    await ready(opened);
    await keys(opened, 'j');
    const id = await text(opened, '.row.cursor .id');
    await once(opened, 'works.update', refusal(500, 'internal_error'));
    await pick(opened, 'p', 'P1');
    await until('it is saved', async () => (await work(id)).priority === 'p1');
    await opened.route('**/works.list', (route) => route.fulfill(refusal(500, 'internal_error', { 'x-request-id': 'req-17' })));
    await opened.goto(`${server.origin}/works?kind=ticket`);
    await opened.waitForSelector('.failed');
    assert.match(await text(opened, '.failed'), /The server failed\.[\s\S]*req-17/);
    await picture(opened, 'states/list-refused');
    await opened.unroute('**/works.list');
    await opened.getByRole('button', { name: 'Try again' }).press('Enter');
    await ready(opened);
  }));

  test('429: a change waits as long as the server wants it to', () => at('/ISS-4', { allow: ['429'] }, async (opened) => {
    await opened.waitForSelector('.props');
    await once(opened, 'works.update', refusal(429, 'too_many_requests', { 'retry-after': '1' }));
    await pick(opened, 'p', 'P3');
    await opened.waitForSelector('.wait');
    const begun = Date.now();
    await until('it is saved', async () => (await work('ISS-4')).priority === 'p3');
    assert.ok(Date.now() - begun > 500);
    await until('nothing waits', async () => (await opened.locator('.wait').count()) === 0);
  }));

  test('403: the value goes back, with the reason at its place', () => at('/ISS-5', { allow: ['403'] }, async (opened) => {
    await opened.waitForSelector('.props');
    const before = (await work('ISS-5')).priority;
    await once(opened, 'works.update', refusal(403, 'forbidden'));
    await pick(opened, 'p', before === 'p0' ? 'P1' : 'P0');
    await opened.waitForSelector('[data-field=priority] .refused');
    assert.match(await text(opened, '[data-field=priority] .refused'), /You may read this, but not change it/);
    assert.match(await text(opened, '[data-field=priority] .urg'), new RegExp(before, 'i'));
  }));

  test('404: a work that others deleted says so, and what was written on it stays', async () => {
    const { work: made } = await server.call('works.create', { type: 'issue', title: 'Soon gone', applies_to_part: 'PROD-1', owned_by: ['DEVU-1'] });
    await at(`/${made.display_id}`, { allow: ['404', '400'] }, async (opened) => {
      await opened.waitForSelector('.props');
      await keys(opened, 'e');
      await opened.keyboard.type('Words that took an hour');
      await server.call('works.delete', { id: made.id });
      await opened.waitForSelector('.flow .wrong:has-text("deleted")');
      await keys(opened, 'Control+Enter');
      await opened.waitForSelector('[data-field=body] .refused');
      assert.equal(await opened.inputValue('.editor textarea'), 'Words that took an hour');
    });
  });

  test('refused words are a draft again, and outlive a reload', () => at('/ISS-6', { allow: ['400'] }, async (opened) => {
    await opened.waitForSelector('.props');
    await once(opened, 'works.update', refusal(400, 'bad_request'));
    await keys(opened, 'Shift+E');
    await opened.keyboard.type('A title that is refused');
    await keys(opened, 'Enter');
    await opened.waitForSelector('[data-field=title] .refused');
    assert.equal(await opened.inputValue('.write-title'), 'A title that is refused');
    await opened.reload();
    await opened.waitForSelector('.write-title');
    assert.equal(await opened.inputValue('.write-title'), 'A title that is refused');
    await opened.focus('.write-title');
    await keys(opened, 'Enter');
    await until('it is saved', async () => (await work('ISS-6')).title === 'A title that is refused');
  }));

  test('a token that ended: the way in comes over the page, and all that waits is sent after it', async () => {
    const { token } = await another('DEVU-1');
    const { page: opened, context, faults } = await page(browser, { allow: ['401'] });
    await signIn(opened, { origin: server.origin, token });
    await opened.goto(`${server.origin}/ISS-7`);
    await opened.waitForSelector('.props');
    await keys(opened, 'r');
    await opened.keyboard.type('Half a sen');
    await keys(opened, 'Escape');
    await server.call('auth-tokens.delete', {}, token);
    await pick(opened, 'p', 'P1');
    await opened.waitForSelector('.over #token');
    assert.match(await text(opened, '#wrong'), /revoked/);
    await sound(opened);
    await picture(opened, 'states/detail-signed-out');
    await opened.fill('#token', server.token);
    await keys(opened, 'Enter');
    await opened.waitForSelector('.over', { state: 'detached' });
    await until('it is sent', async () => (await work('ISS-7')).priority === 'p1');
    assert.equal(await opened.inputValue('.write textarea'), 'Half a sen');
    assert.deepEqual(faults, []);
    await context.close();
  });
});

describe('what comes in', () => {
  const NASTY = '<script>alert(1)</script><img src=x onerror=alert(2)> [x](javascript:alert(3)) \u202emirror\u202c مرحبا بالعالم 🌊👩‍👩‍👧';

  test('hostile words, words from right to left, and signs are shown as what they are, in every field', async () => {
    const { part } = await server.call('parts.create', { type: 'capability', name: NASTY.slice(0, 100), parent_part: ['PROD-1'], owned_by: ['DEVU-1'] });
    const { tag } = await server.call('tags.create', { name: NASTY.slice(0, 60), allowed_values: [] });
    const { account } = await server.call('accounts.create', { display_name: NASTY.slice(0, 90), owned_by: ['DEVU-1'] });
    const { work: made } = await server.call('works.create', {
      type: 'ticket', title: NASTY, body: NASTY, applies_to_part: part.id, owned_by: ['DEVU-1'], severity: 'high', account: account.id, tags: [{ id: tag.id }],
    });
    await server.call('timeline-entries.create', { type: 'timeline_comment', object: made.id, body: NASTY });
    const isHarmless = async (opened, isSound = true) => {
      assert.equal(await opened.locator('main img, main script, main a[href^="javascript:"]').count(), 0);
      assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      if (isSound) await sound(opened);
    };
    await at(`/${made.display_id}`, {}, async (opened) => {
      await opened.waitForSelector('.say .md');
      assert.equal(await text(opened, 'h1.ti'), NASTY);
      await isHarmless(opened);
      await picture(opened, 'states/detail-hostile');
      // By keys, too.
      await keys(opened, 'r');
      await opened.keyboard.insertText(NASTY);
      await keys(opened, 'Control+Enter');
      await until('it is said twice', async () => (await opened.locator('.say .md').count()) === 2);
      await isHarmless(opened);
      await keys(opened, 'Escape', '/');
      await opened.keyboard.type('مرحبا');
      await opened.waitForSelector('.pal .it:has-text("script")');
      await isHarmless(opened);
      await keys(opened, 'Escape');
      for (const [path, selector] of [
        ['/works?kind=ticket', '.row:has-text("<script>")'], ['/works?kind=ticket&layout=board', '.card:has-text("<script>")'],
        ['/parts', '[role=treeitem]:has-text("<script>")'], ['/customers', '.row:has-text("<script>")'], ['/', '.dash'],
      ]) {
        await opened.goto(server.origin + path);
        await opened.waitForSelector(selector);
        // What axe says of the other views, their own files ask.
        await isHarmless(opened, path === '/' || path.startsWith('/works'));
      }
    });
    await server.call('works.delete', { id: made.id });
  });

  test('50 MB that are pasted are not cut silently, and stop nobody', () => at('/ISS-8', {}, async (opened) => {
    await opened.waitForSelector('.props');
    const paste = (selector) => opened.evaluate((at) => {
      const data = new DataTransfer();
      data.setData('text/plain', 'wave '.repeat(10_000_000));
      document.querySelector(at).dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, selector);
    await keys(opened, 'r');
    await opened.keyboard.type('Before. ');
    await paste('.write textarea');
    await opened.waitForSelector('.write .wrong');
    assert.match(await text(opened, '.write .wrong'), /50,000,000 characters.*65,536/);
    await opened.keyboard.type('After.');
    assert.equal(await opened.inputValue('.write textarea'), 'Before. After.');
    await keys(opened, 'Escape', 'e');
    await opened.waitForSelector('.editor textarea');
    await paste('.editor textarea');
    await opened.waitForSelector('.editor .wrong');
  }));
});

/** A small generator, so that a run that fails can be run again. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('a network that breaks at any moment: nothing looks saved that is not, and no words are lost or said twice', async () => {
  const rounds = Number(process.env.WORKSMITH_ROUNDS ?? 6);
  const seed = Number(process.env.WORKSMITH_SEED ?? Date.now() % 1_000_000);
  const next = random(seed);
  const some = (from) => from[Math.floor(next() * from.length)];
  const { work: made } = await server.call('works.create', { type: 'issue', title: 'At sea', body: 'Calm.', applies_to_part: 'PROD-1', owned_by: ['DEVU-1'] });
  const id = made.display_id;
  const said = [];
  await at(`/${id}`, { allow: ['ERR_', '503', '412'] }, async (opened) => {
    /** How often a call gets through, or its answer. */
    let weather = 1;
    await opened.route(/\/(works|timeline-entries)\.(update|create|get|list)$/, async (route) => {
      if (next() < weather) return route.continue();
      switch (some(['gone', 'deaf', 'later'])) {
        case 'gone': return route.abort('connectionreset');
        case 'later': return route.fulfill(refusal(503, 'service_unavailable'));
        default:
          // The server does it, and nobody hears of it.
          await route.fetch().catch(() => undefined);
          return route.abort('connectionreset');
      }
    });
    const there = (where) => opened.waitForSelector('h1.ti', { timeout: 8000 })
      .catch(async () => assert.fail(`the title is not there, ${where}: ${await opened.locator('#app').innerText()}`));
    const shows = async () => ({
      priority: (await text(opened, '[data-field=priority] .urg')).toLowerCase(),
      title: await text(opened, 'h1.ti'),
      isOpen: (await opened.locator('main .saving, main .wait').count()) > 0,
    });
    for (let round = 0; round < rounds; round++) {
      const where = `round ${round} of seed ${seed}`;
      await there(where);
      weather = 0.35;
      const [title, priority, words] = [`At sea, day ${round}`, some(['p0', 'p1', 'p2', 'p3']), `Log ${round}, ${seed}`];
      said.push(words);
      for (const act of [0, 1, 2].sort(() => next() - 0.5)) {
        if (act === 0) await pick(opened, 'p', priority.toUpperCase());
        else if (act === 1) {
          await keys(opened, 'Shift+E');
          await opened.keyboard.type(title);
          await keys(opened, 'Enter');
        } else {
          await keys(opened, 'r');
          await opened.keyboard.type(words);
          await keys(opened, 'Control+Enter', 'Escape');
        }
        const shown = await shows();
        // What has no mark is what the server has.
        if (!shown.isOpen) {
          await until(`what is shown is stored, ${where}`, async () => {
            const [now, stored] = [await shows(), await work(id)];
            return now.isOpen || (now.priority === stored.priority && now.title === stored.title);
          });
        }
      }
      weather = 1;
      if (next() < 0.4) {
        // Nobody is quicker than this; what was done before outlives a reload.
        await opened.waitForTimeout(100);
        await opened.reload();
        await there(where);
      }
      await until(`all is stored, ${where}`, async () => {
        const { priority: now, title: named } = await work(id);
        return now === priority && named === title;
      });
      // A text that is still there is sent again; one that had arrived is not said twice.
      await until(`the words are said, ${where}`, async () => {
        const field = opened.locator('.write textarea');
        if (await field.inputValue() === '') return (await opened.locator(`.say:has-text("${words}")`).count()) === 1;
        await field.focus();
        await keys(opened, 'Control+Enter', 'Escape');
        return false;
      });
      await until(`nothing waits, ${where}`, async () => !(await shows()).isOpen);
    }
    const { timeline_entries: entries } = await server.call('timeline-entries.list', { object: id, collections: ['discussions'], limit: 100 });
    assert.deepEqual(entries.map(({ body }) => body).filter((body) => body?.startsWith('Log')).slice(-50), said.slice(-50));
  });
});
