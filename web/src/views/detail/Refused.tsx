// Why a value was not taken, at its field, and what would be.
import { open } from '../../commands/overlay';
import { useStages } from '../../store/asked';
import type { Refused } from '../../store/changes';
import { useStanding } from '../../store/hooks';
import { useCustomFields } from '../../store/schema';
import { changes, setField, works } from '../../store/works';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { customPath, field as fieldNamed, isCustom } from '../../works/fields';
import type { Work } from '../../works/work';

export function RefusedAt({ id, field }: { id: string; field: string }) {
  const { refused } = useStanding(id);
  const found = refused.find(({ change }) => change.field === field);
  const work = works.get(id);
  return found && work ? <Reason work={work} {...found} /> : null;
}

function Reason({ work, change, refusal }: Refused<Work> & { work: Work }) {
  const { id, field } = change;
  const { data: stages } = useStages();
  const own = useCustomFields(work);
  const isStage = field === 'stage' && refusal.allowed.length > 0;
  const names = refusal.allowed.map((name) => stages?.get(name)?.display_name ?? name);
  const wanted = (change.show as Partial<Work>).stage?.display_name ?? '';
  const [first] = refusal.allowed;
  const next = isStage && first ? stages?.get(first) : undefined;
  return (
    <div className="refused" role="alert">
      <Icon name="no" />
      <span dir="auto">
        {isStage
          ? en.notMoved(en.aType[work.type] ?? 'it', work.stage?.display_name ?? '', wanted, names)
          : en.refusal(refusal, (name) => own.find((each) => each.name === customPath(name))?.label)}
      </span>
      <p>
        {isCustom(field) && !change.words && <button type="button" onClick={() => open({ kind: 'field', ids: [id], field })}>Change it</button>}
        {next
          ? <button type="button" onClick={() => void setField([id], fieldNamed('stage'), next)}>{next.display_name}</button>
          : <button type="button" onClick={() => changes.dismiss(id, field)}>Seen</button>}
      </p>
    </div>
  );
}
