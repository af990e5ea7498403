// Webhooks, by keys alone, beside a receiver of our own.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { SIZES, at, keys, looks, picture, server, settled, sound, stage, text, until } from './harness.mjs';

// The program refuses to send to this machine unless it is allowed to.
process.env.WORKSMITH_WEBHOOK_ALLOW = '127.0.0.1';
// Tries follow each other within seconds here.
process.env.WORKSMITH_WEBHOOK_PACE = '10';
stage();

const taken = [];
let receiver;
let origin;
let isBroken = false;
const list = async () => (await server.call('webhooks.list', {})).webhooks;
const short = ({ id }) => id.slice(id.lastIndexOf('/') + 1);
const find = async (path) => (await list()).find(({ url }) => url === origin + path);
const deliveries = async (webhook) => (await server.call('webhooks.deliveries.list', { webhook: webhook.id })).deliveries;

before(async () => {
  receiver = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = JSON.parse(Buffer.concat(chunks));
    if (event.type === 'verify') return response.end(JSON.stringify({ challenge: event.challenge }));
    taken.push({ path: request.url, event, headers: request.headers });
    response.statusCode = isBroken ? 500 : 200;
    response.end(JSON.stringify({ isBroken }));
  });
  await new Promise((done) => { receiver.listen(0, '127.0.0.1', done); });
  origin = `http://127.0.0.1:${receiver.address().port}`;
});
after(() => new Promise((done) => { receiver.close(done); }));

/** A webhook that is active, with so many deliveries. */
async function made(path, count = 0) {
  const { webhook } = await server.call('webhooks.create', { url: origin + path, event_types: ['work_updated'] });
  await until('it is active', async () => (await find(path)).status === 'active');
  for (let n = 0; n < count; n++) await server.call('works.update', { id: 'ISS-4', title: `Export readings as CSV ${path} ${n}` });
  await until('it is told', () => taken.filter((each) => each.path === path).length >= count);
  return webhook;
}

test('the first is made, proves itself, is told of something, and shows the request and the answer', () => at('/works', {}, async (opened) => {
  for (const { id } of await list()) await server.call('webhooks.delete', { id });
  await opened.goto(`${server.origin}/webhooks`);
  await opened.waitForSelector('.first .code');
  await picture(opened, 'states/webhooks-empty');
  await sound(opened, 'empty');
  await keys(opened, 'n');
  await opened.waitForSelector('.sheet');
  await opened.keyboard.type(`${origin}/first`);
  await picture(opened, 'states/webhooks-new');
  await sound(opened, 'the form');
  await keys(opened, 'Control+Enter');
  await opened.waitForURL(/\/webhooks\/\w+$/);
  await opened.locator('.hook-state.active').waitFor();
  await opened.waitForSelector('.hooks .row');
  await server.call('works.update', { id: 'ISS-3', title: 'Darker colours' });
  await opened.locator('.hooks .row', { hasText: 'work_updated' }).waitFor();
  await keys(opened, 'Home');
  const side = opened.locator('.side');
  await side.getByText('Darker colours').first().waitFor();
  await side.getByText('answered 200').waitFor();
  assert.match(await side.innerText(), /"isBroken": false/);
  assert.match(await side.innerText(), /X-DevRev-Signature/i);
  await until('the row says so', async () => /work_updated\s+ISS-3\s+delivered/.test(await text(opened, '.hooks .row')));
}));

test('one is sent again, and a range', () => at('/works', {}, async (opened) => {
  const webhook = await made('/again', 2);
  await opened.goto(`${server.origin}/webhooks/${short(webhook)}`);
  await opened.locator('.hooks .row', { hasText: 'work_updated' }).first().waitFor();
  const told = () => taken.filter(({ path }) => path === '/again').length;
  assert.equal(told(), 2);
  await keys(opened, 'Home', 'r');
  await until('it is sent again', () => told() === 3);
  await keys(opened, 'Shift+R');
  await opened.waitForSelector('.sheet');
  await picture(opened, 'states/webhooks-range');
  await opened.getByLabel('Which').selectOption('delivered');
  await keys(opened, 'Control+Enter');
  await until('both are sent again', () => told() >= 5);
  assert.match(await text(opened, '.toast'), /sent again/);
}));

