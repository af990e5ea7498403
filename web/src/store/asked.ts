// What is asked for beside works, each once and kept for as long as it is good.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call, type Answer, type Body, type Op } from '../api/call';
import type { Account, DevUser, Group, Link, Part, RevOrg, RevUser, Stage, StageDiagram, TimelineEntry, VistaGroup, WorkSummary, WorkType } from '../api/types.gen';
import { hits, type Piece } from '../text/rank';
import { ask, type Filters, type Names } from '../works/filter';
import { nextStages } from '../works/stages';
import { nameOf, type UserSummary } from '../works/work';
import { LONG, queries } from './queries';
import { namesFor } from './within';

const PAGE = 100;
/** How many objects of a kind are offered to pick from. */
const OFFERED_MAX = 1000;

/** All pages of a list, up to a limit. */
export async function all<N extends Op, T>(op: N, body: Body<N>, of: (answer: Answer<N>) => T[]): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const answer = await call(op, { ...body, limit: PAGE, ...(cursor ? { cursor } : {}) } as Body<N>);
    found.push(...of(answer));
    cursor = (answer as { next_cursor?: string }).next_cursor;
  } while (cursor && found.length < OFFERED_MAX);
  return found;
}

export const useUsers = () => useQuery({
  queryKey: ['users'], staleTime: LONG,
  queryFn: () => all('dev-users.list', { state: ['active', 'shadow'] }, (answer): DevUser[] => answer.dev_users),
});
export const useParts = () => useQuery({
  queryKey: ['parts'], staleTime: LONG, queryFn: () => all('parts.list', { sort_by: ['name:asc'] }, (answer): Part[] => answer.parts),
});
export const useTags = () => useQuery({
  queryKey: ['tags'], staleTime: LONG, queryFn: () => all('tags.list', { sort_by: ['name:asc'] }, (answer) => answer.tags),
});
export const useGroups = () => useQuery({
  queryKey: ['groups'], staleTime: LONG, queryFn: () => all('groups.list', { sort_by: ['name:asc'] }, (answer): Group[] => answer.groups),
});
export const useAccounts = () => useQuery({
  queryKey: ['accounts'], staleTime: LONG,
  queryFn: () => all('accounts.list', { sort_by: ['display_name:asc'] }, (answer): Account[] => answer.accounts),
});
export const useWorkspaces = () => useQuery({
  queryKey: ['workspaces', 'all'], staleTime: LONG,
  queryFn: () => all('rev-orgs.list', { sort_by: ['display_name:asc'] }, (answer): RevOrg[] => answer.rev_orgs),
});
export const useContacts = () => useQuery({
  queryKey: ['contacts', 'all'], staleTime: LONG, queryFn: () => all('rev-users.list', {}, (answer): RevUser[] => answer.rev_users),
});
export const useSprints = () => useQuery({
  queryKey: ['sprints'], staleTime: LONG,
  queryFn: () => all('vistas.groups.list', { state: ['active', 'planned'], sort_by: ['start_date:asc'] }, (answer): VistaGroup[] => answer.vista_group),
});
export const useVistas = () => useQuery({
  queryKey: ['vistas'], staleTime: LONG,
  queryFn: () => all('vistas.list', { type: ['dynamic'], object_type: ['works'] }, (answer) => answer.vistas),
});

/** All stages of the org by their names, with the states they are in. */
export const useStages = () => useQuery({
  queryKey: ['stages'], staleTime: LONG,
  queryFn: async (): Promise<ReadonlyMap<string, Stage>> => {
    const stages = await all('stages.custom.list', {}, (answer) => answer.result);
    return new Map(stages.map((stage) => [stage.name, {
      name: stage.name, display_name: stage.display_name, ordinal: stage.ordinal,
      stage: { id: stage.id, name: stage.name, display_name: stage.display_name }, state: stage.state,
    } as Stage]));
  },
});

