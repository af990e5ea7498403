// Why a value was not taken, at its field, and what would be.
import { useStages } from '../../store/asked';
import { useStanding } from '../../store/hooks';
import { changes, setField, works } from '../../store/works';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { field as fieldNamed } from '../../works/fields';
import type { Work } from '../../works/work';

export function RefusedAt({ id, field }: { id: string; field: string }) {
  const { refused } = useStanding(id);
  const { data: stages } = useStages();
  const found = refused.find(({ change }) => change.field === field);
  const work = works.get(id);
  if (!found || !work) return null;
  const { refusal, change } = found;
  const isStage = field === 'stage' && refusal.allowed.length > 0;
  const names = refusal.allowed.map((name) => stages?.get(name)?.display_name ?? name);
  const wanted = (change.show as Partial<Work>).stage?.display_name ?? '';
  const [first] = refusal.allowed;
  const next = isStage && first ? stages?.get(first) : undefined;
  return (
    <div className="refused" role="alert">
      <Icon name="no" />
      <span>{isStage ? en.notMoved(en.aType[work.type] ?? 'it', work.stage?.display_name ?? '', wanted, names) : en.refusal(refusal)}</span>
      {next
        ? <button type="button" onClick={() => void setField([id], fieldNamed('stage'), next)}>{next.display_name}</button>
        : <button type="button" onClick={() => changes.dismiss(id, field)}>Seen</button>}
    </div>
  );
}
