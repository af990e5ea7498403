// The name and the dates of a sprint.
import { useState } from 'react';
import type { VistaGroup } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { changeSprint } from '../../store/sprint';
import { dateInput } from '../../text/format';
import { Sheet } from '../../ui/Sheet';
import { SprintFields, beginOf, endOf } from './SprintFields';

export function EditSprint({ sprint, onClose }: { sprint: VistaGroup; onClose: () => void }) {
  const [name, setName] = useState(sprint.name);
  const [from, setFrom] = useState(dateInput(sprint.start_date));
  const [to, setTo] = useState(dateInput(sprint.end_date));
  const act = useAct();
  const send = async (): Promise<void> => {
    const some = {
      ...(name.trim() === sprint.name ? {} : { name: name.trim() }),
      ...(from === dateInput(sprint.start_date) ? {} : { start_date: from ? beginOf(from) : null }),
      ...(to === dateInput(sprint.end_date) ? {} : { end_date: to ? endOf(to) : null }),
    };
    if (await act.run(() => changeSprint(sprint.id, some), 'sprint', 'sprints')) onClose();
  };
  return (
    <Sheet title={sprint.name} submit="Save" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== '' && (!from || !to || from <= to)} onSend={() => void send()} onClose={onClose}>
      <SprintFields name={name} from={from} to={to} onName={setName} onFrom={setFrom} onTo={setTo} />
    </Sheet>
  );
}
