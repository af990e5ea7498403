// Adds a stage to a diagram: one that others have, or a new one.
import { useState } from 'react';
import { useAct } from '../../store/act';
import { useStages } from '../../store/asked';
import { makeStage, useStates } from '../../store/schema';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { sentence } from './Stages';

interface Added {
  id: string;
  name: string;
  display_name: string;
}

export function AddStage({ used, onAdd, onClose }: { used: ReadonlySet<string>; onAdd: (stage: Added) => void; onClose: () => void }) {
  const { data: stages } = useStages();
  const { data: states = [] } = useStates();
  const all = [...stages?.values() ?? []];
  const others = all.filter(({ stage }) => !used.has(stage.id)).sort((a, b) => a.ordinal - b.ordinal);
  const [picked, pick] = useState('');
  const [name, setName] = useState('');
  const [state, setState] = useState('');
  const act = useAct();
  const home = states.find(({ id }) => id === state) ?? states[0];
  const send = async (): Promise<void> => {
    const other = others.find(({ stage }) => stage.id === picked);
    if (other) {
      onAdd(other.stage);
      onClose();
      return;
    }
    const last = Math.max(0, ...all.filter((each) => each.state?.id === home?.id).map(({ ordinal }) => ordinal));
    let made: Added | undefined;
    const isMade = await act.run(async () => { made = await makeStage(name.trim(), home?.id ?? '', last + 10); }, 'stages');
    if (!isMade || !made) return;
    onAdd(made);
    onClose();
  };
  return (
    <Sheet title="Add a stage" submit="Add it" note="It has no ways yet" why={act.why} isBusy={act.isBusy} canSend={picked !== '' || name.trim() !== ''} onSend={() => void send()} onClose={onClose}>
      <Select label="One that there is" value={picked} onChange={pick} options={[['', 'A new one'], ...others.map(({ stage, state: of }): [string, string] => [stage.id, `${stage.display_name}, ${of ? sentence(of.name).toLowerCase() : ''}`])]} />
      {picked === '' && (
        <div className="row-of">
          <Input label="Name" value={name} onChange={setName} isFirst />
          <Select label="State" value={home?.id ?? ''} onChange={setState} options={states.map((each) => [each.id, sentence(each.name)])} />
        </div>
      )}
    </Sheet>
  );
}
