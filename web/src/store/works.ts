// The works that are held, and how they change.
import { call, tell, uniqueKey } from '../api/call';
import { asRefusal } from '../api/errors';
import type { Operations } from '../api/types.gen';
import { signedIn } from './session';
import { customWords, isCustom, type Field } from '../works/fields';
import { nameOf, type Work } from '../works/work';
import { Changes, type Change, type Conflict, type Members, type Outcome, type Told } from './changes';
import { Entities } from './entities';
import { forgetChange, keepChange, keepDraft, keptChanges } from './keep';

export const works = new Entities<Work>();

export const changes = new Changes<Work>(works, {
  async send(change, revision): Promise<Told<Work>> {
    const body = { id: change.id, ...change.body } as Operations['works.update']['body'];
    const told = await tell('works.update', body, { key: keyOf(change, revision), revision });
    return { object: told.answer.work as Work, revision: told.revision ?? 0 };
  },
  fetch: fetchWork,
  keep: (change) => keepChange(signedIn().user.id, change.key, change, change.words && placeOf(change.id, change.words.field)),
  forget: forgetChange,
  wait: (ms) => new Promise((done) => { setTimeout(done, ms); }),
  asRefusal,
  nameOfLast: (work) => (work.modified_by ? nameOf(work.modified_by) : ''),
});

/** A key stands for one request: with another condition it is another one. */
const keyOf = (change: Change<Work>, revision: number | undefined): string =>
  revision === undefined ? change.key : `${change.key}-${revision}`;

export async function fetchWork(id: string): Promise<Told<Work>> {
  const told = await tell('works.get', { id });
  return { object: told.answer.work as Work, revision: told.revision ?? 0 };
}

/** Fetches a work that is shown by itself. */
export async function loadWork(id: string): Promise<Work> {
  const { object, revision } = await fetchWork(id);
  works.put(object, revision);
  return object;
}

/** Sets a field of some works, or leaves alone those that have the value already. */
export function setField(ids: readonly string[], field: Field, value: unknown | ((work: Work) => unknown)): Promise<Outcome[]> {
  const all = ids.flatMap((id) => {
    const work = works.get(id);
    if (!work || !field.kinds.includes(work.type)) return [];
    const next = typeof value === 'function' ? (value as (work: Work) => unknown)(work) : value;
    const before = field.read(work) ?? null;
    if (JSON.stringify(before) === JSON.stringify(next ?? null)) return [];
    const { show, body } = field.write(work, next);
    const inverse = field.write({ ...work, ...show } as Work, before);
    return [{ key: uniqueKey(), id, field: field.name, show, body, inverse }];
  });
  return changes.begin(all);
}

/** Replaces words of a work that its writer saw at a revision: its title, its text, or a long field of the org. */
export function setWords(id: string, field: string, mine: string, before: string, revision: number | undefined): Promise<Outcome[]> {
  return changes.begin([{ key: uniqueKey(), id, field, ...wording(field, mine), words: { field, before, mine, revision }, inverse: wording(field, before) }]);
}

const wording = (field: string, text: string): { show: Partial<Work>; body: Members } =>
  (isCustom(field) ? customWords(field, text) : { show: { [field]: text } as Partial<Work>, body: { [field]: text } });

/** Ends a conflict with the given words. */
export function settleConflict(conflict: Conflict<Work>, text: string): void {
  const { id, field } = conflict.change;
  changes.resolve(conflict, text === conflict.theirs ? undefined : {
    key: uniqueKey(), id, field, ...wording(field, text),
    words: { field, before: conflict.theirs, mine: text, revision: conflict.revision },
  });
}

/** A draft of words as it is kept, with what its writer saw. */
export interface Writing {
  text: string;
  before: string;
  revision: number | undefined;
}

export const placeOf = (id: string, field: string): string => `${field} ${id}`;

// Words that were refused are a draft again.
changes.lastRefused.subscribe(() => {
  const words = changes.lastRefused.get()?.change.words;
  const id = changes.lastRefused.get()?.change.id;
  if (!words || !id) return;
  const { mine, before, revision } = words;
  keepDraft(signedIn().user.id, placeOf(id, words.field), JSON.stringify({ text: mine, before, revision } satisfies Writing));
});

/** Sends what an earlier page could not. */
export async function sendKept(): Promise<void> {
  const kept = (await keptChanges(signedIn().user.id) as Change<Work>[]).filter(({ key }) => !changes.isOpen(key));
  await Promise.all([...new Set(kept.map(({ id }) => id))].map((id) => loadWork(id).catch(() => undefined)));
  void changes.begin(kept.map(({ inverse: _, ...change }) => change));
}

export async function deleteWork(id: string): Promise<void> {
  await call('works.delete', { id }, { key: uniqueKey() });
  works.remove(id);
}
