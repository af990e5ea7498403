// Sets a field of one work or of many.
import { useMemo, useState } from 'react';
import { over } from '../store/entities';
import { useCustomFields } from '../store/schema';
import { changes, setField, works } from '../store/works';
import { en } from '../text/en';
import { dateInput, dayName, timeOfDay } from '../text/format';
import { Icon } from '../ui/Icon';
import { Picker, type Choice } from '../ui/Picker';
import { field as fieldNamed, isCustom, type Editor, type Field } from '../works/fields';
import { idOf, type Work } from '../works/work';
import { DAY, endOfDay, readMoment } from './dates';
import { usePickables, type Pickable } from './options';
import { useSeveral, type Props } from './picked';
import { ListPicker, ReferencePicker } from './Several';

/** The ids and the field; for works of different types, the field that the first one has. */
export function FieldPicker({ ids, name, onClose }: { ids: string[]; name: string; onClose: () => void }) {
  const first = ids.map((id) => works.get(id)).find((work) => work !== undefined);
  const custom = useCustomFields(first);
  if (!first) return null;
  const field = custom.find((each) => each.name === name) ?? (isCustom(name) ? undefined : fieldFor(name, first));
  if (!field) return null;
  const about = ids.length > 1 ? en.works(ids.length) : idOf(first);
  const Asked = PICKERS[field.edit] ?? ValuePicker;
  return <Asked field={field} ids={ids} first={withRefused(first, field)} about={about} onClose={onClose} />;
}

/** A work with what was refused, so that nobody has to write it again. */
function withRefused(work: Work, field: Field): Work {
  const refused = KEPT.has(field.edit) && changes.standing(work.id).refused.find(({ change }) => change.field === field.name);
  return refused ? over(work, refused.change.show) : work;
}

function fieldFor(name: string, work: Work): Field {
  if (name === 'urgency') return fieldNamed(work.type === 'ticket' ? 'severity' : 'priority');
  return fieldNamed(name);
}

function ValuePicker({ field, ids, first, about, onClose }: Props) {
  const { items, isLoading } = usePickables(field, first);
  const { picked, setPicked, set, done, clear } = useSeveral(field, ids, first);
  const choices = useMemo(() => items.map((item): Choice => ({
    ...item,
    isOn: picked.has(item.id),
    pick: () => {
      if (!field.isMany) return set(item.value);
      setPicked((now) => toggled(now, item, field.edit === 'tags'));
    },
  })), [items, picked]);
  return (
    <Picker
      title={field.question} about={about} groups={[{ label: '', items: choices }]} onClose={onClose}
      isMany={field.isMany ?? false} {...(field.isMany ? { onDone: done } : {})} onClear={clear}
      empty={isLoading ? 'Loading …' : 'Nothing fits.'}
    />
  );
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
function TypedPicker({ field, ids, first, about, onClose }: Props) {
  const [initial] = useState(() => String(field.read(first) ?? ''));
  const [typed, setTyped] = useState(initial);
  const text = typed.trim();
  const value = field.edit === 'text' ? text : Number(text.replace(',', '.'));
  const isValue = text !== '' && (typeof value === 'string' || Number.isFinite(value));
  const items: Choice[] = isValue ? [{
    id: 'typed', label: typeof value === 'string' ? value : en.number(value), pick: () => { void setField(ids, field, value); },
  }] : [];
  return (
    <Picker
      title={field.question} about={about} initial={initial} onClose={onClose} onQuery={setTyped} groups={[{ label: '', items, isFound: true }]}
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
  const asTyped = readMoment(typed, today);
  const at = dateInput(field.read(first) as string | undefined);
  const items = near.map(([label, date]): Choice => ({
    id: label, label, hint: dayName(date.getTime()), mark: <Icon name="cal" />, isOn: dateInput(date.toISOString()) === at,
    pick: () => set(endOfDay(date)),
  }));
  const typedChoice: Choice[] = asTyped ? [{
    id: 'typed', label: asTyped.hasTime && !field.isDay ? `${dayName(asTyped.at)} ${timeOfDay(asTyped.at)}` : dayName(asTyped.at), mark: <Icon name="cal" />,
    hint: asTyped.at.slice(0, 4), pick: () => set(asTyped.at),
  }] : [];
  return (
    <Picker
      title={field.question} about={about} placeholder={`${field.label}: 3 Dec, 2026-12-03, in 5 days`} onClose={onClose} onQuery={setTyped}
      groups={[{ label: '', items: typedChoice, isFound: true }, { label: '', items }]}
      onClear={field.isClearable ? () => set(null) : undefined} empty="Write a date, such as 3 Dec or 2026-12-03."
    />
  );
}

/** The pickers of what is not picked from a few choices. */
const PICKERS: Partial<Record<Editor, typeof ValuePicker>> = {
  date: DatePicker, number: TypedPicker, text: TypedPicker, list: ListPicker, reference: ReferencePicker,
};
/** Whose value was written, or looked for, and stays at hand if it was refused. */
const KEPT = new Set<Editor>(['number', 'text', 'list', 'reference']);
