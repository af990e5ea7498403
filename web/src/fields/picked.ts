// What is picked of a field of one work or of many, until it is set.
import { useState } from 'react';
import type { TagWithValue } from '../api/types.gen';
import { setField } from '../store/works';
import { announce } from '../ui/announce';
import type { Field } from '../works/fields';
import type { UserSummary, Work } from '../works/work';

/** What a picker of a field is about. */
export interface Props {
  field: Field;
  ids: string[];
  first: Work;
  about: string;
  onClose: () => void;
}

/** The values that are picked of a field, to begin with those of the first work. */
export function useSeveral(field: Field, ids: string[], first: Work) {
  const [picked, setPicked] = useState<ReadonlyMap<string, unknown>>(() => held(field, first));
  const set = (value: unknown): void => { void setField(ids, field, value); announce(`${field.label} set`); };
  const done = (more: ReadonlyMap<string, unknown> = new Map()): void => {
    const all = new Map([...picked, ...more]);
    if (field.isNeeded && all.size === 0) return;
    if (ids.length === 1) return set([...all.values()]);
    // Of many works, each keeps what the others do not have.
    const before = held(field, first);
    const added = [...all].filter(([id]) => !before.has(id));
    const removed = [...before.keys()].filter((id) => !all.has(id));
    set((work: Work) => {
      const next = new Map(held(field, work));
      for (const id of removed) next.delete(id);
      for (const [id, value] of added) next.set(id, value);
      return next.size === 0 && field.isNeeded ? field.read(work) : [...next.values()];
    });
  };
  /** Picks a value, or no longer. */
  const flip = (key: string, value: unknown): void => setPicked((now) => {
    const next = new Map(now);
    if (!next.delete(key)) next.set(key, value);
    return next;
  });
  const clear = field.isClearable ? (): void => set(field.isMany ? [] : null) : undefined;
  return { picked, setPicked, flip, set, done: () => done(), doneWith: done, clear };
}

/** What the first work has, by the ids of the choices. */
function held(field: Field, work: Work): Map<string, unknown> {
  const value = field.read(work);
  switch (field.edit) {
    case 'users': case 'people': return new Map((value as UserSummary[]).map((user) => [user.id, user]));
    case 'tags': return new Map((value as TagWithValue[]).map((tag) => [tag.value ? `${tag.tag.id} ${tag.value}` : tag.tag.id, tag]));
    case 'stage': return new Map([[work.stage?.name ?? '', value]]);
    case 'choice': case 'list': case 'reference': return new Map((field.isMany ? value as unknown[] : value === undefined ? [] : [value]).map((each) => [keyOf(each), each]));
    default: return new Map(value ? [[(value as { id: string }).id, value]] : []);
  }
}

/** What tells values apart; one of a numbered list is shown whole, and set by its number. */
export const keyOf = (value: unknown): string => String(value !== null && typeof value === 'object' && 'id' in value ? value.id : value);
