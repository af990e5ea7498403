// A sprint, its issues, and what was in it on each of its days.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call, uniqueKey, type Body } from '../api/call';
import { asRefusal } from '../api/errors';
import type { VistaGroup } from '../api/types.gen';
import { moments, supposed, type Member, type Shot } from '../works/burn';
import type { Work } from '../works/work';
import { all } from './asked';
import { queries } from './queries';
import { each } from './tree';
import { works } from './works';

const PAGE = 100;
const ISSUES_MAX = 1000;

export const useSprint = (id: string) => useQuery({
  queryKey: ['sprint', id],
  queryFn: async (): Promise<VistaGroup> => (await call('vistas.groups.get', { id })).vista_group,
});

/** Fetches issues, which are held then, and tells their ids. */
async function issues(wanted: Partial<Body<'works.list'>>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const body = { type: ['issue' as const], ...wanted, limit: PAGE, ...(cursor ? { cursor } : {}) };
    const answer = await call('works.list', body, { revisions: true });
    answer.works.forEach((work, at) => {
      works.put(work as Work, answer.revisions?.[at] ?? 0);
      ids.push(work.id);
    });
    cursor = answer.next_cursor;
  } while (cursor && ids.length < ISSUES_MAX);
  return ids;
}

const memberOf = (work: Work): Member => ({ id: work.id, closed: work.actual_close_date ? Date.parse(work.actual_close_date) : undefined });

/** What was in the sprint at a moment that is over; it never changes any more. */
async function shotOf(sprint: string, at: number): Promise<Shot> {
  const members: Member[] = [];
  let cursor: string | undefined;
  do {
    const body = { type: ['issue' as const], issue: { sprint: [sprint] }, as_of: new Date(at).toISOString(), limit: PAGE, ...(cursor ? { cursor } : {}) };
    const answer = await call('works.list', body);
    members.push(...(answer.works as Work[]).map(memberOf));
    cursor = answer.next_cursor;
  } while (cursor && members.length < ISSUES_MAX);
  return { at, members };
}

/** The ids of the issues that are in a sprint now. */
export const useMembers = (sprint: string) => useQuery({
  queryKey: ['count', 'members', sprint], queryFn: () => issues({ issue: { sprint: [sprint] } }),
});

/** What was in a sprint on each of its days, and is now. */
export const useShots = (sprint: string, start: number, end: number, now: number, members: readonly string[] | undefined) => useQuery({
  queryKey: ['count', 'shots', sprint, start, end, members?.length ?? 0], enabled: members !== undefined && end > start,
  placeholderData: keepPreviousData,
  queryFn: async (): Promise<Shot[]> => {
    const at = moments(start, end, now);
    const held = (members ?? []).flatMap((id) => works.base(id) ?? []);
    const shots = new Map<number, Shot>();
    try {
      await each(at.slice(0, -1), async (moment) => {
        shots.set(moment, await queries.fetchQuery({ queryKey: ['shot', sprint, moment], staleTime: Infinity, queryFn: () => shotOf(sprint, moment), retry: false }));
      });
    } catch (error) {
      // The server does not go back that far.
      if (asRefusal(error).kind !== 'value_not_permitted') throw error;
      const known = held.map((work) => ({ ...memberOf(work), made: work.created_date ? Date.parse(work.created_date) : start }));
      return supposed(known, at);
    }
    const last = at.at(-1) ?? start;
    return [...at.slice(0, -1).flatMap((moment) => shots.get(moment) ?? []), { at: last, members: held.map(memberOf) }];
  },
});

/** What is open: from it comes what is in no sprint, which the API has no filter for. */
export const useBacklog = () => useQuery({
  queryKey: ['count', 'backlog'],
  queryFn: () => issues({ state: ['open', 'in_progress'], sort_by: ['priority:asc', 'created_date:asc'] }),
});

/** All sprints: those that go on, those to come, and those that are over, the newest of each first. */
export const useAllSprints = () => useQuery({
  queryKey: ['sprints', 'all'], queryFn: () => all('vistas.groups.list', {}, (answer): VistaGroup[] => answer.vista_group),
});

/** How many issues are in each sprint, and how many of them are not closed. */
export const useSprintNumbers = () => useQuery({
  queryKey: ['count', 'sprints'],
  queryFn: async (): Promise<Map<string, { open: number; total: number }>> => {
    const numbers = new Map<string, { open: number; total: number }>();
    const { groups = [] } = await call('works.count', { type: ['issue'], group_by: ['sprint', 'state'] });
    for (const { sprint, state, count } of groups) {
      if (!sprint) continue;
      const { open, total } = numbers.get(sprint.id) ?? { open: 0, total: 0 };
      numbers.set(sprint.id, { open: open + (state === 'closed' ? 0 : count), total: total + count });
    }
    return numbers;
  },
});

export interface NewSprint {
  name: string;
  start_date?: string;
  end_date?: string;
}

/** Makes a sprint, on the first board there is, or on a new one. */
export async function makeSprint(sprint: NewSprint): Promise<VistaGroup> {
  const { vistas: [board] } = await call('vistas.list', { type: ['grouped'], flavor: ['sprint_board'], limit: 1 });
  const parent = board ?? (await call('vistas.create', { type: 'grouped', filter_type: 'works', flavor: 'sprint_board', name: 'Sprints' }, { key: uniqueKey() })).vista;
  return (await call('vistas.groups.create', { parent_id: parent.id, ...sprint }, { key: uniqueKey() })).vista_group;
}

export async function changeSprint(id: string, some: Omit<Body<'vistas.groups.update'>, 'id'>): Promise<void> {
  await call('vistas.groups.update', { id, ...some }, { key: uniqueKey() });
}
