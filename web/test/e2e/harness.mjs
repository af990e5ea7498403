// A server with the sample org, a browser, and pages that fail on whatever the console says.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = new URL('../../screenshots/', import.meta.url).pathname;

export const SIZES = {
  desk: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

/** Starts the program with the sample org, and tells the link that signs in. */
export async function serve() {
  const program = process.env.WORKSMITH_BIN ?? new URL('../../../target/debug/worksmith', import.meta.url).pathname;
  const folder = mkdtempSync(join(tmpdir(), 'worksmith-web-'));
  const child = spawn(program, ['demo', '--listen', '127.0.0.1:0', '--data-dir', folder, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const address = await new Promise((done, fail) => {
    child.stdout.on('data', (data) => {
      said += data;
      const link = /https?:\/\/\S+\/signin#\S+/.exec(said);
      if (link) done(new URL(link[0]));
    });
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
  });
  const token = /^Token\s+(\S+)/m.exec(said)?.[1];
  const stop = () => new Promise((done) => {
    child.removeAllListeners('exit');
    child.on('exit', () => { rmSync(folder, { recursive: true, force: true }); done(); });
    child.kill('SIGTERM');
  });
  const call = async (op, body) => {
    const answer = await fetch(`${address.origin}/${op}`, {
      method: 'POST', headers: { authorization: token, 'content-type': 'application/json' }, body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${op}: ${text}`);
    return JSON.parse(text || '{}');
  };
  return { origin: address.origin, link: address.href, token, call, stop, process: child };
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--force-color-profile=srgb'],
  });
}

const DIST = new URL('../../dist/app', import.meta.url).pathname;

/**
 * With `WORKSMITH_WEB=dist`, pages come from `web/dist`, and only calls reach the program: so the UI can be worked on
 * without building the program again.
 */
async function fromDist(context) {
  if (process.env.WORKSMITH_WEB !== 'dist') return;
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
export async function page(browser, { size = SIZES.desk, scheme = 'light', context, allow = [] } = {}) {
  const held = context ?? await browser.newContext({
    viewport: size, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Europe/Berlin',
    hasTouch: size.width < 720, isMobile: size.width < 720,
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
  opened.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && !host.startsWith('127.0.0.1')) faults.push(`a request leaves the server: ${request.url()}`);
  });
  await opened.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return { page: opened, context: held, faults };
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

export async function picture(opened, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await opened.waitForTimeout(150);
  await opened.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
