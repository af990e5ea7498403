// How long people wait with very many works: a browser beside a server with the data of the bench, which is not
// changed. From the key to the first task after the frame that shows what it asked for.
//
//   target/release/bench seed --scale 1m
//   WORKSMITH_DATA=target/bench/data-1m-... npm --prefix web run scale
//
// The figures go to bench/results/browser.json; `bench report` puts them into bench/RESULTS.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { launch, page, run, settled } from './e2e/harness.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
if (!process.env.WORKSMITH_DATA) throw new Error('WORKSMITH_DATA names the folder that `bench seed` made');
const DATA = resolve(ROOT, process.env.WORKSMITH_DATA);
const catalog = JSON.parse(readFileSync(join(DATA, 'catalog.json'), 'utf8'));
const ROUNDS = Number(process.env.WORKSMITH_ROUNDS ?? 20);
/** Within how long a navigation shows its content, and a key its effect. */
const SOON_MS = 200;
const AT_ONCE_MS = 50;
/** How many cards the board has on which keys are measured. */
const CARDS = 5000;

const { child, address } = await run(/http:\/\/127\.0\.0\.1:\d+(?=\s)/, 'serve', '--data-dir', join(DATA, 'home'), '--listen', '127.0.0.1:0');
const browser = await launch();

/** What was measured, by what it is. */
const times = new Map();
const note = (what, ms) => { times.set(what, [...(times.get(what) ?? []), ms]); };

/** Presses keys, and tells how long it took from the last one until a condition held in a painted frame. */
async function timed(opened, what, keys, shows, given) {
  await opened.evaluate(([name, about]) => { globalThis.watched = globalThis.watch(name, about); }, [shows, given]);
  for (const key of keys) await opened.keyboard.press(key);
  const ms = await opened.evaluate(() => globalThis.watched);
  if (ms === null) throw new Error(`${what} (${keys.join(' ')}; ${JSON.stringify(given)}): nothing was shown within 10 s at ${opened.url()}`);
  note(what, ms);
}

/** What is asked in the page: conditions by name, and the watch that waits for one. */
function inPage() {
  const has = (selector) => document.querySelector(selector) !== null;
  const here = () => location.pathname + location.search;
  const isQuiet = () => !has('main [aria-busy=true]');
  const cursor = () => document.querySelector('.row.cursor, .card.cursor')?.id ?? '';
  globalThis.cursorNow = cursor;
  const conditions = {
    list: (place) => (place.startsWith('/') ? here() === place : here().includes(place)) && has('.rows .row:not(.blank), .empty') && isQuiet(),
    dashboard: () => has('.dash .fig b') && document.querySelectorAll('.dash svg').length > 0,
    page: (before) => location.pathname !== before && has('h1.ti') && has('.talk .say'),
    panel: () => has('.side .talk .say'),
    board: () => document.querySelectorAll('.card').length > 5 && isQuiet(),
    hits: () => has('.pal mark'),
    moved: (before) => cursor() !== before,
  };
  globalThis.watch = (name, given) => new Promise((done) => {
    let from = 0;
    const listen = (event) => { from = event.timeStamp; };
    addEventListener('keydown', listen, true);
    const end = performance.now() + 10_000;
    const { port1, port2 } = new MessageChannel();
    const stop = (ms) => { removeEventListener('keydown', listen, true); port1.close(); done(ms); };
    // A message is handled after the frame that was asked for has been painted.
    port1.onmessage = () => {
      const now = performance.now();
      if (now > end) stop(null);
      else if (from > 0 && shown) stop(now - from);
      else requestAnimationFrame(look);
    };
    let shown = false;
    const look = () => {
      shown = from > 0 && conditions[name](given);
      port2.postMessage(0);
    };
    requestAnimationFrame(look);
  });
}

async function navigations(opened) {
  const words = ['upload', 'download', 'image', 'preview', 'thread', 'mention', 'message', 'file'];
  const place = () => opened.evaluate(() => location.pathname);
  const pause = () => opened.waitForTimeout(150);
  const to = async (what, keys, shows, given) => { await timed(opened, what, keys, shows, given); await pause(); };
  for (let round = 0; round < ROUNDS; round++) {
    await to('list to list', ['g', 'm'], 'list', 'owner=me');
    await to('list to list', ['g', 'l'], 'list', '/works');
    for (let row = 0; row < 2 + (round % 5); row++) await opened.keyboard.press('j');
    await pause();
    await to('list to detail', ['o'], 'page', '/works');
    await to('detail to next', ['j'], 'page', await place());
    await to('detail to next', ['j'], 'page', await place());
    await to('list to list', ['g', 'l'], 'list', '/works');
    await opened.keyboard.press('j');
    await pause();
    await to('list to panel', ['Enter'], 'panel');
    await opened.keyboard.press('Escape');
    await pause();
    const urgency = URGENCIES[round % URGENCIES.length];
    await opened.keyboard.press('f');
    await opened.keyboard.type('urgency');
    await opened.keyboard.press('Enter');
    await opened.waitForSelector('.pal input[placeholder="Urgency"]');
    await opened.keyboard.type(urgency);
    await opened.keyboard.press('Enter');
    await to('filter', ['Control+Enter'], 'list', `urgency=${urgency.toLowerCase()}`);
    await to('board', ['v'], 'board');
    await to('list to list', ['g', 'l'], 'list', '/works');
    await to('dashboard', ['g', 'd'], 'dashboard');
    await to('list to list', ['g', 'l'], 'list', '/works');
    await opened.keyboard.press('/');
    await opened.waitForSelector('.pal input');
    await to('search', [...words[round % words.length]], 'hits');
    await opened.keyboard.press('Escape');
    await pause();
  }
}