const diagramOf = (kind: WorkType) => ({
  queryKey: ['diagram', kind], staleTime: LONG,
  queryFn: async (): Promise<StageDiagram> => (await call('stage-diagrams.get', { leaf_type: kind })).stage_diagram,
});

export const useDiagram = (kind: WorkType) => useQuery(diagramOf(kind));

/** Where a work of this type may go from a stage. */
export async function targets(kind: WorkType, stage: string): Promise<Array<{ name: string; display_name: string }>> {
  return nextStages(await queries.fetchQuery(diagramOf(kind)), stage);
}

export const diagram = (kind: WorkType): Promise<StageDiagram> => queries.fetchQuery(diagramOf(kind));

export const useTimeline = (id: string) => useQuery({
  queryKey: ['timeline', id], staleTime: 10_000,
  queryFn: async () => {
    const answer = await call('timeline-entries.list', {
      object: id, collections: ['discussions', 'events'], limit: PAGE, mode: 'before',
    });
    return { entries: answer.timeline_entries as Array<TimelineEntry & { type: string }>, before: answer.prev_cursor };
  },
});

export const useLinks = (id: string) => useQuery({
  queryKey: ['links', id], staleTime: 10_000,
  queryFn: () => all('links.list', { object: id }, (answer): Link[] => answer.links),
});

export const useExplanation = (tracker: string | undefined, work: string) => useQuery({
  queryKey: ['clock', work, tracker], staleTime: 10_000, enabled: tracker !== undefined,
  queryFn: async () => (await call('sla-trackers.explain', { id: tracker ?? '' })).explanation,
});

/** How many works fit. */
export const useCount = (filters: Filters, names: Names) => {
  return useQuery({
    queryKey: ['count', filters, names.me], placeholderData: keepPreviousData,
    queryFn: async () => {
      const wanted = ask(filters, await namesFor(filters, names));
      return wanted ? (await call('works.count', wanted)).count : 0;
    },
  });
};

/** A work that was found, and the words of it that were hit, marked, where its title does not have them. */
export interface FoundWork {
  work: WorkSummary;
  snippet: Piece[];
  /** Who wrote the comment that was hit. */
  by?: string | undefined;
}

const FOUND_MAX = 12;

/** Works that have what was typed in their words or in those of their comments, or that it is the id of. */
export async function findWorks(query: string, signal: AbortSignal): Promise<FoundWork[]> {
  const { results } = await call('search.core', { query: query.slice(0, QUERY_MAX), namespaces: ['work'], limit: FOUND_MAX }, { signal });
  return results.flatMap((result): FoundWork[] => {
    if (result.type !== 'work') return [];
    const [comment] = result.comments ?? [];
    const isComment = !result.snippet && comment !== undefined;
    const snippet = hits(query, isComment ? comment.snippet : result.snippet ?? '');
    const isTitle = snippet.map(({ text }) => text).join('') === result.work.title;
    return [{
      work: result.work, snippet: isTitle ? [] : snippet,
      ...(isComment && comment.created_by ? { by: nameOf(comment.created_by) } : {}),
    }];
  });
}

/** What was typed is found after this pause, so that not every letter asks. */
const PAUSE_MS = 120;
/** The longest query that the server takes. */
const QUERY_MAX = 400;

/** What was typed, once whoever typed it pauses. */
export function usePaused(query: string): string {
  const [typed, setTyped] = useState(query.trim());
  useEffect(() => {
    const timer = setTimeout(() => setTyped(query.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [query]);
  return typed;
}

export function useFound(query: string) {
  const typed = usePaused(query);
  return useQuery({
    queryKey: ['find', typed], enabled: typed !== '', staleTime: 5000, retry: 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => findWorks(typed, signal),
  });
}

export const asSummary = (user: DevUser): UserSummary => ({
  type: 'dev_user', id: user.id, display_name: user.display_name,
  ...(user.display_id ? { display_id: user.display_id } : {}), ...(user.full_name ? { full_name: user.full_name } : {}),
  ...(user.email ? { email: user.email } : {}), state: user.state,
});
