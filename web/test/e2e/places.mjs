// Goes through parts, sprint, customers, SLAs, stages, people and tokens in a browser, by keys alone,
// beside a server with the sample org.
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
    await act(opened.page);
    assert.deepEqual(opened.faults, []);
  } finally {
    await opened.context.close();
  }
}

const keys = async (opened, ...pressed) => { for (const key of pressed) await opened.keyboard.press(key); };
const said = (opened, selector) => opened.locator(selector).first().innerText();
/** Waits until a condition holds. */
async function until(what, condition) {
  for (let tries = 0; tries < 100; tries++) {
    if (await condition()) return;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  assert.fail(`not within 5 s: ${what}`);
}
const parentOf = async (id) => (await server.call('links.list', { object: id, direction: 'is_source', link_type: ['is_part_of'] })).links[0]?.target.display_id;

async function sprintPath() {
  const [sprint] = (await server.call('vistas.groups.list', { state: ['active'] })).vista_group;
  const [, board, group] = /vista\/(\d+):vista_group_item\/(\d+)$/.exec(sprint.id);
  return { sprint, path: `/sprints/${board}.${group}` };
}

describe('parts', () => {
  const ready = (opened) => opened.waitForSelector('[role=treeitem]');

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

  test('a part is made in another one, and moved', () => at('/parts', {}, async (opened) => {
    await ready(opened);
    await keys(opened, 'Home', 'n');
    await opened.waitForSelector('.sheet');
    await opened.keyboard.type('Mooring');
    await keys(opened, 'Control+Enter');
    const find = async () => (await server.call('parts.list', { name: ['Mooring'] })).parts[0];
    await until('it is made', async () => await find());
    const made = await find();
    const first = await parentOf(made.display_id);
    const row = opened.locator(`[data-key="${made.id}"]`);
    await row.waitFor();
    await until('the cursor is on it', async () => {
      if (await row.getAttribute('aria-selected') === 'true') return true;
      await keys(opened, 'j');
      return false;
    });
    await keys(opened, 'm');
    await opened.waitForSelector('.pal');
    await keys(opened, 'Enter');
    await until('it belongs to another one', async () => await parentOf(made.display_id) !== first);
  }));
});

describe('sprint', () => {
  test('the chart says how it goes, and the plan takes issues in and out', async () => {
    const { sprint, path } = await sprintPath();
    await at(path, {}, async (opened) => {
      await opened.waitForSelector('.burn');
      assert.match(await said(opened, '.chart h2'), /(is|are) done/);
      await opened.waitForSelector('.lanes .card');
      await keys(opened, 'v');
      await opened.waitForSelector('.plan [role=option]');
      const id = await opened.locator('.plan section:first-child [aria-selected=true]').getAttribute('data-key');
      await keys(opened, 'Space');
      await until('it is in the sprint', async () => (await server.call('works.get', { id })).work.sprint?.id === sprint.id);
    });
  });
});

describe('customers', () => {
  test('a customer is opened by keys and has workspaces and people', () => at('/customers', {}, async (opened) => {
    await opened.waitForSelector('.customers [role=option]');
    const name = await said(opened, '.customers .row.cursor .ti');
    await keys(opened, 'Enter');
    await opened.waitForURL(/\/customers\/ACC-/);
    assert.equal(await said(opened, 'h1'), name);
    await opened.waitForSelector('.workspace');
    await keys(opened, 'Escape');
    await opened.waitForURL(/\/customers$/);
  }));
});

describe('SLAs and hours', () => {
  test('what is promised to a ticket is said and drawn', () => at('/slas', {}, async (opened) => {
    await opened.waitForSelector('.policies tbody tr');
    await until('it says by when', async () => /has to be .* within/.test(await said(opened, '.sentence')));
  }));

  test('hours are drawn by keys, published, and promised by a policy', async () => {
    const { org_schedule: schedule } = await server.call('org-schedules.create', {
      name: 'Night watch', timezone: 'Europe/London', default_weekly_org_schedule: { period_name: 'regular', intervals: [{ from: 1980, to: 2460 }] },
    });
    await at('/slas', {}, async (opened) => {
      await opened.waitForSelector('.week.drawable');
      await opened.focus('.week.drawable');
      await keys(opened, 'ArrowRight', 'Enter');
      await opened.getByRole('button', { name: 'Save hours' }).press('Enter');
      const read = async () => (await server.call('org-schedules.get', { id: schedule.id })).org_schedule;
      await until('Tuesday 9 is open', async () => (await read()).default_weekly_org_schedule.intervals.some(({ from }) => from === 2880 + 540));
      await opened.getByRole('button', { name: 'Publish hours' }).press('Enter');
      await until('it is published', async () => (await read()).status === 'published');
    });
  });
});

describe('fields and stages', () => {
  test('a way is cleared in the matrix and published', () => at('/schema/issue/stages', {}, async (opened) => {
    await opened.waitForSelector('.matrix');
    await opened.focus('.matrix');
    const ways = async () => (await server.call('stage-diagrams.get', { leaf_type: 'issue' })).stage_diagram.stages[0].transitions.length;
    const many = await ways();
    await keys(opened, 'Home', 'l', 'Space');
    await opened.getByRole('button', { name: 'Publish 1 change' }).press('Enter');
    await until('there is one way less', async () => await ways() === many - 1);
    await opened.getByRole('button', { name: /^Publish/ }).waitFor({ state: 'detached' });
  }));

  test('a field is put in, published, and there for the API', () => at('/schema/issue/fields', {}, async (opened) => {
    await opened.getByRole('button', { name: 'Field', exact: true }).press('Enter');
    await opened.waitForSelector('.sheet');
    await opened.keyboard.type('Root cause');
    await keys(opened, 'Control+Enter');
    await opened.getByRole('button', { name: 'Publish 1 change' }).press('Enter');
    await until('the API has it', async () => (await server.call('schemas.aggregated.get', { leaf_type: 'issue' })).schema
      .custom_fields.some(({ name }) => name === 'tnt__root_cause'));
  }));
});

describe('people and tokens', () => {
  test('a token is shown once, works, and is revoked', () => at('/people/tokens', {}, async (opened) => {
    await opened.waitForSelector('.tokens tbody tr');
    await opened.getByRole('button', { name: 'New token' }).press('Enter');
    await opened.waitForSelector('.sheet');
    await opened.keyboard.type('a test');
    await keys(opened, 'Control+Enter');
    const token = await opened.locator('.token-text').inputValue();
    const call = () => fetch(`${server.origin}/dev-users.self`, { method: 'POST', headers: { authorization: token, 'content-type': 'application/json' }, body: '{}' });
    assert.equal((await call()).status, 200);
    await keys(opened, 'Escape');
    const row = opened.locator('.tokens tr', { hasText: 'a test' });
    await row.getByRole('button', { name: 'Revoke' }).press('Enter');
    await opened.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).press('Enter');
    await until('it is refused', async () => (await call()).status === 401);
  }));

  test('somebody is invited, and loses access', () => at('/people', {}, async (opened) => {
    await opened.waitForSelector('.people tbody tr');
    await opened.getByRole('button', { name: 'Invite' }).press('Enter');
    await opened.waitForSelector('.sheet');
    await opened.keyboard.type('ola@tidewater.example');
    await keys(opened, 'Control+Enter');
    const find = async () => (await server.call('dev-users.list', { email: ['ola@tidewater.example'] })).dev_users[0];
    await until('they have access', async () => (await find())?.state === 'active');
    await opened.getByRole('button', { name: /^ola.*what can be done/ }).press('Enter');
    await opened.getByRole('menuitem', { name: 'End access' }).press('Enter');
    await opened.getByRole('alertdialog').getByRole('button', { name: 'End access' }).press('Enter');
    await until('they have none', async () => (await find())?.state !== 'active');
  }));
});