const URGENCIES = ['P0', 'P1', 'P2', 'P3'];

/** Keys in a list, and in a board whose columns have so many cards. */
async function strokes(opened, what, keys) {
  for (const key of keys) {
    const before = await opened.evaluate(() => globalThis.cursorNow());
    await timed(opened, what, [key], 'moved', before);
    await opened.waitForTimeout(40);
  }
}

/** The board of the owner who has about as many works as wanted. */
function boardPath() {
  const far = ({ count }) => Math.abs(count - CARDS);
  const [owner] = [...catalog.owners].sort((a, b) => far(a) - far(b));
  note('cards of the board', owner.count);
  return `/works?owner=DEVU-${owner.id.split('/').at(-1)}&state=&layout=board`;
}

/** Scrolls the columns to their ends, until all cards are there, and back. */
async function loadCards(opened) {
  for (let height = 0, same = 0; same < 3;) {
    const now = await opened.evaluate(() => {
      const columns = [...document.querySelectorAll('.lane .cards')];
      for (const column of columns) column.scrollTop = column.scrollHeight;
      return columns.reduce((sum, column) => sum + column.scrollHeight, 0);
    });
    same = now === height ? same + 1 : 0;
    height = now;
    await settled(opened);
  }
  await opened.evaluate(() => { for (const column of document.querySelectorAll('.lane .cards')) column.scrollTop = 0; });
  await settled(opened);
}

async function firstLoads(context) {
  for (let round = 0; round < 5; round++) {
    const opened = await context.newPage();
    const cdp = await context.newCDPSession(opened);
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    await opened.goto(`${address.origin}/works`, { waitUntil: 'commit' });
    await opened.waitForFunction(() => document.querySelector('.rows .row:not(.blank)') !== null);
    note('first load', await opened.evaluate(() => performance.now()));
    await opened.close();
  }
}

function rowOf([what, all]) {
  const sorted = [...all].sort((a, b) => a - b);
  const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1));
  return { what, count: sorted.length, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}

function results() {
  const isKey = (what) => what.startsWith('key');
  const [cards] = times.get('cards of the board');
  times.delete('cards of the board');
  const moves = [...times].filter(([what]) => !isKey(what) && what !== 'first load');
  const all = moves.flatMap(([, each]) => each);
  const soon = all.filter((ms) => ms <= SOON_MS).length / all.length;
  const rows = moves.map(rowOf);
  rows.push({
    ...rowOf(['all navigations', all]), target: `95 % within ${SOON_MS} ms`, reached: soon >= 0.95, figure: `${(soon * 100).toFixed(1)} %`,
  });
  for (const [what, each] of times) {
    const row = rowOf([what, each]);
    if (isKey(what)) rows.push({ ...row, what: what.replace('the board', `a board of ${cards} cards`), target: `p95 at most ${AT_ONCE_MS} ms`, reached: row.p95_ms <= AT_ONCE_MS, figure: `${row.p95_ms} ms` });
    if (what === 'first load') rows.push({ ...row, target: 'at most 1 s', reached: row.max_ms <= 1000, figure: `${row.max_ms} ms` });
  }
  return { date: new Date().toISOString(), works: catalog.works, browser: `Chromium ${browser.version()}`, rows };
}

try {
  const { page: opened, context, faults } = await page(browser);
  await opened.addInitScript(inPage);
  await opened.goto(address.origin);
  await opened.fill('#token', catalog.token);
  await opened.press('#token', 'Enter');
  await opened.waitForSelector('.rail');
  await firstLoads(context);
  await opened.goto(`${address.origin}/works`);
  await settled(opened);
  await navigations(opened);
  await opened.goto(`${address.origin}/works`);
  await settled(opened);
  await strokes(opened, 'key in the list', [...Array(120).fill('j'), ...Array(6).fill('PageDown'), ...Array(60).fill('k')]);
  await opened.goto(`${address.origin}${boardPath()}`);
  await settled(opened);
  await loadCards(opened);
  await strokes(opened, 'key in the board', [...Array(120).fill('j'), 'l', ...Array(60).fill('j'), 'h', ...Array(60).fill('k')]);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const measured = results();
  console.table(measured.rows);
  writeFileSync(join(ROOT, 'bench/results/browser.json'), `${JSON.stringify(measured, undefined, 2)}\n`);
} finally {
  await browser.close();
  child.kill('SIGTERM');
}
