// The name and the dates of a sprint.
import { useState } from 'react';
import type { VistaGroup } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { changeSprint } from '../../store/sprint';
import { dateInput } from '../../text/format';
import { Input, Sheet } from '../../ui/Sheet';

export function EditSprint({ sprint, onClose }: { sprint: VistaGroup; onClose: () => void }) {
  const [name, setName] = useState(sprint.name);
  const [from, setFrom] = useState(dateInput(sprint.start_date));
  const [to, setTo] = useState(dateInput(sprint.end_date));
  const act = useAct();
  const send = async (): Promise<void> => {
    const some = {
      ...(name.trim() === sprint.name ? {} : { name: name.trim() }),
      ...(from === dateInput(sprint.start_date) ? {} : { start_date: from ? new Date(`${from}T00:00`).toISOString() : null }),
      ...(to === dateInput(sprint.end_date) ? {} : { end_date: to ? new Date(`${to}T23:59:59`).toISOString() : null }),
    };
    if (await act.run(() => changeSprint(sprint.id, some), 'sprint', 'sprints')) onClose();
  };
  return (
    <Sheet title={sprint.name} submit="Save" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== '' && (!from || !to || from <= to)} onSend={() => void send()} onClose={onClose}>
      <Input label="Name" value={name} onChange={setName} isFirst required />
      <div className="row-of">
        <Input label="From" type="date" value={from} onChange={setFrom} />
        <Input label="To" type="date" value={to} onChange={setTo} />
      </div>
    </Sheet>
  );
}
