// The parts of the org with what they belong to. Answers do not show the parent of a part: its link
// does, so the links of all parts are asked for, a few at a time.
import { useQuery } from '@tanstack/react-query';
import { call, uniqueKey } from '../api/call';
import type { Part, PartType } from '../api/types.gen';
import { ask, type Filters, type Names } from '../works/filter';
import type { Numbers } from '../works/tree';
import { all } from './asked';
import { LONG } from './queries';

/** Of the six connections that HTTP/1.1 gives, one holds the feed and one stays free. */
const AT_ONCE = 4;

export interface Parts {
  parts: ReadonlyMap<string, Part>;
  parents: ReadonlyMap<string, string>;
  /** The link that says what a part belongs to. */
  links: ReadonlyMap<string, string>;
}

/** Does something with each item, a few at a time. */
export async function each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const work = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

export const useTree = () => useQuery({
  queryKey: ['tree'], staleTime: LONG,
  queryFn: async (): Promise<Parts> => {
    const parts = await all('parts.list', { sort_by: ['name:asc'] }, (answer): Part[] => answer.parts);
    const parents = new Map<string, string>();
    const links = new Map<string, string>();
    // A product belongs to nothing.
    await each(parts.filter(({ type }) => type !== 'product'), async ({ id }) => {
      const [link] = (await call('links.list', { object: id, direction: 'is_source', link_type: ['is_part_of'], limit: 1 })).links;
      if (!link) return;
      parents.set(id, link.target.id);
      links.set(id, link.id);
    });
    return { parts: new Map(parts.map((part) => [part.id, part])), parents, links };
  },
});

const OPEN: Filters = { kind: ['issue', 'ticket', 'task'], state: ['open', 'in_progress'] };

/** How many open works are about each part, and how many of them are late. */
export const usePartNumbers = (names: Names) => useQuery({
  queryKey: ['count', 'parts'],
  queryFn: async (): Promise<Map<string, Numbers>> => {
    const numbers = new Map<string, Numbers>();
    const count = async (filters: Filters, name: keyof Numbers): Promise<void> => {
      const wanted = ask(filters, names);
      if (!wanted) return;
      const { groups = [] } = await call('works.count', { ...wanted, group_by: ['applies_to_part'] });
      for (const group of groups) {
        const id = group.applies_to_part?.id ?? '';
        numbers.set(id, { ...(numbers.get(id) ?? { open: 0, late: 0 }), [name]: group.count });
      }
    };
    await Promise.all([count(OPEN, 'open'), count({ ...OPEN, clock: ['breached'] }, 'late')]);
    return numbers;
  },
});

/** Moves a part: the link is replaced, the part stays as it is. */
export async function movePart(part: string, to: string, link: string | undefined): Promise<void> {
  const ends = { link_type: 'is_part_of' as const, source: part, target: to };
  if (link) await call('links.replace', { id: link, ...ends }, { key: uniqueKey() });
  else await call('links.create', ends, { key: uniqueKey() });
}

export interface NewPart {
  type: PartType;
  name: string;
  description: string;
  owner: string;
  parent: string | undefined;
}

export async function makePart({ type, name, description, owner, parent }: NewPart): Promise<Part> {
  const body = {
    type, name, owned_by: [owner], ...(description ? { description } : {}), ...(parent ? { parent_part: [parent] } : {}),
  };
  return (await call('parts.create', body, { key: uniqueKey() })).part;
}
