// Conditions in words: when something holds, what then is required, shut or refused.
import { useState } from 'react';
import type { CustomSchemaFragmentCondition, SchemaFieldDescriptor } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { publishFields, useFragmentsOf, useSchema } from '../../store/schema';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { effectsText, expressionText, labelOf, valuesOf } from '../../works/schema';
import type { PageProps } from './Schema';

export function Conditions({ kind }: PageProps) {
  const fragments = useFragmentsOf(kind);
  const schema = useSchema(kind);
  const [isNew, makeNew] = useState(false);
  const act = useAct();
  if (!fragments.data || !schema.data) return <Pending of={[fragments, schema]} />;
  const tenant = fragments.data.find(({ fragment_type: type }) => type === 'tenant');
  const own = tenant?.conditions ?? [];
  const others = fragments.data.filter((each) => each !== tenant).flatMap((each) => each.conditions ?? []);
  const write = (conditions: readonly CustomSchemaFragmentCondition[]): Promise<boolean> =>
    act.run(() => publishFields(kind, tenant, tenant?.fields ?? [], conditions), 'schema');
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Conditions">
      <header className="with-tools">
        <div><h2>Conditions</h2><p>They hold when {en.aType[kind]} is changed; what was written before stays</p></div>
        <div className="tools"><button type="button" className="btn line" onClick={() => makeNew(true)}><Icon name="plus" />Condition</button></div>
      </header>
      {act.why && <p className="wrong" role="alert">{en.refusal(act.why)}</p>}
      {own.length + others.length === 0
        ? <p className="note-here">There are none yet.</p>
        : (
          <ul className="conditions">
            {[...own, ...others].map((condition, at) => (
              <li key={at}>
                <p>When <b>{expressionText(condition.expression)}</b>, {en.and(effectsText(condition))}.</p>
                <code>{condition.expression}</code>
                {at < own.length && <button type="button" className="btn" aria-label={`Take away: ${expressionText(condition.expression)}`} disabled={act.isBusy} onClick={() => void write(own.filter((_, index) => index !== at))}><Icon name="x" /></button>}
              </li>
            ))}
          </ul>
        )}
      {isNew && (
        <NewCondition
          fields={[...schema.data.custom_fields, ...schema.data.stock_fields]} isBusy={act.isBusy} why={act.why} onClose={() => makeNew(false)}
          onWrite={async (condition) => { if (await write([...own, condition])) makeNew(false); }}
        />
      )}
    </div>
  );
}

const EFFECTS: ReadonlyArray<readonly ['require' | 'immutable' | 'invalid', string]> = [
  ['require', 'is required'], ['immutable', 'can’t be changed any more'], ['invalid', 'is refused'],
];

function NewCondition({ fields, why, isBusy, onWrite, onClose }: {
  fields: readonly SchemaFieldDescriptor[];
  why: Parameters<typeof Sheet>[0]['why'];
  isBusy: boolean;
  onWrite: (condition: CustomSchemaFragmentCondition) => Promise<void>;
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
      title="New condition" submit="Publish it" why={why} isBusy={isBusy} canSend={when !== '' && then !== '' && !value.includes("'")} onClose={onClose} isWide
      onSend={() => void onWrite({ expression: `${when} ${is} ${literal}`, effects: [{ fields: [then], [effect]: true }] })}
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
