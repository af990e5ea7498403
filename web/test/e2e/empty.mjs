// The views of an org that has nothing yet: each says what would fill it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, at, keys, picture, server, settled, sound, stage, text, until } from './harness.mjs';

stage(undefined, { isEmpty: true });

const VIEWS = {
  parts: '/parts', sprints: '/sprints', customers: '/customers', slas: '/slas', 'slas-customers': '/slas/customers', 'slas-record': '/slas/record',
  'schema-fields': '/schema/issue/fields', 'schema-subtypes': '/schema/issue/subtypes', 'schema-conditions': '/schema/issue/conditions',
  people: '/people', tokens: '/people/tokens', inbox: '/inbox', 'inbox-later': '/inbox/later', webhooks: '/webhooks', start: '/start',
};

for (const [size, options] of [['light', {}], ['phone', { size: SIZES.phone }]]) {
  test(`views without anything are in nobody’s way: ${size}`, () => at('/parts', options, async (opened) => {
    for (const [name, path] of Object.entries(VIEWS)) {
      await opened.goto(server.origin + path);
      await opened.waitForSelector('main .empty, main .note-here, main .facts, main .first, main .begins');
      await settled(opened);
      await picture(opened, `states/${name}-empty-${size}`);
      await sound(opened, name);
    }
  }));
}

test('the first sprint is made by keys, and its plan opened', () => at('/sprints', {}, async (opened) => {
  await opened.getByRole('button', { name: 'Plan the first' }).press('Enter');
  await opened.waitForSelector('.sheet');
  await keys(opened, 'Control+Enter');
  await opened.waitForURL(/\/sprints\/\d+\.\d+\?plan/);
  await opened.waitForSelector('.plan');
  await settled(opened);
  await picture(opened, 'states/plan-empty-light');
  await sound(opened, 'plan');
  const [sprint] = (await server.call('vistas.groups.list', {})).vista_group;
  assert.equal(sprint.name, 'Sprint 1');
  await keys(opened, 'v');
  await opened.waitForSelector('.note.first');
  await opened.waitForSelector('.lane');
  await settled(opened);
  await picture(opened, 'states/sprint-empty-light');
  await sound(opened, 'sprint');
}));

test('a ready draft of an SLA is made, and can be published', () => at('/slas', {}, async (opened) => {
  await opened.getByRole('button', { name: 'Make this draft' }).press('Enter');
  await opened.waitForSelector('.policies tbody tr');
  await until('it says by when', async () => /has to be answered within/.test(await text(opened, '.sentence')));
  await opened.getByRole('button', { name: 'Publish', exact: true }).press('Enter');
  await until('it is published', async () => (await server.call('slas.list', { status: ['published'] })).slas.length === 1);
}));
