// Lists of what is written, and references to other objects.
import { useState } from 'react';
import { asRefusal } from '../api/errors';
import { useReferable } from '../store/references';
import { en } from '../text/en';
import { Icon } from '../ui/Icon';
import { Picker, type Choice } from '../ui/Picker';
import type { Element, Field } from '../works/fields';
import { keyOf, useSeveral, type Props } from './picked';
import { ReferenceMark, elementOf, elementText } from './values';

const WRITE: Record<Element, string> = {
  text: 'Write one, then press Enter.', number: 'Write a number, then press Enter.', day: 'Write a day, such as 3 Dec, then press Enter.', time: 'Write a time, such as 3 Dec 14:00, then press Enter.',
};

/** Values that are written one after another, and taken away with Enter. */
export function ListPicker({ field, ids, first, about, onClose }: Props) {
  const { picked, flip, doneWith, clear } = useSeveral(field, ids, first);
  // What was taken away stays in sight, to be put back.
  const [seen] = useState(() => new Map<string, unknown>());
  for (const [key, value] of picked) seen.set(key, value);
  const [typed, setTyped] = useState('');
  const element = field.element ?? 'text';
  const value = elementOf(typed, element);
  const written = value === undefined ? undefined : [keyOf(value), value] as const;
  const adds: Choice[] = written && !picked.has(written[0]) ? [{
    id: 'typed', label: elementText(value, element), mark: <Icon name="plus" />, hint: 'add', pick: () => flip(...written),
  }] : [];
  const items = [...seen].map(([key, each]): Choice => ({ id: key, label: elementText(each, element), isOn: picked.has(key), hint: picked.has(key) ? 'take away' : 'put back', pick: () => flip(key, each) }));
  return (
    <Picker
      title={field.question} about={about} groups={[{ label: '', items: adds, isFound: true }, { label: '', items }]} isMany isWritten onQuery={setTyped}
      onDone={() => doneWith(written && !seen.has(written[0]) ? new Map([written]) : undefined)} onClear={clear} onClose={onClose} empty={WRITE[element]}
    />
  );
}

/** Objects of the kinds that the field may refer to, found by their words. */
export function ReferencePicker({ field, ids, first, about, onClose }: Props) {
  const { picked, flip, set, done, clear } = useSeveral(field, ids, first);
  const [query, setQuery] = useState('');
  const { data = [], error, isPending } = useReferable(query, field.refersTo ?? []);
  const items = data.map((each): Choice => ({
    id: each.id, label: each.label, mark: <ReferenceMark of={each} />, hint: each.displayId ?? each.kind.replaceAll('_', ' '), isOn: picked.has(each.id),
    pick: () => (field.isMany ? flip(each.id, each.id) : set(each.id)),
  }));
  return (
    <Picker
      title={field.question} about={about} placeholder={`${field.question}: ${kindsText(field)}`} groups={[{ label: '', items, isFound: true }]} isMany={field.isMany ?? false}
      {...(field.isMany ? { onDone: done } : {})} onQuery={setQuery} onClear={clear} onClose={onClose}
      empty={error ? en.refusal(asRefusal(error)) : isPending ? 'Looking …' : 'Nothing fits. It is found by its words, and by its id.'}
    />
  );
}

function kindsText({ refersTo = [] }: Field): string {
  const kinds = refersTo.map((each) => each.replace('custom_object.', '').replaceAll('_', ' '));
  return kinds.length === 0 ? 'find it' : `find ${en.or(kinds.map(en.one))}`;
}
