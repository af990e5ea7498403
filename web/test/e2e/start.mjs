// The first run, in an empty org: the three ways, each by its key.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SIZES, at, keys, launch, looks, page, picture, serve, server, settled, sound, stage, text, until } from './harness.mjs';

stage(undefined, { isEmpty: true });

const github = (n, some = {}) => ({
  html_url: `https://github.com/acme/buoy/issues/${n}`, id: 1000 + n, number: n, title: `Issue ${n} of GitHub`, body: `It is **${n}**`, state: n % 3 === 0 ? 'closed' : 'open',
  state_reason: n % 6 === 0 ? 'not_planned' : null, user: { id: 1, login: 'octocat' }, assignees: n % 2 ? [{ id: 2, login: 'hubot' }] : [],
  labels: [{ name: 'bug', color: 'd73a4a' }], milestone: n < 5 ? { title: '1.0', state: 'open', created_at: '2024-01-01T00:00:00Z', due_on: '2024-03-01T00:00:00Z' } : null,
  created_at: '2024-01-02T00:00:00Z', updated_at: '2024-01-02T00:00:00Z', ...some,
});
const comment = (n) => ({
  html_url: `https://github.com/acme/buoy/issues/${n}#issuecomment-${n}`, issue_url: `https://api.github.com/repos/acme/buoy/issues/${n}`, id: n, body: `Said of ${n}`,
  user: { login: 'octocat' }, created_at: '2024-01-03T00:00:00Z', updated_at: '2024-01-03T00:00:00Z',
});
const counted = async (body = {}) => (await server.call('works.count', body)).count;

/** A state of it in light, dark and on a phone. */
async function everywhere(opened, name) {
  for (const [kind, scheme, size] of [['phone', 'light', SIZES.phone], ['dark', 'dark', SIZES.desk], ['light', 'light', SIZES.desk]]) {
    await opened.emulateMedia({ colorScheme: scheme });
    await opened.setViewportSize(size);
    await picture(opened, `states/${name}-${kind}`);
    await sound(opened, `${name}, ${kind}`);
  }
}

looks('start', '/', '.begins');

test('an org without works greets, from wherever one comes', () => at('/works', {}, async (opened) => {
  await opened.waitForSelector('.begins');
  assert.match(opened.url(), /\/start$/);
  assert.deepEqual(await opened.locator('.begin b').allInnerTexts(), ['The sample org', 'Import from GitHub', 'The first issue']);
}));

test('what is no answer of GitHub is called what it is', () => at('/start', {}, async (opened) => {
  await opened.waitForSelector('.begins');
  await keys(opened, '2');
  await opened.waitForSelector('.bring');
  await everywhere(opened, 'start-import');
  const paste = async (pasted) => {
    await opened.getByLabel('Or paste the JSON').fill(pasted);
    await opened.getByRole('button', { name: 'Take it' }).press('Enter');
    return text(opened, '.wrong');
  };
  assert.match(await paste('{"message":"Not Found"}'), /GitHub answered: Not Found/);
  assert.match(await paste('<html>'), /web page/);
  assert.ok(await opened.getByRole('button', { name: 'Import', exact: true }).isDisabled());
}));

