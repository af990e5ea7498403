// The head of a group: what it is, how many there are, and whether something in it is hot.
import { memo } from 'react';
import { useSignal } from '../../store/hooks';
import type { Group } from '../../store/lists';
import { works } from '../../store/works';
import { en } from '../../text/en';
import { Avatar, Track } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { now } from '../../ui/now';
import { clock } from '../../works/clock';

export const GroupHead = memo(function GroupHead({ group, isFolded, onFold }: {
  group: Group;
  isFolded: boolean;
  onFold: (key: string) => void;
}) {
  const heat = useHeat(group);
  return (
    <div className="group" role="row">
      <div role="gridcell" className="cell">
        <button type="button" className="fold" tabIndex={-1} aria-expanded={!isFolded} aria-label={`${group.label}: fold`} onClick={() => onFold(group.key)}>
          <Icon name={isFolded ? 'right' : 'down'} />
        </button>
        {group.stage && <Track stage={group.stage} />}
        {group.owner && <Avatar user={group.owner} />}
        <span dir="auto">{group.label}</span>
        <span className="n">{en.number(group.total)}</span>
        {heat && <span className={`sum ${heat.heat}`}>{heat.text}</span>}
      </div>
    </div>
  );
});

function useHeat(group: Group): { heat: string; text: string } | undefined {
  const at = useSignal(now);
  const clocks = group.ids.flatMap((id) => {
    const work = works.get(id);
    const found = work && clock(work.sla_summary, work.created_date, at);
    return found ? [{ ...found, metric: work.sla_summary?.closest_to_breach_metric?.toLowerCase() ?? '' }] : [];
  });
  const late = clocks.filter(({ heat }) => heat === 'hot').length;
  if (late > 0) return { heat: 'hot', text: `${en.number(late)} late` };
  const [soon] = clocks.filter(({ heat }) => heat === 'warm');
  return soon && { heat: 'warm', text: `${soon.metric} due in ${soon.text}`.trim() };
}
