// Sets a field of one work or of many.
import { useMemo, useState } from 'react';
import type { TagWithValue } from '../api/types.gen';
import { useCustomFields } from '../store/schema';
import { setField, works } from '../store/works';
import { en } from '../text/en';
import { dateInput, dayName } from '../text/format';
import { Icon } from '../ui/Icon';
import { Picker, type Choice } from '../ui/Picker';
import { announce } from '../ui/announce';
import { field as fieldNamed, type Field } from '../works/fields';
import { idOf, type UserSummary, type Work } from '../works/work';
import { DAY, endOfDay, readDate } from './dates';
import { usePickables, type Pickable } from './options';

/** The ids and the field; for works of different types, the field that the first one has. */
export function FieldPicker({ ids, name, onClose }: { ids: string[]; name: string; onClose: () => void }) {
  const first = ids.map((id) => works.get(id)).find((work) => work !== undefined);
  const custom = useCustomFields(first?.type ?? 'issue');
  if (!first) return null;
  const field = custom.find((each) => each.name === name) ?? (name.startsWith('custom_fields.') ? undefined : fieldFor(name, first));
  if (!field) return null;
  const about = ids.length > 1 ? en.works(ids.length) : idOf(first);
  if (field.edit === 'date') return <DatePicker field={field} ids={ids} first={first} about={about} onClose={onClose} />;
  if (field.edit === 'number' || field.edit === 'text') return <TypedPicker field={field} ids={ids} first={first} about={about} onClose={onClose} />;
  return <ValuePicker field={field} ids={ids} first={first} about={about} onClose={onClose} />;
}

function fieldFor(name: string, work: Work): Field {
  if (name === 'urgency') return fieldNamed(work.type === 'ticket' ? 'severity' : 'priority');
  return fieldNamed(name);
}

interface Props {
  field: Field;
  ids: string[];
  first: Work;
  about: string;
  onClose: () => void;
}

function ValuePicker({ field, ids, first, about, onClose }: Props) {
  const { items, isLoading } = usePickables(field, first);
  const [picked, setPicked] = useState<ReadonlyMap<string, unknown>>(() => held(field, first));
  const set = (value: unknown): void => { void setField(ids, field, value); announce(`${field.label} set`); };
  const choices = useMemo(() => items.map((item): Choice => ({
    ...item,
    isOn: picked.has(item.id),
    pick: () => {
      if (!field.isMany) return set(item.value);
      setPicked((now) => toggled(now, item, field.edit === 'tags'));
    },
  })), [items, picked]);
  const done = (): void => {
    const values = [...picked.values()];
    if (field.isNeeded && values.length === 0) return;
    if (ids.length === 1) return set(values);
    // Of many works, each keeps what the others do not have.
    const before = held(field, first);
    const added = [...picked].filter(([id]) => !before.has(id));
    const removed = [...before.keys()].filter((id) => !picked.has(id));
    set((work: Work) => {
      const next = new Map(held(field, work));
      for (const id of removed) next.delete(id);
      for (const [id, value] of added) next.set(id, value);
      return next.size === 0 && field.isNeeded ? field.read(work) : [...next.values()];
    });
  };
  const clear = field.isClearable ? (): void => set(field.isMany ? [] : null) : undefined;
  return (
    <Picker
      title={field.question} about={about} groups={[{ label: '', items: choices }]} onClose={onClose}
      isMany={field.isMany ?? false} {...(field.isMany ? { onDone: done } : {})} onClear={clear}
      empty={isLoading ? 'Loading …' : 'Nothing fits.'}
    />
  );
}

/** What the first work has, by the ids of the choices. */
function held(field: Field, work: Work): Map<string, unknown> {
  const value = field.read(work);
  switch (field.edit) {
    case 'users': case 'people': return new Map((value as UserSummary[]).map((user) => [user.id, user]));
    case 'tags': return new Map((value as TagWithValue[]).map((tag) => [tag.value ? `${tag.tag.id} ${tag.value}` : tag.tag.id, tag]));
    case 'stage': return new Map([[work.stage?.name ?? '', value]]);
    case 'choice': return new Map([[String(value), value]]);
    default: return new Map(value ? [[(value as { id: string }).id, value]] : []);
  }
}

function toggled(now: ReadonlyMap<string, unknown>, item: Pickable, isTag: boolean): Map<string, unknown> {
  const next = new Map(now);
  if (next.delete(item.id)) return next;
  // A work has a tag once, with one value.
  const tag = item.id.split(' ')[0];
  if (isTag) for (const id of next.keys()) if (id.split(' ')[0] === tag) next.delete(id);
  return next.set(item.id, item.value);
}


/** A number or a short text, which is written. */
function TypedPicker({ field, ids, about, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const text = typed.trim();
  const value = field.edit === 'text' ? text : Number(text.replace(',', '.'));
  const isValue = text !== '' && (typeof value === 'string' || Number.isFinite(value));
  const items: Choice[] = isValue ? [{
    id: 'typed', label: typeof value === 'string' ? value : en.number(value), pick: () => { void setField(ids, field, value); },
  }] : [];
  return (
    <Picker
      title={field.question} about={about} onClose={onClose} onQuery={setTyped} groups={[{ label: '', items, isFound: true }]}
      onClear={field.isClearable ? () => { void setField(ids, field, null); } : undefined} empty={field.edit === 'text' ? 'Write what it shall be.' : 'Write a number.'}
    />
  );
}

function DatePicker({ field, ids, first, about, onClose }: Props) {
  const set = (value: string | null): void => { void setField(ids, field, value && field.isDay ? dateInput(value) : value); };
  const [typed, setTyped] = useState('');
  const today = new Date();
  const inDays = (days: number): Date => new Date(today.getTime() + days * DAY);
  const toMonday = ((8 - today.getDay()) % 7) || 7;
  const toFriday = ((5 - today.getDay() + 7) % 7) || 7;
  const near: Array<[string, Date]> = [
    ['Today', today], ['Tomorrow', inDays(1)], ['Friday', inDays(toFriday)], ['Next Monday', inDays(toMonday)],
    ['In a week', inDays(7)], ['In two weeks', inDays(14)], ['In four weeks', inDays(28)],
  ];
  const asTyped = readDate(typed, today);
  const at = dateInput(field.read(first) as string | undefined);
  const items = near.map(([label, date]): Choice => ({
    id: label, label, hint: dayName(date.getTime()), mark: <Icon name="cal" />, isOn: dateInput(date.toISOString()) === at,
    pick: () => set(endOfDay(date)),
  }));
  const typedChoice: Choice[] = asTyped ? [{
    id: 'typed', label: dayName(asTyped.getTime()), mark: <Icon name="cal" />, hint: String(asTyped.getFullYear()), pick: () => set(endOfDay(asTyped)),
  }] : [];
  return (
    <Picker
      title={field.question} about={about} placeholder={`${field.label}: 3 Dec, 2026-12-03, in 5 days`} onClose={onClose} onQuery={setTyped}
      groups={[{ label: '', items: typedChoice, isFound: true }, { label: '', items }]}
      onClear={field.isClearable ? () => set(null) : undefined} empty="Write a date, such as 3 Dec or 2026-12-03."
    />
  );
}
