// The subtypes of a kind of work.
import { useState } from 'react';
import { useAct } from '../../store/act';
import { makeSubtype, useFragmentsOf } from '../../store/schema';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { Input, Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { labelOf, nameFor } from '../../works/schema';
import type { PageProps } from './Schema';

export function Subtypes({ kind }: PageProps) {
  const fragments = useFragmentsOf(kind);
  const [isNew, makeNew] = useState(false);
  if (!fragments.data) return <Pending of={[fragments]} />;
  const subtypes = fragments.data.flatMap((fragment) => (fragment.fragment_type === 'custom_type' && 'subtype' in fragment ? [fragment] : []));
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Subtypes">
      <header className="with-tools">
        <div><h2>Subtypes</h2><p>{en.sentence(en.plural(kind))} of a subtype have its fields beside those of every {kind}</p></div>
        <div className="tools"><button type="button" className="btn line" onClick={() => makeNew(true)}><Icon name="plus" />Subtype</button></div>
      </header>
      {subtypes.length === 0
        ? <p className="note-here">There are none yet. Every {kind} is of the same kind.</p>
        : (
          <table className="facts">
            <thead><tr><th scope="col">Subtype</th><th scope="col">Fields of its own</th><th scope="col">Stages</th><th scope="col">In the API</th></tr></thead>
            <tbody>
              {subtypes.map((fragment) => (
                <tr key={fragment.id}>
                  <td>{fragment.subtype_display_name ?? fragment.subtype}</td>
                  <td>{(fragment.fields ?? []).map(labelOf).join(', ') || <span className="quiet">none</span>}</td>
                  <td>{fragment.stage_diagram?.name ?? <span className="quiet">those of every {kind}</span>}</td>
                  <td><code>{fragment.subtype}</code></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      {isNew && <NewSubtype kind={kind} onClose={() => makeNew(false)} />}
    </div>
  );
}

function NewSubtype({ kind, onClose }: { kind: PageProps['kind']; onClose: () => void }) {
  const [name, setName] = useState('');
  const act = useAct();
  const key = nameFor(name);
  const send = async (): Promise<void> => {
    if (await act.run(() => makeSubtype(kind, key, name.trim()), 'schema')) onClose();
  };
  return (
    <Sheet title="New subtype" submit="Make it" note="A subtype stays" why={act.why} isBusy={act.isBusy} canSend={key !== ''} onSend={() => void send()} onClose={onClose}>
      <Input label="What it is called" value={name} onChange={setName} isFirst required />
      {key && <p className="quiet">In the API: <code>{key}</code></p>}
    </Sheet>
  );
}
