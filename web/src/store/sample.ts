// Fills an empty org with the sample org, by calls of the public API.
import { post, uniqueKey, upload } from '../api/call';
import { asRefusal } from '../api/errors';
import { Names, made, nounOf, type Call, type Script } from '../works/script';
import type { Progress } from './importer';
import { askForAll } from './live';
import { signedIn } from './session';

const TRIES = 6;
/** What nobody else can do, is done by whoever begins. */
const ACT_AS = 'urn:devrev:params:oauth:token-type:pat:act-as';

/** A sample that is being made; one that failed goes on where it was. */
interface Making {
  names: Names;
  next: number;
  run: string;
  /** The tokens of those who speak, by their names in the script, with their ids. */
  tokens: Map<string, { text: string; id: string }>;
}

let making: Making | undefined;

export async function makeSample(onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void> {
  const { calls } = (await import('../../../crates/worksmith/src/demo.json')).default as unknown as Script;
  making ??= { names: new Names(Date.now(), signedIn().user.id), next: 0, run: uniqueKey(), tokens: new Map() };
  const now = making;
  while (now.next < calls.length) {
    if (signal.aborted) return;
    const call = calls[now.next];
    if (call) {
      onProgress({ what: nounOf(call.op), done: now.next, of: calls.length });
      await make(now, call, signal);
    }
    now.next++;
  }
  for (const { id } of now.tokens.values()) await send('auth-tokens.delete', { token_id: id }, {}, signal);
  making = undefined;
  askForAll();
}

async function make(now: Making, call: Call, signal: AbortSignal): Promise<void> {
  const body = now.names.fill(call.body);
  if (call.file !== undefined) {
    const { file_name: name, file_type: type } = body as { file_name: string; file_type?: string };
    const id = await upload(new File([call.file], name, type ? { type } : {}));
    if (call.as) now.names.keep(call.as, id);
    return;
  }
  const headers: Record<string, string> = { 'idempotency-key': `${now.run} ${now.next}` };
  const speaker = call.by ? now.names.get(call.by) : undefined;
  if (call.by && speaker?.includes(':devu/')) headers.authorization = await tokenOf(now, call.by, speaker, signal);
  const id = made(await send(call.op, body, headers, signal));
  if (call.as && id) now.names.keep(call.as, id);
}

async function tokenOf(now: Making, name: string, id: string, signal: AbortSignal): Promise<string> {
  const known = now.tokens.get(name);
  if (known) return known.text;
  const hint = `sample org: ${name}`;
  const answer = await send('auth-tokens.create', { requested_token_type: ACT_AS, act_as: id, token_hint: hint }, {}, signal) as { access_token: string };
  const { tokens } = await send('auth-tokens.list', { subject: id }, {}, signal) as { tokens: Array<{ id: string; token_hint?: string }> };
  now.tokens.set(name, { text: answer.access_token, id: tokens.find((each) => each.token_hint === hint)?.id ?? '' });
  return answer.access_token;
}

/** Calls whatever the script says, again if that may help. */
async function send(op: string, body: unknown, headers: Record<string, string>, signal: AbortSignal): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      const response = await post(`/${op}`, body, headers, signal);
      return response.status === 204 ? {} : await response.json();
    } catch (error) {
      const refusal = asRefusal(error);
      if (signal.aborted || !refusal.isTemporary || tries === TRIES) throw error;
      await new Promise((done) => { setTimeout(done, refusal.retryAfterMs ?? 250 * 2 ** tries); });
    }
  }
}
