// Who follows a work: is told of what happens to it.
import { useQuery } from '@tanstack/react-query';
import { call, uniqueKey } from '../api/call';
import type { UserSummary } from '../works/work';
import { all, asSummary } from './asked';
import { queries } from './queries';
import { signedIn } from './session';
import { each } from './tree';

const keyOf = (work: string): string[] => ['followers', work];

export const useFollowers = (work: string) => useQuery({
  queryKey: keyOf(work), staleTime: 10_000,
  queryFn: () => all('subscribers.list', { id: work }, (answer): UserSummary[] => answer.users),
});

/** Whether whoever is signed in follows a work. */
export async function follows(work: string): Promise<boolean> {
  const known = queries.getQueryData<UserSummary[]>(keyOf(work));
  if (known) return known.some(({ id }) => id === signedIn().user.id);
  return (await call('subscribers.get', { id: work })).is_subscribed;
}

/** Follows works, or no longer. It shows at once; what is refused is thrown, and shows no more. */
export async function setFollowing(works: readonly string[], isOn: boolean): Promise<void> {
  const me = asSummary(signedIn().user);
  await queries.cancelQueries({ queryKey: ['followers'] });
  for (const work of works) {
    queries.setQueryData<UserSummary[]>(keyOf(work), (known) => known && [...known.filter(({ id }) => id !== me.id), ...(isOn ? [me] : [])]);
  }
  try {
    await each(works, async (id) => { await call('subscribers.update', { id, subscribers: { [isOn ? 'add' : 'remove']: [me.id] } }, { key: uniqueKey() }); });
  } finally {
    void queries.invalidateQueries({ queryKey: ['followers'] });
  }
}
