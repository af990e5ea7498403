// The fields of a kind of work: the org's own, which can be changed, and those that every org has.
import { useEffect, useMemo, useState } from 'react';
import type { SchemaFieldDescriptor, SchemaFieldDescriptorFieldType } from '../../api/types.gen';
import { publishFields, useFragmentsOf, useInStages, useSchema } from '../../store/schema';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { ActionMenu } from '../../ui/Menu';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { Pending as Waiting } from '../../ui/states';
import { FIELD_KINDS, labelOf, nameFor, plain, typeText, valuesOf } from '../../works/schema';
import type { PageProps } from './Schema';

export function Fields({ kind, onPending }: PageProps) {
  const schema = useSchema(kind);
  const fragments = useFragmentsOf(kind);
  const counted = useInStages(kind);
  const tenant = fragments.data?.find(({ fragment_type: type }) => type === 'tenant');
  const before = useMemo(() => tenant?.fields ?? [], [tenant]);
  const [changed, change] = useState<SchemaFieldDescriptor[]>();
  const [edited, edit] = useState<SchemaFieldDescriptor | 'new'>();
  const fields = changed ?? before;
  useEffect(() => change(undefined), [before]);
  useEffect(() => {
    const known = new Map(before.map((field) => [plain(field.name), field]));
    const names = new Set(fields.map(({ name }) => plain(name)));
    const works = counted.data?.count ?? 0;
    const changes = [
      ...fields.filter((field) => known.get(plain(field.name)) !== field)
        .map((field) => (known.has(plain(field.name)) ? `${labelOf(field)} changes` : `${labelOf(field)} is new${field.is_required ? ', and required from the next change on' : ''}`)),
      ...before.filter(({ name }) => !names.has(plain(name))).map((field) => `${labelOf(field)} is taken away, with what it says`),
    ].map((text) => ({ text, works }));
    onPending(changes.length === 0 ? undefined : {
      changes, touched: `${en.count(works, kind, en.plural(kind))} ${works === 1 ? 'has' : 'have'} these fields`,
      publish: () => publishFields(kind, tenant, fields), discard: () => change(undefined),
    });
  }, [fields, before, counted.data]);
  if (!schema.data || !fragments.data) return <Waiting of={[schema, fragments]} />;
  const others = schema.data.custom_fields.filter((field) => !before.some((each) => plain(each.name) === plain(field.name)));
  const write = (field: SchemaFieldDescriptor): void => {
    const at = fields.findIndex((each) => plain(each.name) === plain(field.name));
    change(at < 0 ? [...fields, field] : fields.with(at, field));
  };
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Fields">
      <section aria-label="Own fields">
        <header className="with-tools">
          <div><h2>Own fields</h2><p>Every {kind} has them; a field keeps its type</p></div>
          <div className="tools"><button type="button" className="btn line" onClick={() => edit('new')}><Icon name="plus" />Field</button></div>
        </header>
        {fields.length + others.length === 0
          ? <p className="note-here">There are none yet. What the stock fields do not say is a field of your own.</p>
          : (
            <Table
              label="All own fields" fields={[...fields, ...others]} isOwn={(field) => fields.includes(field)} onEdit={edit}
              onRemove={(field) => change(fields.filter((each) => each !== field))} isNew={(field) => !before.includes(field)}
            />
          )}
      </section>
      <section className="stock" aria-label="Stock fields">
        <h2>Stock fields</h2>
        <p>Every org has them</p>
        <Table label="All stock fields" fields={schema.data.stock_fields} isOwn={() => false} />
      </section>
      {edited && <EditField field={edited === 'new' ? undefined : edited} taken={fields.map(({ name }) => plain(name))} onWrite={write} onClose={() => edit(undefined)} />}
    </div>
  );
}

