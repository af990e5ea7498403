// Customers: accounts with their workspaces and people, and how they fare.
import { useQuery } from '@tanstack/react-query';
import { call, uniqueKey, type Body } from '../api/call';
import type { Account, RevOrg, RevUser, SlaTracker } from '../api/types.gen';
import { ask, type Filters, type Names } from '../works/filter';
import type { Work } from '../works/work';
import { all } from './asked';
import { LONG, queries } from './queries';
import type { Kept } from './promises';
import { works } from './works';

const PAGE = 100;
/** How many of the newest promises the shares are made of. */
const PROMISES_MAX = 500;

export interface Fare {
  open: number;
  late: number;
  kept: number;
  broken: number;
}

const NONE: Fare = { open: 0, late: 0, kept: 0, broken: 0 };

/** The share of promises that were kept, in percent; nothing was promised, or nothing is over yet. */
export const keptShare = ({ kept, broken }: Fare): number | undefined =>
  kept + broken > 0 ? Math.round((100 * kept) / (kept + broken)) : undefined;

/** How each account fares, by its id. */
export const useFares = (names: Names) => useQuery({
  queryKey: ['count', 'fares'],
  queryFn: async (): Promise<Map<string, Fare>> => {
    const fares = new Map<string, Fare>();
    const add = (id: string, name: keyof Fare, n: number): void => {
      const fare = fares.get(id) ?? NONE;
      fares.set(id, { ...fare, [name]: fare[name] + n });
    };
    const count = async (filters: Filters, name: keyof Fare): Promise<void> => {
      const wanted = ask(filters, names);
      if (!wanted) return;
      const { groups = [] } = await call('works.count', { ...wanted, group_by: ['account'] });
      for (const group of groups) if (group.account) add(group.account.id, name, group.count);
    };
    const open: Filters = { kind: ['ticket'], state: ['open', 'in_progress'] };
    await Promise.all([count(open, 'open'), count({ ...open, clock: ['breached'] }, 'late')]);
    for (const { tracker, work } of await queries.fetchQuery(over)) {
      if (work?.account) add(work.account.id, tracker.status === 'miss' ? 'broken' : 'kept', 1);
    }
    return fares;
  },
});

/** The newest promises to customers that are over, with their tickets. */
const over = {
  queryKey: ['count', 'over'],
  queryFn: async (): Promise<Kept[]> => {
    const trackers = new Map<string, SlaTracker>();
    let cursor: string | undefined;
    do {
      const answer = await call('sla-trackers.list', { status: ['hit', 'miss'], sort_by: ['modified_date:desc'], limit: PAGE, ...(cursor ? { cursor } : {}) });
      for (const tracker of answer.sla_trackers) if (tracker.applies_to_type === 'ticket') trackers.set(tracker.applies_to_id, tracker);
      cursor = answer.next_cursor;
    } while (cursor && trackers.size < PROMISES_MAX);
    const ids = [...trackers.keys()];
    const held = new Map<string, Work>();
    for (let at = 0; at < ids.length; at += PAGE) {
      const answer = await call('works.list', { ids: ids.slice(at, at + PAGE), limit: PAGE });
      for (const work of answer.works as Work[]) held.set(work.id, work);
    }
    return [...trackers.values()].map((tracker) => ({ tracker, work: held.get(tracker.applies_to_id) }));
  },
};

/** The promises to a customer that are over, the newest first. */
export const useKeptTo = (account: string) => useQuery({ ...over, select: (all) => all.filter(({ work }) => work?.account?.id === account) });

export const useAccount = (id: string) => useQuery({
  queryKey: ['accounts', 'one', id], staleTime: LONG, queryFn: async (): Promise<Account> => (await call('accounts.get', { id })).account,
});

export const useWorkspaces = (account: string | undefined) => useQuery({
  queryKey: ['workspaces', account], staleTime: LONG, enabled: account !== undefined,
  queryFn: () => all('rev-orgs.list', { account: [account ?? ''] }, (answer): RevOrg[] => answer.rev_orgs),
});

export const useAllWorkspaces = () => useQuery({
  queryKey: ['workspaces', 'all'], staleTime: LONG, queryFn: () => all('rev-orgs.list', {}, (answer): RevOrg[] => answer.rev_orgs),
});

/** The people of some workspaces. */
export const useContacts = (workspaces: readonly RevOrg[] | undefined) => {
  const ids = workspaces?.map(({ id }) => id) ?? [];
  return useQuery({
    queryKey: ['contacts', ...ids], staleTime: LONG, enabled: workspaces !== undefined,
    queryFn: async (): Promise<RevUser[]> =>
      (ids.length === 0 ? [] : all('rev-users.list', { rev_org: ids }, (answer): RevUser[] => answer.rev_users)),
  });
};

/** The tickets of a customer that are open, those due first before the others. */
export const useTickets = (account: string) => useQuery({
  queryKey: ['count', 'tickets', account],
  queryFn: async (): Promise<string[]> => {
    const answer = await call('works.list', {
      type: ['ticket'], state: ['open', 'in_progress'], ticket: { account: [account] }, sort_by: ['sla_summary.target_time:asc', 'severity:asc'],
      limit: PAGE,
    }, { revisions: true });
    answer.works.forEach((work, at) => works.put(work as Work, answer.revisions?.[at] ?? 0));
    return answer.works.map(({ id }) => id);
  },
});

export const makeAccount = async (body: Body<'accounts.create'>): Promise<Account> =>
  (await call('accounts.create', body, { key: uniqueKey() })).account;

export async function changeAccount(body: Body<'accounts.update'>): Promise<void> {
  await call('accounts.update', body, { key: uniqueKey() });
}

export async function makeWorkspace(account: string, display_name: string, description: string): Promise<void> {
  await call('rev-orgs.create', { account, display_name, ...(description ? { description } : {}) }, { key: uniqueKey() });
}

export async function makeContact(rev_org: string, display_name: string, email: string): Promise<void> {
  await call('rev-users.create', { rev_org, ...(display_name ? { display_name } : {}), ...(email ? { email } : {}) }, { key: uniqueKey() });
}