test('what fails is hot, waits for its next try, and shows each of them', () => at('/works', {}, async (opened) => {
  isBroken = true;
  const webhook = await made('/broken', 1);
  await until('it has failed', async () => (await deliveries(webhook))[0].attempts.length > 0);
  await opened.goto(`${server.origin}/webhooks`);
  await opened.locator('.hooks .row.hot', { hasText: '/broken' }).waitFor();
  await opened.goto(`${server.origin}/webhooks/${short(webhook)}`);
  const row = opened.locator('.hooks .row.warm');
  await row.waitFor();
  assert.match(await row.innerText(), /again|trying/);
  await keys(opened, 'Home', 'r');
  await opened.getByText('It is tried again by itself').waitFor();
  await picture(opened, 'states/webhooks-failing');
  isBroken = false;
  await until('it is taken', async () => (await deliveries(webhook))[0].status === 'delivered');
  await opened.getByRole('button', { name: /^2/ }).waitFor();
  await opened.getByRole('button', { name: /^1/ }).press('Enter');
  await opened.locator('.side').getByText('Try 1: the receiver answered 500').waitFor();
}));

test('is edited, paused, verified anew, gets a new secret, and is deleted', () => at('/works', {}, async (opened) => {
  const webhook = await made('/changed');
  await opened.goto(`${server.origin}/webhooks/${short(webhook)}`);
  await opened.locator('.hook-state.active').waitFor();
  await keys(opened, 'e');
  await opened.waitForSelector('.sheet');
  await opened.getByRole('group', { name: 'Tags' }).getByRole('checkbox', { name: 'created' }).press('Space');
  await keys(opened, 'Control+Enter');
  await until('tags are told, too', async () => (await find('/changed')).event_types.includes('tag_created'));
  await opened.waitForSelector('.sheet', { state: 'detached' });
  await keys(opened, 'u');
  await opened.locator('.hook-state.inactive').waitFor();
  await keys(opened, 'u');
  await opened.locator('.hook-state.active').waitFor();
  const verified = async () => (await deliveries(webhook)).filter(({ type }) => type === 'verify').length;
  const times = await verified();
  await keys(opened, 'Control+k');
  await opened.keyboard.type('Verify again');
  await keys(opened, 'Enter');
  await until('it was asked again', async () => await verified() > times && (await find('/changed')).status === 'active');
  const { secret } = await find('/changed');
  await keys(opened, 'Control+k');
  await opened.keyboard.type('New secret');
  await keys(opened, 'Enter');
  await opened.waitForSelector('.secret');
  assert.doesNotMatch(await text(opened, '.secret output'), new RegExp(secret.slice(0, 8).replace(/[+/]/g, '.')));
  await keys(opened, 'Control+Enter');
  await until('it is another one', async () => (await find('/changed')).secret !== secret);
  await until('it is shown', async () => await text(opened, '.secret output') === (await find('/changed')).secret);
  await keys(opened, 'Escape');
  await until('the old one signs, too', async () => /old secret signs/.test(await text(opened, '.hook-about')));
  await keys(opened, 'Control+k');
  await opened.keyboard.type('Delete the webhook');
  await keys(opened, 'Enter');
  await opened.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).press('Enter');
  await opened.waitForURL(/\/webhooks$/);
  assert.equal(await find('/changed'), undefined);
}));

test('a refused address stays in its form, with the reason', () => at('/webhooks', { allow: ['400'] }, async (opened) => {
  await opened.waitForSelector('.head h1');
  await keys(opened, 'n');
  await opened.waitForSelector('.sheet');
  await opened.keyboard.type('ftp://example.org');
  await keys(opened, 'Control+Enter');
  await opened.waitForSelector('.sheet .wrong');
  assert.match(await text(opened, '.sheet .wrong'), /url/i);
  await picture(opened, 'states/webhooks-refused');
}));

test('a receiver that never proves itself is said to be that', () => at('/works', {}, async (opened) => {
  const { webhook } = await server.call('webhooks.create', { url: 'http://127.0.0.1:9/', event_types: ['work_created'] });
  await opened.goto(`${server.origin}/webhooks/${short(webhook)}`);
  await opened.locator('.hook-state.unverified').waitFor();
  assert.match(await text(opened, '.hook-about'), /has not proved itself/);
  await opened.locator('.hooks .row', { hasText: 'verify' }).waitFor();
  await settled(opened);
  await picture(opened, 'states/webhooks-unverified');
  await server.call('webhooks.delete', { id: webhook.id });
}));

test('many deliveries', () => at('/works', {}, async (opened) => {
  const webhook = await made('/many', 130);
  await opened.goto(`${server.origin}/webhooks/${short(webhook)}`);
  await opened.waitForSelector('.hooks .row');
  await keys(opened, 'End');
  await until('what was before comes', async () => await opened.locator('.hooks .row').count() > 130);
  await picture(opened, 'states/webhooks-crowded');
  await sound(opened, 'crowded');
  await opened.setViewportSize(SIZES.phone);
  await keys(opened, 'Escape');
  await picture(opened, 'states/webhooks-crowded-phone');
}));

const shown = async () => `/webhooks/${short(await made('/status-page', 3))}`;
looks('webhooks', '/webhooks', '.hooks .row');
looks('webhook', shown, '.hooks .row');