function Table({ label, fields, isOwn, isNew, onEdit, onRemove }: {
  label: string;
  fields: readonly SchemaFieldDescriptor[];
  isOwn: (field: SchemaFieldDescriptor) => boolean;
  isNew?: (field: SchemaFieldDescriptor) => boolean;
  onEdit?: (field: SchemaFieldDescriptor) => void;
  onRemove?: (field: SchemaFieldDescriptor) => void;
}) {
  return (
    <div className="scroller" tabIndex={0} role="region" aria-label={label}>
      <table className="facts fields">
        <thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Values</th><th scope="col">Rules</th><th scope="col">In the API</th><th scope="col"><span className="sr">What can be done</span></th></tr></thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <td>{isOwn(field) && onEdit ? <button type="button" className="as-text" onClick={() => onEdit(field)}>{labelOf(field)}</button> : labelOf(field)}{isOwn(field) && isNew?.(field) && <span className="changed"> not published</span>}</td>
              <td>{typeText(field)}</td>
              <td className="vals">{valuesOf(field).join(', ')}</td>
              <td>{[field.is_required && 'required', field.is_filterable && 'can be filtered by', field.is_immutable && 'set once'].filter(Boolean).join(', ')}</td>
              <td><code>{isOwn(field) ? `tnt__${plain(field.name)}` : field.name}</code></td>
              <td className="r">{isOwn(field) && onEdit && onRemove && (
                <ActionMenu label={`${labelOf(field)}: what can be done`} trigger={<Icon name="more" />} items={[{ id: 'edit', label: 'Edit', run: () => onEdit(field) }, { id: 'off', label: 'Take away', run: () => onRemove(field) }]} />
              )}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EditField({ field, taken, onWrite, onClose }: {
  field: SchemaFieldDescriptor | undefined;
  taken: readonly string[];
  onWrite: (field: SchemaFieldDescriptor) => void;
  onClose: () => void;
}) {
  const [label, setLabel] = useState(field ? labelOf(field) : '');
  const [type, setType] = useState<SchemaFieldDescriptorFieldType>(field?.field_type ?? 'tokens');
  const [values, setValues] = useState(field ? valuesOf(field).join('\n') : '');
  const [isRequired, require] = useState(field?.is_required ?? false);
  const [isFilterable, filter] = useState(field?.is_filterable ?? true);
  const name = field ? plain(field.name) : nameFor(label);
  const listed = values.split('\n').map((value) => value.trim()).filter(Boolean);
  const isTaken = !field && taken.includes(name);
  const canFilter = type !== 'rich_text';
  const send = (): void => {
    onWrite({
      ...field, name, field_type: type, is_required: isRequired, ui: { ...field?.ui, display_name: label.trim() },
      ...(canFilter ? { is_filterable: isFilterable } : {}), ...(type === 'enum' ? { allowed_values: listed as never } : {}),
    });
    onClose();
  };
  return (
    <Sheet
      title={field ? labelOf(field) : 'New field'} submit="Put it in" note="Nothing changes before it is published" onSend={send} onClose={onClose}
      canSend={name !== '' && label.trim() !== '' && !isTaken && (type !== 'enum' || listed.length > 0)}
    >
      <div className="row-of">
        <Input label="What it is called" value={label} onChange={setLabel} isFirst required />
        {!field && <Select label="Type" value={type} onChange={(value) => setType(value as SchemaFieldDescriptorFieldType)} options={FIELD_KINDS} />}
      </div>
      {name && <p className="quiet">In the API: <code>tnt__{name}</code>{isTaken && <b className="late"> is there already</b>}</p>}
      {type === 'enum' && <textarea aria-label="Values, one a line" placeholder="Values, one a line" rows={4} value={values} onChange={(event) => setValues(event.target.value)} />}
      <label className="tick"><input type="checkbox" checked={isRequired} onChange={(event) => require(event.target.checked)} />Required</label>
      {canFilter && <label className="tick"><input type="checkbox" checked={isFilterable} onChange={(event) => filter(event.target.checked)} />Works can be filtered by it</label>}
    </Sheet>
  );
}
