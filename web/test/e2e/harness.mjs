// A server with the sample org, a browser, and pages that fail on whatever the console says.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = new URL('../../screenshots/', import.meta.url).pathname;

/** The largest picture that is kept with the project. */
const KEPT_MAX = 200 * 1024;

export const SIZES = {
  desk: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

const PROGRAM = process.env.WORKSMITH_BIN ?? new URL('../../../target/debug/worksmith', import.meta.url).pathname;

/** Runs the program until it prints this address. */
export async function run(wanted, ...args) {
  const child = spawn(PROGRAM, [...args, '--log-level', 'error'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const address = await new Promise((done, fail) => {
    child.stdout.on('data', (data) => {
      said += data;
      const found = wanted.exec(said);
      if (found) done(new URL(found[0]));
    });
    child.on('error', fail);
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
  });
  child.removeAllListeners('exit');
  return { child, address, said: () => said };
}

/**
 * With `WORKSMITH_TEST_DATABASE=postgres`, the program has a database of its own on the PostgreSQL whose socket is in the
 * folder `WORKSMITH_TEST_POSTGRES`.
 */
function database() {
  if (process.env.WORKSMITH_TEST_DATABASE !== 'postgres') return [];
  const folder = process.env.WORKSMITH_TEST_POSTGRES;
  const name = `web_${process.pid}_${Date.now()}`;
  const sql = `CREATE DATABASE ${name} OWNER worksmith TEMPLATE template0`;
  execFileSync('psql', ['--host', folder, '--username', 'postgres', '--quiet', '--command', sql, 'postgres']);
  return ['--database', `postgres://worksmith@${encodeURIComponent(folder)}/${name}`];
}

/** Starts the program with the sample org, or with an org that has nothing, and tells the link that signs in. */
export async function serve({ isEmpty = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'worksmith-web-'));
  const kept = database();
  const first = await run(/http:\S+\/signin#\S+(?=\s)/, isEmpty ? 'serve' : 'demo', '--listen', '127.0.0.1:0', '--data-dir', folder, ...kept);
  const { origin, host } = first.address;
  const token = /^Token\s.*?(eyJ\S+)/m.exec(first.said())?.[1];
  let { child } = first;
  const end = (signal) => new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', () => done());
    child.kill(signal);
  });
  const call = async (op, body, as = token) => {
    const answer = await fetch(`${origin}/${op}`, {
      method: 'POST', headers: { authorization: as, 'content-type': 'application/json' }, body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${op}: ${text}`);
    return JSON.parse(text || '{}');
  };
  return {
    origin, token, link: first.address.href, call,
    /** Ends it without a warning. */
    kill: () => end('SIGKILL'),
    /** Starts it again, with what it had. */
    again: async () => { ({ child } = await run(/http:\S+(?=\s)/, 'serve', '--listen', host, '--data-dir', folder, ...kept)); },
    stop: async () => { await end('SIGTERM'); rmSync(folder, { recursive: true, force: true }); },
  };
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--force-color-profile=srgb'],
  });
}

const FROM = process.env.WORKSMITH_WEB;
const DIST = FROM === 'dist' ? new URL('../../dist/app', import.meta.url).pathname : FROM;

/**
 * With `WORKSMITH_WEB=dist`, pages come from `web/dist`, or from another folder that it names, and only calls reach the program: so the UI can be worked on
 * without building the program again.
 */
async function fromDist(context) {
  if (!DIST) return;
  await context.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    const isPage = route.request().isNavigationRequest();
    const path = join(DIST, isPage ? 'index.html' : pathname);
    if (route.request().method() !== 'GET' || !existsSync(path)) return route.continue();
    // What the program says of a page, it says of this one.
    const { 'content-encoding': _, 'content-length': __, etag: ___, ...headers } = isPage ? (await route.fetch()).headers() : {};
    return route.fulfill({ path, headers });
  });
}

/** Opens a page; `faults` has what went wrong in it. */
export async function page(browser, { size = SIZES.desk, scheme = 'light', context, allow = [], cookies } = {}) {
  const held = context ?? await browser.newContext({
    viewport: size, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Europe/Berlin',
    hasTouch: size.width < 720, isMobile: size.width < 720, ...(cookies ? { storageState: { cookies, origins: [] } } : {}),
  });
  if (!context) await fromDist(held);
  const opened = await held.newPage();
  opened.setDefaultTimeout(15_000);
  const faults = [];
  const isAllowed = (text) => allow.some((each) => text.includes(each));
  opened.on('console', (message) => {
    if (message.type() === 'error' && !isAllowed(message.text())) faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  opened.on('pageerror', (error) => faults.push(`error: ${error.stack ?? error}`));
  const asked = new Set();
  opened.on('request', (request) => {
    const { protocol, host, pathname } = new URL(request.url());
    if (protocol.startsWith('http') && !host.startsWith('127.0.0.1')) faults.push(`a request leaves the server: ${request.url()}`);
    // The feed never ends.
    if (pathname !== '/events.stream') asked.add(request);
  });
  for (const end of ['requestfinished', 'requestfailed']) opened.on(end, (request) => asked.delete(request));
  asks.set(opened, asked);
  await opened.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return { page: opened, context: held, faults };
}

/** What each page asked for and has no answer to. */
const asks = new WeakMap();

/** Waits until a page has all that it asked for, and has painted it. */
export async function settled(opened) {
  for (let quiet = 0; quiet < 3;) {
    await opened.evaluate(() => document.fonts.ready.then(() => new Promise((done) => {
      requestAnimationFrame(() => { setTimeout(done, 25); });
    })));
    quiet = asks.get(opened).size === 0 ? quiet + 1 : 0;
  }
}

export async function signIn(opened, server) {
  await opened.goto(server.origin);
  await opened.fill('#token', server.token);
  await opened.press('#token', 'Enter');
  await opened.waitForSelector('.rail', { state: 'attached' });
}

/** Serious findings of axe, in words. */
export async function inspect(opened) {
  await opened.evaluate(axe);
  const { violations } = await opened.evaluate(() => globalThis.axe.run(document, {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  }));
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\n${nodes.slice(0, 4).map((node) => `    ${node.target.join(' ')}\n      ${node.failureSummary.split('\n').slice(1, 3).join(' ')}`).join('\n')}`);
}

/**
 * A picture of a view. With `WORKSMITH_PICTURES=renew`, it is the one that is kept with the project; without, and if its
 * name is like `states/list-empty`, it is only there to be looked at.
 */
export async function picture(opened, name, isSettled = true) {
  const isState = name.startsWith('states/');
  const isKept = isState || process.env.WORKSMITH_PICTURES === 'renew';
  const path = join(SCREENSHOTS, `${isKept ? name : `states/${name}`}.png`);
  mkdirSync(dirname(path), { recursive: true });
  if (isSettled) await settled(opened);
  const shot = await opened.screenshot({ path });
  assert.ok(isState || shot.length <= KEPT_MAX, `${name} has ${shot.length} bytes`);
}

/** The server and the browser of a file, once its tests run. */
export let server;
export let browser;
let cookies;

/** Starts a server and a browser for the tests of a file, and prepares what they need of the server. */
export function stage(prepare = () => undefined, options = {}) {
  before(async () => {
    const begun = await Promise.allSettled([
      serve(options).then((started) => { server = started; }), launch().then((started) => { browser = started; }),
    ]);
    for (const { reason } of begun) if (reason) throw reason;
    const first = await page(browser);
    await signIn(first.page, server);
    cookies = await first.context.cookies();
    await first.context.close();
    await prepare(server.call);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
}

/** Opens a signed-in page at a path, and fails on whatever goes wrong in it. */
export async function at(path, options, act) {
  const opened = await page(browser, { cookies, ...options });
  try {
    await opened.page.goto(server.origin + path);
    await act(opened.page, opened);
    assert.deepEqual(opened.faults, []);
  } finally {
    await opened.context.close();
  }
}

/** Presses keys one after another. */
export const keys = async (opened, ...pressed) => { for (const key of pressed) await opened.keyboard.press(key); };
/** The words of the first element that a selector finds. */
export const text = (opened, selector) => opened.locator(selector).first().innerText();
/** A work as the server has it. */
export const work = async (id) => (await server.call('works.get', { id })).work;

/** A call, and the token, of another member. */
export async function another(id = 'DEVU-2') {
  const { access_token: token } = await server.call('auth-tokens.create', {
    requested_token_type: 'urn:devrev:params:oauth:token-type:pat:act-as', act_as: id, token_hint: 'another',
  });
  return { token, call: (op, body) => server.call(op, body, token) };
}

/** The id of the work that is called so in the sample org. */
export const idOf = async (title) => {
  const { works } = await server.call('works.list', { limit: 100 });
  return works.find((each) => each.title === title).display_id;
};

/** Waits until a condition holds. */
export async function until(what, condition) {
  for (const end = Date.now() + 8000; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((done) => { setTimeout(done, 40); });
  }
  assert.fail(`not within 8 s: ${what}`);
}

/** What has to hold of every view: nothing for axe to find, and nothing to scroll sideways but inside of it. */
export async function sound(opened, what = '') {
  assert.deepEqual(await inspect(opened), [], what);
  assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} scrolls sideways`);
}

/**
 * A view in light, in dark and on a phone: a picture of each, and whether it is sound. `pressed` are keys, or what to
 * do before the picture. `path` may be a function, for what only the server can tell.
 */
export function looks(name, path, selector, pressed = []) {
  const act = typeof pressed === 'function' ? pressed : (opened) => keys(opened, ...pressed);
  const come = async (opened) => {
    await opened.waitForSelector(selector);
    await settled(opened);
    await act(opened);
  };
  const address = async () => (typeof path === 'function' ? path() : path);
  test(`${name} is in nobody's way in light and dark`, async () => at(await address(), {}, async (opened) => {
    await come(opened);
    await picture(opened, `${name}-light`);
    await sound(opened, 'light');
    await opened.emulateMedia({ colorScheme: 'dark' });
    await picture(opened, `${name}-dark`);
    await sound(opened, 'dark');
  }));
  test(`${name} is in nobody's way on a phone`, async () => at(await address(), { size: SIZES.phone }, async (opened) => {
    await come(opened);
    await picture(opened, `${name}-phone`);
    await sound(opened, 'phone');
  }));
}
