// Parts with all that is below them. A filter of the API names each part; an address says `PROD-1..`, and here it is
// found what that is.
import { call } from '../api/call';
import { Refusal } from '../api/errors';
import type { Filters, Names } from '../works/filter';
import { exact, isWithin } from '../works/filter';
import { LONG, queries } from './queries';

const PAGE = 100;
/** How many parts a filter names at most. */
export const WITHIN_MAX = 1000;

async function below(value: string): Promise<string[]> {
  const part = exact(value);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await call('parts.list', { parent_part: { parts: [part] }, limit: PAGE, ...(cursor ? { cursor } : {}) });
    found.push(...answer.parts.map(({ id }) => id));
    if (found.length >= WITHIN_MAX) {
      throw new Refusal(0, 'bad_request', `More than ${WITHIN_MAX} parts are below ${part}, and a filter names no more. Choose parts further down`);
    }
    cursor = answer.next_cursor;
  } while (cursor);
  return [part, ...found];
}

/** The names that these filters need, with the parts below those that are meant with all below. */
export async function namesFor(filters: Filters, names: Names): Promise<Names> {
  const values = (filters.part ?? []).filter(isWithin);
  if (values.length === 0) return names;
  const found = await Promise.all(values.map(async (value) => [value, await queries.fetchQuery({
    queryKey: ['parts', 'below', value], staleTime: LONG, queryFn: () => below(value),
  })] as const));
  return { ...names, below: new Map(found) };
}