describe('what is wrong is said at its place', () => {
  test('an address that names nothing', () => at('/customers/ACC-nobody', { allow: ['404', '400'] }, async (opened) => {
    await opened.waitForSelector('.empty');
    assert.match(await said(opened, '.empty'), /no customer/);
  }));

  test('a refused name stays in its form, with the reason', () => at('/people', { allow: ['409', '400'] }, async (opened) => {
    const [user] = (await server.call('dev-users.list', {})).dev_users;
    await opened.getByRole('button', { name: 'Invite' }).press('Enter');
    await opened.waitForSelector('.sheet');
    await opened.keyboard.type(user.email);
    await keys(opened, 'Control+Enter');
    await opened.waitForSelector('.sheet .wrong');
    assert.equal(await opened.locator('.sheet input[type=email]').inputValue(), user.email);
  }));
});

describe('every view is accessible in light, dark and on a phone', () => {
  const VIEWS = ['/parts', 'sprint', 'plan', '/customers', 'customer', '/slas', '/slas/record', '/schema/issue/fields', '/schema/issue/stages', '/schema/ticket/conditions', '/schema/task/subtypes', '/people', '/people/tokens'];
  for (const [name, options] of [['light', {}], ['dark', { scheme: 'dark' }], ['phone', { size: SIZES.phone }]]) {
    test(name, async () => {
      const { path } = await sprintPath();
      const [account] = (await server.call('accounts.list', {})).accounts;
      const address = { sprint: path, plan: `${path}?plan`, customer: `/customers/${account.display_id}` };
      await at('/works', options, async (opened) => {
        for (const view of VIEWS) {
          await opened.goto(server.origin + (address[view] ?? view));
          await opened.waitForSelector('main h1');
          await until('it is loaded', async () => await opened.locator('main .blanks, main[aria-busy=true]').count() === 0);
          assert.deepEqual(await inspect(opened), [], view);
          await picture(opened, `${(view.replace(/^\//, '') || view).replaceAll('/', '-')}-${name}`);
        }
      });
    });
  }
});
