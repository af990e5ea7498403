// The filters of a view, each of which can be changed and taken away.
import { useFilterValues } from '../../fields/FilterPicker';
import { Icon } from '../../ui/Icon';
import { Kbd } from '../../ui/bits';
import { FILTERS, FILTER_NAMES, exact, isWithin, type FilterName, type View } from '../../works/filter';

interface Props {
  view: View;
  onChange: (some: Partial<View>) => void;
  onPick: (values: string[], name?: FilterName) => void;
}

export function Chips({ view, onChange, onPick }: Props) {
  return (
    <div className="filters" role="group" aria-label="Filters">
      {FILTER_NAMES.filter((name) => view.filters[name]).map((name) => (
        <Chip
          key={name} name={name} values={view.filters[name] ?? []} onPick={() => onPick(view.filters[name] ?? [], name)}
          onRemove={() => {
            const { [name]: _, ...rest } = view.filters;
            onChange({ filters: rest });
          }}
        />
      ))}
      <button type="button" className="btn" onClick={() => onPick([])}><Icon name="plus" />Filter <Kbd>F</Kbd></button>
    </div>
  );
}

function Chip({ name, values, onPick, onRemove }: { name: FilterName; values: string[]; onPick: () => void; onRemove: () => void }) {
  const { items } = useFilterValues(name);
  // "Part within" says of all of them that what is below is meant, too.
  const areWithin = name === 'part' && values.every(isWithin);
  const label = areWithin ? `${FILTERS.part.label} within` : FILTERS[name].label;
  const shown = values.map((value) => {
    const id = name === 'part' ? exact(value) : value;
    const text = items.find((item) => item.id === id)?.label ?? id;
    return id === value || areWithin ? text : `${text} and below`;
  });
  return (
    <span className="chip">
      <button type="button" className="what" onClick={onPick}>{label} <b>{shown.join(', ')}</b></button>
      <button type="button" className="off" aria-label={`Remove the filter ${label}`} onClick={onRemove}><Icon name="x" /></button>
    </span>
  );
}
