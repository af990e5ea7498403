// Conditions in words: when something holds, what then is required, shut or refused.
import { useEffect, useMemo, useState } from 'react';
import type { CustomSchemaFragmentCondition, SchemaFieldDescriptor } from '../../api/types.gen';
import { publishFields, useFragmentsOf, useInStages, useSchema } from '../../store/schema';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { effectsText, expressionText, labelOf, valuesOf } from '../../works/schema';
import type { PageProps } from './Schema';

const NONE: readonly SchemaFieldDescriptor[] = [];
const said = (condition: CustomSchemaFragmentCondition, known: readonly SchemaFieldDescriptor[]): string =>
  `When ${expressionText(condition.expression, known)}, ${en.and(effectsText(condition, known))}`;

export function Conditions({ kind, onPending }: PageProps) {
  const fragments = useFragmentsOf(kind);
  const schema = useSchema(kind);
  const counted = useInStages(kind);
  const [isNew, makeNew] = useState(false);
  const [changed, change] = useState<readonly CustomSchemaFragmentCondition[]>();
  const tenant = fragments.data?.find(({ fragment_type: type }) => type === 'tenant');
  const before = useMemo(() => tenant?.conditions ?? [], [tenant]);
  const own = changed ?? before;
  const known = schema.data?.custom_fields ?? NONE;
  useEffect(() => change(undefined), [before]);
  useEffect(() => {
    const works = counted.data?.count ?? 0;
    const changes = [
      ...own.filter((each) => !before.includes(each)).map((each) => said(each, known)),
      ...before.filter((each) => !own.includes(each)).map((each) => `${said(each, known)}: not any more`),
    ].map((text) => ({ text, works }));
    onPending(changes.length === 0 ? undefined : {
      changes, touched: `${en.count(works, kind, en.plural(kind))} ${works === 1 ? 'is' : 'are'} checked when changed`,
      publish: () => publishFields(kind, tenant, tenant?.fields ?? [], own), discard: () => change(undefined),
    });
  }, [own, before, known, counted.data]);
  if (!fragments.data || !schema.data) return <Pending of={[fragments, schema]} />;
  const others = fragments.data.filter((each) => each !== tenant).flatMap((each) => each.conditions ?? []);
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Conditions">
      <header className="with-tools">
        <div><h2>Conditions</h2><p>They hold when {en.aType[kind]} is changed; what was written before stays</p></div>
        <div className="tools"><button type="button" className="btn line" onClick={() => makeNew(true)}><Icon name="plus" />Condition</button></div>
      </header>
      {own.length + others.length === 0
        ? <p className="note-here">There are none yet. One could say: when severity is blocker, the root cause is required.</p>
        : (
          <ul className="conditions">
            {[...own, ...others].map((condition, at) => (
              <li key={at}>
                <p>When <b dir="auto">{expressionText(condition.expression, known)}</b>, <bdi>{en.and(effectsText(condition, known))}</bdi>.{at < own.length && !before.includes(condition) && <span className="changed"> not published</span>}</p>
                <code>{condition.expression}</code>
                {at < own.length && <button type="button" className="btn" aria-label={`Take away: ${expressionText(condition.expression, known)}`} onClick={() => change(own.filter((_, index) => index !== at))}><Icon name="x" /></button>}
              </li>
            ))}
          </ul>
        )}
      {isNew && (
        <NewCondition
          fields={[...schema.data.custom_fields, ...schema.data.stock_fields]} onClose={() => makeNew(false)}
          onWrite={(condition) => { change([...own, condition]); makeNew(false); }}
        />
      )}
    </div>
  );
}

const EFFECTS: ReadonlyArray<readonly ['require' | 'immutable' | 'invalid', string]> = [
  ['require', 'is required'], ['immutable', 'can’t be changed any more'], ['invalid', 'is refused'],
];

function NewCondition({ fields, onWrite, onClose }: {
  fields: readonly SchemaFieldDescriptor[];
  onWrite: (condition: CustomSchemaFragmentCondition) => void;
  onClose: () => void;
}) {
  const plainly = fields.filter((field) => !['composite', 'struct', 'json_value', 'rich_text'].includes(field.field_type));
  const [when, setWhen] = useState(plainly[0]?.name ?? '');
  const [is, setIs] = useState('==');
  const [value, setValue] = useState('');
  const [then, setThen] = useState(fields[0]?.name ?? '');
  const [effect, setEffect] = useState<(typeof EFFECTS)[number][0]>('require');
  const known = valuesOf(plainly.find(({ name }) => name === when) ?? { name: '', field_type: 'text' });
  const options = (of: readonly SchemaFieldDescriptor[]): Array<[string, string]> => of.map((field) => [field.name, labelOf(field)]);
  const literal = /^(true|false|-?\d+)$/.test(value) ? value : `'${value}'`;
  return (
    <Sheet
      title="New condition" submit="Put it in" note="Nothing changes before it is published" canSend={when !== '' && then !== '' && !value.includes("'")} onClose={onClose} isWide
      onSend={() => onWrite({ expression: `${when} ${is} ${literal}`, effects: [{ fields: [then], [effect]: true }] })}
    >
      <div className="row-of">
        <Select label="When" value={when} onChange={setWhen} options={options(plainly)} />
        <Select label="Compared" value={is} onChange={setIs} options={[['==', 'is'], ['!=', 'is not']]} />
        {known.length > 0
          ? <Select label="Value" value={value} onChange={setValue} options={[['', 'empty'], ...known.map((each): [string, string] => [each, each])]} />
          : <Input label="Value; nothing is empty" value={value} onChange={setValue} />}
      </div>
      <div className="row-of">
        <Select label="Then" value={then} onChange={setThen} options={options(fields)} />
        <Select label="What" value={effect} onChange={(next) => setEffect(next as typeof effect)} options={EFFECTS} />
      </div>
    </Sheet>
  );
}
