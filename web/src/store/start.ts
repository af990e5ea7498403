// Whether the org has any work yet, and its first one.
import { useQuery } from '@tanstack/react-query';
import { call, uniqueKey } from '../api/call';
import type { Work } from '../works/work';
import { queries } from './queries';
import { signedIn } from './session';

/** Once there is a work, it is not asked again. */
export const useIsEmpty = () => useQuery({
  queryKey: ['any-work'], staleTime: ({ state }) => (state.data === false ? Infinity : 5000),
  queryFn: async (): Promise<boolean> => (await call('works.list', { limit: 1 })).works.length === 0,
});

/** Makes the first issue, with a product for it to be about. */
export async function makeFirst(title: string, body: string, product: string): Promise<Work> {
  const me = signedIn().user.id;
  const [known] = (await call('parts.list', { type: ['product'], limit: 1 })).parts;
  const part = known ?? (await call('parts.create', { type: 'product', name: product, owned_by: [me] }, { key: uniqueKey() })).part;
  const { work } = await call('works.create', {
    type: 'issue', title, applies_to_part: part.id, owned_by: [me], ...(body ? { body } : {}),
  }, { key: uniqueKey() });
  queries.setQueryData(['any-work'], false);
  void queries.invalidateQueries({ queryKey: ['parts'] });
  return work as Work;
}
