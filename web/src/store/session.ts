// Who is signed in. The token is in a cookie that scripts can't read.
import { call, onSignedOut, post } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import type { DevOrg, DevUser } from '../api/types.gen';
import { Signal } from './signal';

export interface SignedIn {
  kind: 'in';
  user: DevUser;
  org: DevOrg;
  /** Why the server does not know them any more: everything stays as it is until they are back. */
  ended?: Refusal;
}

export type Session =
  | { kind: 'asking' }
  | SignedIn
  | { kind: 'out'; why?: Refusal }
  /** There is a token, and it belongs to no member. */
  | { kind: 'stranger' }
  | { kind: 'unreachable'; why: Refusal };

export const session = new Signal<Session>({ kind: 'asking' });

/** The member who is signed in; views are only shown to one. */
export function signedIn(): SignedIn {
  const now = session.get();
  if (now.kind !== 'in') throw new Error('nobody is signed in');
  return now;
}

/** Finds out who is signed in, after redeeming the code of a link. */
export async function enter(code: string): Promise<void> {
  let why: Refusal | undefined;
  if (code) {
    history.replaceState(null, '', '/works');
    why = await post('/session', { code }).then(() => undefined, asRefusal);
  }
  // Whether there is a cookie, a page can't see; and calls without one are errors in the console.
  const isHeld = await post('/session', {}).then(holds, () => true);
  if (isHeld) await look();
  else session.set(why ? { kind: 'out', why } : { kind: 'out' });
}

const holds = async (answer: Response): Promise<boolean> => ((await answer.json()) as { is_held: boolean }).is_held;

export async function signIn(token: string): Promise<void> {
  const before = session.get();
  await post('/session', { token });
  await look();
  const now = session.get();
  // Nobody sees or sends what is another's.
  if (before.kind === 'in' && now.kind === 'in' && before.user.id !== now.user.id) location.reload();
}

/** Ends the session; the page begins anew, with nothing that was held. */
export async function signOut(): Promise<void> {
  await post('/session/end', {}).catch(() => undefined);
  location.assign('/');
}

/** The server says that the token is good no longer. */
function end(why: Refusal): void {
  const now = session.get();
  if (now.kind === 'in' && !now.ended) session.set({ ...now, ended: why });
}

onSignedOut(end);

async function look(): Promise<void> {
  try {
    const [{ dev_user }, { dev_org }] = await Promise.all([call('dev-users.self', {}), call('dev-orgs.get', {})]);
    session.set({ kind: 'in', user: dev_user, org: dev_org });
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal.isSignedOut) session.set({ kind: 'out', why: refusal });
    else if (refusal.status === 404 || refusal.status === 403) session.set({ kind: 'stranger' });
    else session.set({ kind: 'unreachable', why: refusal });
  }
}
