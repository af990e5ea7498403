import { createHmac } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { WebhookDelivery } from '../../src/api/types.gen';
import { TOPICS, about, lastFailure, outcome, pretty, receiver, shortId, state, subjects } from '../../src/works/webhooks';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const attempt = (date: string, error?: string) => ({ date, duration_ms: 3, url: '', headers: [], ...(error ? { error } : { response_status: 200 }) });

test('a delivery says where it stands, and asks for somebody only if it does not go on', () => {
  const pending = { status: 'pending' as const, attempts: [attempt('', 'timed out')] };
  expect(state({ status: 'delivered', attempts: [] }, NOW)).toEqual({ text: 'delivered', heat: '' });
  expect(state({ status: 'failed', attempts: [] }, NOW)).toEqual({ text: 'given up', heat: 'hot' });
  expect(state({ status: 'pending', attempts: [] }, NOW).text).toBe('on its way');
  expect(state({ ...pending, next_attempt_date: '2026-01-01T12:00:29.5Z' }, NOW)).toEqual({ text: 'again in 30 s', heat: 'warm' });
  expect(state({ ...pending, next_attempt_date: '2026-01-01T14:30:00Z' }, NOW).text).toBe('again in 2 h 30');
  expect(state({ ...pending, next_attempt_date: '2026-01-01T11:00:00Z' }, NOW).text).toBe('trying again');
});

test('what failed last counts until something is taken', () => {
  const failing = { attempts: [attempt('2026-01-01T11:00:00Z', 'refused')] } as unknown as WebhookDelivery;
  const taken = { attempts: [attempt('2026-01-01T11:30:00Z')] } as unknown as WebhookDelivery;
  expect(lastFailure([failing])?.error).toBe('refused');
  expect(lastFailure([failing, taken])).toBeUndefined();
  expect(lastFailure([])).toBeUndefined();
});

test('events are told in few words', () => {
  expect(subjects({ event_types: ['work_created', 'work_updated', 'work_deleted', 'tag_created', 'verify'] })).toBe('works; tags created');
  expect(subjects({ event_types: TOPICS.flatMap(({ events }) => events.map(({ type }) => type)) })).toBe('everything');
  expect(subjects({ event_types: ['verify'] })).toBe('nothing yet');
});

test('objects are called as people call them', () => {
  expect(about('don:core:dvrv-us-1:devo/x:issue/12')).toBe('ISS-12');
  expect(about('don:core:dvrv-us-1:devo/x:ticket/3:comment/5')).toBe('TKT-3');
  expect(about('don:core:dvrv-us-1:devo/x:tag/9')).toBe('tag 9');
  expect(about(undefined)).toBe('');
  expect(shortId('don:integration:dvrv-us-1:devo/x:webhook/Ab3')).toBe('Ab3');
});

test('answers are shown as they can be read', () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty('<html>')).toBe('<html>');
  expect(outcome({ response_status: 500, error: 'the receiver answered 500' })).toBe('500');
  expect(outcome({ error: 'timed out' })).toBe('timed out');
});

const freePort = (): Promise<number> => new Promise((done) => {
  const server = createServer().listen(0, () => { const { port } = server.address() as { port: number }; server.close(() => done(port)); });
});

test('the code that is shown proves itself, and takes nothing without a valid signature', async () => {
  const port = await freePort();
  const code = receiver('Node.js').replace('listen(3000)', `listen(${port})`);
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env: { ...process.env, WEBHOOK_SECRET: 'c2VjcmV0IHNlY3JldA==' }, stdio: 'ignore' });
  try {
    const body = JSON.stringify({ id: 'e', type: 'verify', challenge: 'abc' });
    const post = (signature: string) => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers: { 'x-devrev-signature': signature } });
    const signature = createHmac('sha256', 'c2VjcmV0IHNlY3JldA==').update(body).digest('hex');
    let answer: Response | undefined;
    for (let tries = 0; tries < 50 && !answer; tries++) {
      answer = await post(signature).catch(() => new Promise<undefined>((done) => { setTimeout(done, 50); }));
    }
    expect(await answer?.json()).toEqual({ challenge: 'abc' });
    expect((await post('00')).status).toBe(401);
    expect((await post('')).status).toBe(401);
  } finally {
    child.kill();
  }
});
