// Objects that fields of the org refer to. Works hold their ids alone; what they are called is what the search finds.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../api/call';
import type { SearchResult, UserSummary } from '../api/types.gen';
import { kindOf, queryFor, refers } from '../works/references';
import { nameOf } from '../works/work';
import { usePaused } from './asked';
import { LONG, queries } from './queries';

export interface Named {
  id: string;
  kind: string;
  label: string;
  displayId: string | undefined;
  user?: UserSummary;
}

const FOUND_MAX = 30;

function named(result: SearchResult): Named {
  const object = (result as unknown as Record<string, { id: string; display_id?: string; title?: string; name?: string; display_name?: string }>)[result.type];
  const { id = '', display_id: displayId } = object ?? {};
  const label = result.type === 'user' ? nameOf(result.user) : object?.title ?? object?.name ?? object?.display_name ?? displayId ?? id;
  return { id, displayId, label, kind: kindOf(id).kind, ...(result.type === 'user' ? { user: result.user } : {}) };
}

const search = async (query: string, signal?: AbortSignal): Promise<Named[]> =>
  (await call('search.core', { query, limit: FOUND_MAX }, { signal })).results.map(named);

/** What an id names, in either spelling; null if that is not there any more, or nobody may see it. */
export const useNamed = (id: string) => useQuery({
  queryKey: ['named', id], staleTime: LONG, enabled: id !== '',
  queryFn: async (): Promise<Named | null> => (await search(id)).find((each) => each.id === id || each.displayId === id) ?? null,
});

/** Objects of these kinds that have what was typed in their words, or that it is the id of. */
export function useReferable(typed: string, kinds: readonly string[]) {
  const query = queryFor(usePaused(typed), kinds);
  return useQuery({
    queryKey: ['referable', query, kinds], staleTime: 5000, retry: 0, placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Named[]> => {
      const found = (await search(query, signal)).filter(({ id }) => refers(id, kinds));
      for (const each of found) queries.setQueryData(['named', each.id], each);
      return found;
    },
  });
}
