// A sprint: its chart, its board, its plan.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, picture, server, sound, stage, text, until } from './harness.mjs';

stage();

async function sprintPath() {
  const [sprint] = (await server.call('vistas.groups.list', { state: ['active'] })).vista_group;
  const [, board, group] = /vista\/(\d+):vista_group_item\/(\d+)$/.exec(sprint.id);
  return { sprint, path: `/sprints/${board}.${group}` };
}

looks('sprints', '/sprints', '.sprints [role=option]');
looks('sprint', async () => (await sprintPath()).path, '.lanes .card');
looks('plan', async () => `${(await sprintPath()).path}?plan`, '.plan [role=option]');

test('the chart says how it goes, and the plan takes issues in and out', async () => {
  const { sprint, path } = await sprintPath();
  await at(path, {}, async (opened) => {
    await opened.waitForSelector('.burn');
    assert.match(await text(opened, '.chart h2'), /(is|are) done/);
    await opened.waitForSelector('.lanes .card');
    await keys(opened, 'v');
    await opened.waitForSelector('.plan [role=option]');
    const id = await opened.locator('.plan section:first-child [aria-selected=true]').getAttribute('data-key');
    await keys(opened, 'Space');
    await until('it is in the sprint', async () => (await server.call('works.get', { id })).work.sprint?.id === sprint.id);
  });
});

test('what came in after the first day is told, and the pace is said', async () => {
  const { sprint, path } = await sprintPath();
  const start = Date.parse(sprint.start_date);
  await at(path, { }, async (opened) => {
    // The server has no history of before it was started: this one is told instead.
    await opened.context().route('**/works.list', async (route) => {
      const body = route.request().postDataJSON();
      if (!body.as_of) return route.fallback();
      const answer = await route.fetch({ postData: JSON.stringify({ ...body, as_of: undefined }) });
      const { works } = await answer.json();
      const day = Math.round((Date.parse(body.as_of) - start) / 86_400_000);
      return route.fulfill({ response: answer, json: {
        works: works.slice(0, day < 2 ? -3 : -1).map((work, index) => ({ ...work, actual_close_date: index < day - 1 ? body.as_of : undefined })),
      } });
    });
    await opened.reload();
    await opened.waitForSelector('.burn .left');
    await until('what came in late', async () => /3 issues came in late/.test(await text(opened, '.late-in h2')));
    assert.match(await text(opened, '.chart h2'), /(behind|ahead of|at) an even pace/);
    await picture(opened, 'states/sprint-burndown-light');
    await sound(opened, 'burndown');
    await opened.emulateMedia({ colorScheme: 'dark' });
    await picture(opened, 'states/sprint-burndown-dark');
    await opened.getByRole('button', { name: 'as a table' }).press('Enter');
    await opened.waitForSelector('.figures tbody tr');
    await opened.locator('.late-in button').first().press('Enter');
    await opened.waitForURL(/open=ISS-/);
  });
});

test('a sprint is made, and an issue is put into it from anywhere', async () => {
  await at('/sprints', {}, async (opened) => {
    await opened.waitForSelector('.sprints [role=option]');
    await opened.getByRole('button', { name: 'New sprint' }).press('Enter');
    await opened.waitForSelector('.sheet');
    await keys(opened, 'Control+Enter');
    await opened.waitForURL(/\?plan/);
    const made = (await server.call('vistas.groups.list', {})).vista_group.find(({ name }) => name === 'Sprint 10');
    assert.equal(made.state, 'planned');
    await opened.goto(`${server.origin}/works?kind=issue`);
    await opened.waitForSelector('.rows .row:not(.blank)');
    await keys(opened, 'j', 'Shift+S');
    await opened.waitForSelector('.pal');
    await opened.keyboard.type('Sprint 10');
    await keys(opened, 'Enter');
    await until('it is in the sprint', async () => (await server.call('works.list', { type: ['issue'], issue: { sprint: [made.id] } })).works.length === 1);
  });
});
