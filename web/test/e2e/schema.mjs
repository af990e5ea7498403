// Fields, subtypes, stages and conditions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, keys, looks, picture, server, settled, sound, stage, text, until } from './harness.mjs';

/** Where issues may go, as an org would have it that has drawn its own diagram. */
const WAYS = {
  triage: ['backlog', 'prioritized', 'wont_fix', 'duplicate'], backlog: ['prioritized', 'wont_fix'], prioritized: ['backlog', 'in_development', 'wont_fix'],
  in_development: ['prioritized', 'in_review'], in_review: ['in_development', 'in_testing'], in_testing: ['in_development', 'in_deployment'],
  in_deployment: ['in_testing', 'completed'], completed: ['triage'], wont_fix: ['triage'], duplicate: ['triage'],
};

stage(async (call) => {
  const { stage_diagram: { id, stages } } = await call('stage-diagrams.get', { leaf_type: 'issue' });
  const ids = new Map(stages.map(({ stage: { id: own, name } }) => [name, own]));
  await call('stage-diagrams.update', { id, stages: stages.map(({ stage: { id: own, name }, is_start }) => ({
    stage_id: own, is_start, transitions: (WAYS[name] ?? []).map((to) => ({ target_stage_id: ids.get(to) })),
  })) });
});

looks('schema-stages', '/schema/issue/stages', '.matrix', (opened) => opened.getByRole('button', { name: /^In Review/ }).press('Enter'));

test('a way is cleared in the matrix and published', () => at('/schema/issue/stages', {}, async (opened) => {
  await opened.waitForSelector('.matrix');
  await opened.focus('.matrix');
  const ways = async () => (await server.call('stage-diagrams.get', { leaf_type: 'issue' })).stage_diagram.stages[0].transitions.length;
  const many = await ways();
  await keys(opened, 'Home', 'l', 'Space');
  await opened.getByRole('button', { name: 'Publish 1 change' }).press('Enter');
  await opened.waitForSelector('.sheet .changes li');
  await keys(opened, 'Control+Enter');
  await until('there is one way less', async () => await ways() === many - 1);
  await opened.getByRole('button', { name: /^Publish/ }).waitFor({ state: 'detached' });
}));

test('a field is put in, published, and there for the API', () => at('/schema/issue/fields', {}, async (opened) => {
  await opened.getByRole('button', { name: 'Field', exact: true }).press('Enter');
  await opened.waitForSelector('.sheet input:focus');
  await opened.keyboard.type('Root cause');
  await keys(opened, 'Control+Enter');
  await opened.getByRole('button', { name: 'Publish 1 change' }).press('Enter');
  await opened.waitForSelector('.sheet .changes li');
  await keys(opened, 'Control+Enter');
  await until('the API has it', async () => (await server.call('schemas.aggregated.get', { leaf_type: 'issue' })).schema
    .custom_fields.some(({ name }) => name === 'tnt__root_cause'));
}));

test('a condition is put in in words, listed with what it touches, and published', () => at('/schema/ticket/conditions', {}, async (opened) => {
  await opened.getByRole('button', { name: 'Condition', exact: true }).press('Enter');
  await opened.waitForSelector('.sheet');
  await opened.getByLabel('When').selectOption('severity');
  await opened.getByLabel('Value').selectOption('blocker');
  await opened.getByLabel('Then').selectOption('target_close_date');
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.conditions .changed');
  assert.equal(await text(opened, '.conditions p'), 'When severity is blocker, target close date is required. not published');
  await opened.getByRole('button', { name: 'Publish 1 change' }).press('Enter');
  await opened.waitForSelector('.sheet .changes li');
  const { count } = await server.call('works.count', { type: ['ticket'] });
  assert.match(await text(opened, '.sheet .changes li'), new RegExp(`${count} tickets`));
  await settled(opened);
  await picture(opened, 'states/schema-publish-light');
  await sound(opened);
  await keys(opened, 'Control+Enter');
  await until('the API has it', async () => (await server.call('schemas.custom.list', { leaf_type: ['ticket'] })).result.some(({ conditions = [] }) => conditions.length === 1));
}));

test('the ways of a stage are drawn for the one that has the focus', () => at('/schema/issue/stages', {}, async (opened) => {
  await opened.waitForSelector('.ways');
  await opened.getByRole('button', { name: /^In Review/ }).press('Enter');
  // The start has its name, like the others.
  assert.match(await text(opened, '.stage-card:has(.n.new) .n'), /^Triage$/);
  await until('it says so', async () => /from In Review$/.test(await text(opened, '.page h2')));
  assert.equal(await opened.locator('.ways path.out').count(), (await server.call('stage-diagrams.get', { leaf_type: 'issue' })).stage_diagram.stages.find(({ stage: { name } }) => name === 'in_review').transitions.length);
}));

looks('schema-fields', '/schema/issue/fields', '.fields');
looks('schema-conditions', '/schema/ticket/conditions', '.page');
looks('schema-subtypes', '/schema/task/subtypes', '.page');
