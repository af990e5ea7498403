// A new part, in another one or beside all others.
import { useState } from 'react';
import type { Part, PartType } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { useUsers } from '../../store/asked';
import { signedIn } from '../../store/session';
import { makePart } from '../../store/tree';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { toast } from '../../ui/toast';
import { kindsIn } from '../../works/tree';
import { nameOf } from '../../works/work';

export function NewPart({ parent, onClose }: { parent: Part | undefined; onClose: () => void }) {
  const kinds = kindsIn(parent?.type);
  const [type, setType] = useState<PartType>(kinds[0] ?? 'enhancement');
  const [name, setName] = useState('');
  const [description, describe] = useState('');
  const [owner, setOwner] = useState(signedIn().user.id);
  const { data: users = [] } = useUsers();
  const act = useAct();
  const send = async (): Promise<void> => {
    const isMade = await act.run(() => makePart({ type, name: name.trim(), description, owner, parent: parent?.id }), 'tree', 'parts');
    if (!isMade) return;
    toast(`${name.trim()} was made.`);
    onClose();
  };
  return (
    <Sheet title={parent ? `New in ${parent.name}` : 'New product'} submit="Make it" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== ''} onSend={() => void send()} onClose={onClose}>
      <Input label="Name" value={name} onChange={setName} isFirst required />
      <div className="row-of">
        {parent && <Select label="Kind" value={type} onChange={(value) => setType(value as PartType)} options={kinds.map((kind) => [kind, kind])} />}
        <Select label="Owner" value={owner} onChange={setOwner} options={users.map((user) => [user.id, nameOf(user)])} />
      </div>
      <textarea aria-label="What it is" placeholder="What it is" rows={3} value={description} dir="auto" onChange={(event) => describe(event.target.value)} />
    </Sheet>
  );
}