// A comment that is here already is refused, which is how it is recognised.
test('issues and comments are imported, once, with a report of what was lost', () => at('/start', { allow: ['409'] }, async (opened) => {
  await opened.waitForSelector('.begins');
  await keys(opened, '2');
  const file = opened.locator('.drop input');
  const issues = [...Array.from({ length: 30 }, (_, n) => github(n + 1)), github(31, { pull_request: {} }), { html_url: 'https://github.com/acme', title: 'x' }];
  await file.setInputFiles([
    { name: 'issues.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(issues)) },
    { name: 'comments.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify([comment(1), comment(2), comment(99)])) },
  ]);
  await opened.locator('.found', { hasText: '30 issues and 3 comments of acme/buoy' }).waitFor();
  assert.match(await text(opened, '.found'), /1 can’t be taken/);
  await picture(opened, 'states/start-found');
  await opened.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  await opened.waitForSelector('.report');
  await everywhere(opened, 'start-report');
  const said = await text(opened, '.report');
  for (const part of [/30\s+issues made/, /2\s+comments made/, /1\s+pull requests/, /1\s+comments on what is not here/, /30\s+days: /]) assert.match(said, part);
  assert.equal(await counted(), 30);
  const { works } = await server.call('works.list', { external_ref: ['https://github.com/acme/buoy/issues/3'] });
  assert.deepEqual(works.map(({ title, body, stage, owned_by, reported_by, tags, sprint, applies_to_part }) => ({
    title, body, stage: stage.name, owners: owned_by.map(({ full_name }) => full_name), reporters: reported_by.map(({ full_name }) => full_name),
    tags: tags.map(({ tag }) => tag.name), sprint: sprint.name, part: applies_to_part.name,
  })), [{ title: 'Issue 3 of GitHub', body: 'It is **3**', stage: 'completed', owners: ['hubot'], reporters: ['octocat'], tags: ['bug'], sprint: '1.0', part: 'acme/buoy' }]);
  const { timeline_entries: entries } = await server.call('timeline-entries.list', { object: works[0].id, collections: ['discussions'] });
  assert.deepEqual(entries, []);

  // The same again makes nothing twice.
  await opened.getByRole('button', { name: 'Import more' }).press('Enter');
  await file.setInputFiles([{ name: 'both.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify([...issues.slice(0, 30), comment(1), github(40)])) }]);
  await opened.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  await opened.waitForSelector('.report');
  assert.match(await text(opened, '.report'), /1\s+issues made[\s\S]*30\s+issues were here already[\s\S]*1\s+comments were here already/);
  assert.equal(await counted(), 31);
  await opened.getByRole('link', { name: 'Look at them' }).press('Enter');
  await opened.waitForSelector('.rows .row');
}));

test('an org with works is not greeted, and takes no sample', () => at('/', {}, async (opened) => {
  await opened.waitForSelector('.dash, .empty');
  await opened.goto(`${server.origin}/start`);
  await opened.waitForSelector('.begins');
  assert.ok(await opened.locator('.begin').first().isDisabled());
  await keys(opened, '1');
  assert.equal(await opened.locator('.bring').count(), 0);
}));

describe('the other ways', () => {
  let fresh;
  let browser;
  before(async () => { browser = await launch(); });
  after(async () => { await browser.close(); });

  /** A page of a new org. */
  async function anew(act, options = {}) {
    fresh = await serve({ isEmpty: true });
    const opened = await page(browser, options);
    try {
      await opened.page.goto(fresh.origin);
      await opened.page.fill('#token', fresh.token);
      await opened.page.press('#token', 'Enter');
      await opened.page.waitForSelector('.begins');
      await act(opened.page);
      assert.deepEqual(opened.faults, []);
    } finally {
      await opened.context.close();
      await fresh.stop();
    }
  }

  test('the first issue', () => anew(async (opened) => {
    await keys(opened, '3');
    await opened.waitForSelector('.sheet');
    await opened.keyboard.type('The very first');
    await picture(opened, 'states/start-first');
    await keys(opened, 'Control+Enter');
    await opened.waitForURL(/\/ISS-1$/);
    await opened.waitForSelector('.doc');
    const { work } = await fresh.call('works.get', { id: 'ISS-1' });
    assert.deepEqual([work.title, work.applies_to_part.name], ['The very first', 'Our product']);
    await opened.goto(`${fresh.origin}/works`);
    await opened.waitForSelector('.rows .row');
  }));

  test('a sample that is refused says why, and goes on from there', () => anew(async (opened) => {
    let isWaiting = true;
    await opened.route('**/works.create', async (route) => {
      if (isWaiting) await until('it is seen', () => !isWaiting);
      await route.fulfill({ status: 403, contentType: 'application/json', body: JSON.stringify({ type: 'forbidden', message: 'no' }) });
    });
    await keys(opened, '1');
    await opened.waitForSelector('.progress-of');
    await until('it is under way', async () => Number(await opened.locator('.progress-of').getAttribute('aria-valuenow')) > 3);
    await opened.screenshot({ path: new URL('../../screenshots/states/start-under-way-light.png', import.meta.url).pathname });
    isWaiting = false;
    await opened.waitForSelector('.wrong');
    assert.match(await text(opened, '.wrong'), /You may read this, but not change it\./);
    await everywhere(opened, 'start-refused');
    await opened.unroute('**/works.create');
    await opened.getByRole('button', { name: 'Try again from there' }).press('Enter');
    await opened.waitForURL(/\/works$/, { timeout: 60_000 });
  }, { allow: ['403'] }));

  test('the sample org', () => anew(async (opened) => {
    await keys(opened, '1');
    await opened.waitForSelector('.progress-of');
    await settled(opened).catch(() => undefined);
    await opened.waitForURL(/\/works$/, { timeout: 60_000 });
    await opened.waitForSelector('.rows .row');
    await picture(opened, 'states/start-filled');
    const { count } = await fresh.call('works.count', {});
    assert.ok(count >= 55, `${count} works`);
    const { timeline_entries: entries } = await fresh.call('timeline-entries.list', { object: 'TKT-1', collections: ['discussions'] });
    const authors = new Set(entries.map(({ created_by }) => created_by.full_name ?? created_by.display_name));
    assert.ok(authors.has('Lena Fischer') && authors.has('Jonas Okafor'), [...authors].join());
    assert.ok(entries.some(({ artifacts }) => artifacts?.length > 0), 'a file is there');
    await until('somebody is told', async () => (await fresh.call('notifications.count', {})).count > 0);
    // Nobody keeps a token who should not.
    const { dev_users: [user] } = await fresh.call('dev-users.list', { email: ['jonas.okafor@tidewater.example'] });
    const { tokens } = await fresh.call('auth-tokens.list', { subject: user.id });
    assert.deepEqual(tokens.filter(({ status }) => status === 'active'), []);
  }));
});
