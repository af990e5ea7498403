// The only place that calls the server, and only its public API and the session.
import { Refusal, refusalOf } from './errors';
import type { Operations } from './types.gen';

export type Op = keyof Operations;
export type Body<N extends Op> = Operations[N]['body'];
export type Answer<N extends Op> = Operations[N]['answer'];

export interface Conditions {
  /** Makes a repeated write count once. */
  key?: string;
  /** The revision that the object must have. */
  revision?: number | undefined;
  /** Whether a list shall tell the revisions of its objects. */
  revisions?: boolean;
  signal?: AbortSignal | undefined;
}

/** An answer, and the revision of the single object that it shows. */
export interface Told<T> {
  answer: T;
  revision: number | undefined;
}

/** Calls an operation. */
export async function call<N extends Op>(op: N, body: Body<N>, conditions: Conditions = {}): Promise<Answer<N>> {
  return (await tell(op, body, conditions)).answer;
}

/** Calls an operation, and tells the revision that the answer has. */
export async function tell<N extends Op>(
  op: N,
  body: Body<N>,
  { key, revision, revisions, signal }: Conditions = {},
): Promise<Told<Answer<N>>> {
  const headers: Record<string, string> = {};
  if (key !== undefined) headers['idempotency-key'] = key;
  if (revision !== undefined) headers['if-match'] = String(revision);
  if (revisions) headers['x-worksmith-revisions'] = 'true';
  const response = await post(`/${op}`, body, headers, signal);
  const answer = response.status === 204 ? {} : await response.json();
  const told = response.headers.get('x-worksmith-revision');
  return { answer: answer as Answer<N>, revision: told === null ? undefined : Number(told) };
}

let signedOut: (why: Refusal) => void = () => undefined;

/** Says who is told when an operation is refused since the token is good no longer. */
export function onSignedOut(tell: (why: Refusal) => void): void {
  signedOut = tell;
}

/** Posts JSON; what is not a success is thrown as a `Refusal`. */
export async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Refusal(0, 'network', 'the server does not answer');
  }
  if (!response.ok) {
    const refusal = await refusalOf(response);
    if (refusal.isSignedOut && !path.startsWith('/session')) signedOut(refusal);
    throw refusal;
  }
  return response;
}

/** Stores the bytes of a file, and tells the id of its artifact. */
export async function upload(file: File): Promise<string> {
  const prepared = await call('artifacts.prepare', { file_name: file.name || 'file', ...(file.type ? { file_type: file.type } : {}) });
  const address = new URL(prepared.url);
  if (!address.pathname.startsWith('/upload/')) {
    throw new Refusal(0, 'unknown', 'Files go to a bucket here, which pages may not reach; see --artifacts-through-server.');
  }
  const form = new FormData();
  for (const { key, value } of prepared.form_data) form.append(key, value);
  form.append('file', file);
  let response: Response;
  try {
    // The server may be known by other names than the one of this page.
    response = await fetch(address.pathname + address.search, { method: 'POST', body: form, credentials: 'omit' });
  } catch {
    throw new Refusal(0, 'network', 'the server does not answer');
  }
  if (!response.ok) throw await refusalOf(response);
  return prepared.id;
}

/** A text that no other call has; `crypto.randomUUID` is missing on plain HTTP. */
export function uniqueKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
