// Picks a filter and its values.
import { useState } from 'react';
import { useDiagram, useVistas } from '../store/asked';
import { FILTERS, FILTER_NAMES, KINDS, PRIORITIES, SEVERITIES, isWithin, shortSprint, within, type FilterName } from '../works/filter';
import { Picker, type Choice } from '../ui/Picker';
import {
  useCustomerChoices, usePartChoices, usePeople, useSprintChoices, useTagChoices, useTeamChoices, usable, type Pickables,
} from './options';

interface Props {
  name?: FilterName | undefined;
  values: string[];
  onPick: (name: FilterName, values: string[]) => void;
  onClose: () => void;
}

export function FilterPicker({ name, values, onPick, onClose }: Props) {
  const [chosen, choose] = useState(name);
  if (chosen) return <Values key="values" name={chosen} values={chosen === name ? values : []} onPick={onPick} onClose={onClose} />;
  const items = FILTER_NAMES.map((each): Choice => ({
    id: each, label: FILTERS[each].label, pick: () => choose(each),
  }));
  return <Picker key="names" title="Filter by" groups={[{ label: '', items }]} isStep onClose={onClose} />;
}

function Values({ name, values, onPick, onClose }: Props & { name: FilterName }) {
  const { items, isLoading } = useFilterValues(name);
  const [picked, setPicked] = useState<readonly string[]>(values);
  const choices = items.map((item): Choice => {
    const states = name === 'part' ? [within(item.id), item.id] : [item.id];
    const on = states.find((state) => picked.includes(state));
    return {
      id: item.id, label: item.label, mark: item.mark, also: item.also ?? '', isOn: on !== undefined,
      hint: on === undefined || name !== 'part' ? item.hint : isWithin(on) ? 'with all below' : 'only this part',
      // A part is first meant with all below it, then alone, then not.
      pick: () => setPicked((now) => {
        const next = states[states.findIndex((state) => now.includes(state)) + 1];
        return [...now.filter((each) => !states.includes(each)), ...(next === undefined ? [] : [next])];
      }),
    };
  });
  return (
    <Picker
      title={FILTERS[name].label} groups={[{ label: '', items: choices }]} isMany onDone={() => onPick(name, [...picked])}
      onClear={() => onPick(name, [])} onClose={onClose} empty={isLoading ? 'Loading …' : 'Nothing fits.'}
    />
  );
}

const fixed = (values: readonly string[], label: (value: string) => string = title): Pickables => ({
  items: values.map((value) => ({ id: value, label: label(value), value })), isLoading: false,
});

export function title(value: string): string {
  const text = value.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const CLOCKS: Record<string, string> = {
  warning: 'Due soon', breached: 'Late', running: 'Running', paused: 'Paused', completed: 'Done',
};

/** The values of a filter, under the names that addresses have for them. */
export function useFilterValues(name: FilterName): Pickables {
  const people = usePeople();
  const parts = usePartChoices();
  const tags = useTagChoices();
  const customers = useCustomerChoices();
  const teams = useTeamChoices();
  const sprints = useSprintChoices();
  const stages = useStageNames();
  const vistas = useVistaChoices();
  const short = (from: Pickables): Pickables => ({
    ...from,
    items: from.items.map((item) => ({ ...item, id: (item.value as { display_id?: string }).display_id ?? item.id })),
  });
  switch (name) {
    case 'kind': return fixed(KINDS);
    case 'state': return fixed(['open', 'in_progress', 'closed']);
    case 'stage': return stages;
    case 'urgency': return fixed([...PRIORITIES, ...SEVERITIES]);
    case 'clock': return fixed(Object.keys(CLOCKS), (value) => CLOCKS[value] ?? value);
    case 'owner': case 'reporter': return { ...short(people), items: [{ id: 'me', label: 'Me', value: 'me' }, ...short(people).items] };
    case 'part': return short(parts);
    case 'customer': return short(customers);
    case 'team': return short(teams);
    case 'sprint': return { ...sprints, items: sprints.items.map((item) => ({ ...item, id: shortSprint(item.id) })) };
    case 'vista': return vistas;
    case 'tag': return {
      ...tags,
      items: tags.items.filter((item) => !item.id.includes(' '))
        .map((item) => ({ ...item, id: (item.value as { tag: { display_id?: string } }).tag.display_id ?? item.id })),
    };
  }
}

function useStageNames(): Pickables {
  const diagrams = [useDiagram('issue').data, useDiagram('ticket').data, useDiagram('task').data, useDiagram('opportunity').data];
  const names = new Map(diagrams.flatMap((diagram) =>
    diagram ? usable(diagram).map(({ stage }) => [stage.name, stage.display_name] as const) : []));
  return { items: [...names].map(([id, label]) => ({ id, label, value: id })), isLoading: diagrams.some((each) => !each) };
}

function useVistaChoices(): Pickables {
  const { data } = useVistas();
  return {
    items: (data ?? []).map((vista) => ({ id: vista.display_id ?? vista.id, label: vista.name, value: vista.id })), isLoading: !data,
  };
}
