// The members of the org, and tokens.
import { useQuery } from '@tanstack/react-query';
import { call, uniqueKey } from '../api/call';
import type { AuthToken, DevUser } from '../api/types.gen';
import { all } from './asked';
import { LONG } from './queries';
import { each } from './tree';

/** Of so many members it is asked, a call for each. */
const LAST_MAX = 50;

/** All who ever were members, those without access too. */
export const usePeople = () => useQuery({
  queryKey: ['people'],
  queryFn: () => all('dev-users.list', { state: ['active', 'shadow', 'deactivated'] }, (answer): DevUser[] => answer.dev_users),
});

/** How many open works each member has. */
export const useLoads = () => useQuery({
  queryKey: ['count', 'loads'],
  queryFn: async (): Promise<Map<string, number>> => {
    const { groups = [] } = await call('works.count', { type: ['issue', 'ticket', 'task'], state: ['open', 'in_progress'], group_by: ['owned_by'] });
    return new Map(groups.map((group) => [group.owned_by?.id ?? '', group.count]));
  },
});

/** When each member last changed a work: the API does not say when somebody was last seen. */
export const useLastChanges = (people: readonly DevUser[]) => useQuery({
  queryKey: ['count', 'last', people.length], enabled: people.length > 0, staleTime: LONG,
  queryFn: async (): Promise<Map<string, string>> => {
    const last = new Map<string, string>();
    await each(people.slice(0, LAST_MAX), async ({ id }) => {
      const [work] = (await call('works.list', { modified_by: [id], sort_by: ['modified_date:desc'], limit: 1 })).works;
      if (work?.modified_date) last.set(id, work.modified_date);
    });
    return last;
  },
});

export const useTokens = (subject: string) => useQuery({
  queryKey: ['tokens', subject],
  queryFn: async (): Promise<AuthToken[]> => (await call('auth-tokens.list', { subject })).tokens,
});

export async function invite(email: string, full_name: string): Promise<DevUser> {
  const { dev_user: user } = await call('dev-users.create', { email, state: 'shadow', ...(full_name ? { full_name } : {}) }, { key: uniqueKey() });
  return (await call('dev-users.activate', { id: user.id }, { key: uniqueKey() })).dev_user;
}

export async function setAccess(id: string, may: boolean): Promise<void> {
  if (may) await call('dev-users.activate', { id }, { key: uniqueKey() });
  else await call('dev-users.deactivate', { id }, { key: uniqueKey() });
}

/** Makes a token; its text is told once and never again. One of somebody else ends after a year. */
export async function makeToken(hint: string, days: number, scope: string, owner?: string): Promise<string> {
  const answer = await call('auth-tokens.create', {
    token_hint: hint, ...(scope ? { scope } : {}),
    ...(owner
      ? { requested_token_type: 'urn:devrev:params:oauth:token-type:pat:act-as', act_as: owner }
      : { requested_token_type: 'urn:devrev:params:oauth:token-type:pat', expires_in: days }),
  }, { key: uniqueKey() });
  return answer.access_token;
}

export async function revoke(id: string): Promise<void> {
  await call('auth-tokens.delete', { token_id: id }, { key: uniqueKey() });
}
