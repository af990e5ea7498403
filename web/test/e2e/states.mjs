// Lists, boards, works and the dashboard when there is nothing, too much, no answer yet, and none at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, at, keys, picture, server, settled, sound, stage, text } from './harness.mjs';

const LONG = 'Instrumentenkalibrierungsprotokolldateien werden nach einer Firmwareaktualisierung ohne Hinweis überschrieben, und das seit dem letzten Winter';
let crowded;

stage(async () => {
  const { tag } = await server.call('tags.create', { name: 'a-tag-with-quite-a-long-name', allowed_values: [] });
  const made = [];
  for (let nth = 0; nth < 130; nth++) {
    made.push(server.call('works.create', {
      type: nth % 3 === 0 ? 'ticket' : 'issue', title: nth % 7 === 3 ? 'مقياس الموج يعرض القيمة مرتين بعد تحديث البرنامج الثابت' : `${LONG} ${nth}`,
      applies_to_part: 'PROD-1', owned_by: nth % 5 === 0 ? ['DEVU-1', 'DEVU-2', 'DEVU-3'] : ['DEVU-2'], tags: [{ id: tag.id }],
      ...(nth % 3 === 0 ? { severity: 'high' } : { priority: nth % 2 === 0 ? 'p0' : 'p1' }),
    }));
  }
  const works = await Promise.all(made);
  crowded = works[1].work;
  await server.call('works.update', { id: crowded.id, body: `${'A paragraph of some length, with a [link](https://example.org) and `code`. '.repeat(12)}\n\n`.repeat(8) });
  for (let nth = 0; nth < 40; nth++) {
    await server.call('timeline-entries.create', { type: 'timeline_comment', object: crowded.id, body: `Comment ${nth}: ${LONG}` });
  }
});

/** A view in one of its states, at the desk and as narrow as a phone. */
function looksSo(name, path, { selector, only, answer, prepare = () => undefined, see = () => undefined, allow = [] }) {
  test(name, () => at('/schema', { allow }, async (opened) => {
    await opened.waitForSelector('main h1');
    await settled(opened);
    if (only) await opened.route(only, answer);
    await prepare(opened);
    // Within the page, so that only the view itself asks.
    await opened.evaluate((to) => { history.pushState(null, '', to); }, typeof path === 'function' ? path() : path);
    await opened.waitForSelector(selector, { state: 'attached' });
    await see(opened);
    for (const [kind, size] of Object.entries(SIZES)) {
      await opened.setViewportSize(size);
      // What has no answer never settles.
      if (answer === never) await opened.waitForTimeout(200);
      await picture(opened, `states/${name}-${kind}`, answer !== never);
      await sound(opened, `${name}, ${kind}`);
    }
  }));
}

const never = () => undefined;
const fails = (route) => route.fulfill({
  status: 500, headers: { 'content-type': 'application/json', 'x-request-id': '7f3a-19' }, body: JSON.stringify({ type: 'internal_error', message: 'no' }),
});
const WORKS = /\/works\.(list|count|get)$/;
const says = (words) => async (opened) => assert.match(await text(opened, '.failed, .empty'), words);
const REFUSED = { only: WORKS, answer: fails, selector: '.failed', allow: ['500'], see: says(/The server failed\.[\s\S]*7f3a-19/) };

looksSo('list-empty', '/works?kind=task&urgency=p0', { selector: '.empty', see: says(/Nothing here/) });
looksSo('list-crowded', '/works', { selector: '.rows .row:not(.blank)', see: (opened) => keys(opened, 'j') });
looksSo('list-loading', '/works', { selector: '.rows .blanks', only: WORKS, answer: never });
looksSo('list-refused', '/works', REFUSED);
looksSo('board-empty', '/works?kind=issue&tag=TAG-999&layout=board', { selector: '.lane', allow: ['400', '404'] });
looksSo('board-crowded', '/works?kind=issue,ticket&layout=board', {
  selector: '.card',
  see: async (opened) => {
    await opened.waitForSelector('.lane[aria-label^="Queued"] .card:not(.blank)', { state: 'attached' });
    await keys(opened, 'j');
  },
});
looksSo('board-loading', '/works?kind=issue&layout=board', { selector: '.boardish', only: WORKS, answer: never });
looksSo('board-refused', '/works?kind=issue&layout=board', REFUSED);
looksSo('detail-empty', '/ISS-4', { selector: '.props' });
looksSo('detail-crowded', () => `/${crowded.display_id}`, { selector: '.say' });
looksSo('detail-loading', '/ISS-5', { selector: 'main[aria-busy=true]', only: WORKS, answer: never });
looksSo('detail-refused', '/ISS-5', REFUSED);
looksSo('dashboard-crowded', '/', { selector: '.panels' });
looksSo('dashboard-loading', '/', { selector: 'main', only: WORKS, answer: never });
looksSo('dashboard-refused', '/', REFUSED);

/** A promise of some days, told by a server that had them. */
const ago = (hours) => new Date(Date.now() - hours * 3_600_000).toISOString();
test('the clock of a work that took days', () => at('/TKT-1', {}, async (opened) => {
  const metric = (name, target, elapsed, spans) => ({
    metric_definition: { id: name, name }, org_schedule: { id: 's', name: 'support hours' }, target_seconds: target, warning_seconds: target * 0.75,
    elapsed_seconds: elapsed, spans,
  });
  const from = (at, rule) => ({ at: ago(at), rule, revision: 1 });
  const interval = (a, b) => ({ from: ago(a), to: ago(b), seconds: (a - b) * 3600 });
  await opened.route('**/sla-trackers.explain', (route) => route.fulfill({
    json: { explanation: {
      at: ago(0), policy: 'Gold', metrics: [
        metric('Resolution time', 57_600, 47_160, [
          { started_by: from(48, 'entered stage queued'), stopped_by: from(46, 'entered stage awaiting_customer_response, where the customer has the next word'), intervals: [interval(48, 46)] },
          { started_by: from(26, 'entered stage work_in_progress'), intervals: [interval(26, 18), interval(3, 0)] },
        ]),
        metric('First response time', 3600, 2100, [{ started_by: from(48, 'entered stage queued'), stopped_by: from(47.4, 'needs_response was cleared'), intervals: [interval(48, 47.4)] }]),
      ],
    } },
  }));
  await opened.route('**/works.get', async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    Object.assign(json.work.sla_summary, { stage: 'warning', target_time: ago(-1.9) });
    json.work.created_date = ago(48);
    await route.fulfill({ response: answer, json });
  });
  await opened.reload();
  await opened.waitForSelector('.promise .spans li.off');
  assert.match(await text(opened, '.promise'), /counting, in Work In Progress; warm since/);
  await opened.waitForSelector('.promise .ruler .w');
  assert.match(await text(opened, '.promise'), /First response time kept: 35 min of 1 h/);
  await picture(opened, 'states/detail-clock');
  await sound(opened);
}));
