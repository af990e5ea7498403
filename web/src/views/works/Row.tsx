// One work in a list. It is drawn again only when that work, its cursor or its selection changes.
import { memo } from 'react';
import { useIsGone, useRowState, useSignal, useStanding, useWork } from '../../store/hooks';
import { AT_CURSOR, SELECTED, type Selection } from '../../store/selection';
import { Avatar, Clock, Tag, Urgency, When } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { now } from '../../ui/now';
import { clock } from '../../works/clock';
import { idOf } from '../../works/work';

/** How many tags have their words beside a title. */
const TAGS_MAX = 3;

interface Props {
  id: string;
  rowKey: string;
  selection: Selection;
  groupStage?: string;
}

export const Row = memo(function Row({ id, rowKey, selection, groupStage }: Props) {
  const work = useWork(id);
  const state = useRowState(selection, id);
  const standing = useStanding(id);
  const isGone = useIsGone(id);
  const at = useSignal(now);
  if (!work) return null;
  const isSelected = (state & SELECTED) > 0;
  const heat = clock(work.sla_summary, work.created_date, at)?.heat ?? '';
  const kind = [
    'row grid', heat, state & AT_CURSOR ? 'cursor' : '', isSelected ? 'sel' : '', isGone ? 'gone' : '',
  ].filter(Boolean).join(' ');
  const hasMoved = groupStage !== undefined && work.stage !== undefined && work.stage.name !== groupStage;
  return (
    <div className={kind} role="row" id={`row-${rowKey}`} data-id={id} data-key={rowKey} aria-selected={isSelected}>
      <span className="box" role="gridcell">{isSelected && <Icon name="check" />}</span>
      <span className="cell-u" role="gridcell"><Urgency work={work} /></span>
      <span className="id" role="gridcell">{idOf(work)}</span>
      <span className="t" role="gridcell">
        <span dir="auto" className="ti">{work.title}</span>
        {hasMoved && <span className="moved">now {work.stage?.display_name}</span>}
        {(work.tags ?? []).slice(0, TAGS_MAX).map((tag) => <Tag key={tag.tag.id} tag={tag} />)}
      </span>
      <span className="part wide" role="gridcell" dir="auto">{work.applies_to_part?.name}</span>
      <span className="acc wide" role="gridcell" dir="auto">{work.account?.display_name}</span>
      <span className="when-due" role="gridcell">
        {standing.isWaiting ? <span className="wait">waits</span>
          : standing.saving > 0 ? <span className="saving">Saving</span>
            : standing.conflicts.length > 0 ? <span className="wait">two versions</span>
              : <Clock work={work} />}
      </span>
      <span className="own" role="gridcell"><Avatar user={work.owned_by[0]} /></span>
      <span className="when r wide" role="gridcell">{isGone ? 'deleted' : <When at={work.modified_date} />}</span>
    </div>
  );
});
