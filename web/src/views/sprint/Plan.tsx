// What is in no sprint beside what is in this one; a key takes an issue to the other side.
import { useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { VistaGroup } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { useRover, type Rover } from '../../commands/rover';
import { useSignal } from '../../store/hooks';
import { useBacklog, useMembers } from '../../store/sprint';
import { setField, works } from '../../store/works';
import { en } from '../../text/en';
import { announce } from '../../ui/announce';
import { Avatar, Kbd, Track, Urgency } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Pending } from '../../ui/states';
import { field } from '../../works/fields';
import { idOf, type Work } from '../../works/work';

type Side = 'out' | 'in';

export function Plan({ sprint }: { sprint: VistaGroup }) {
  const [, go] = useLocation();
  const backlog = useBacklog();
  const members = useMembers(sprint.id);
  const version = useSignal(works.version);
  const [side, setSide] = useState<Side>('out');
  const sides = useMemo(() => {
    const ids = new Set([...backlog.data ?? [], ...members.data ?? []]);
    const all = [...ids].flatMap((id) => (works.isGone(id) ? [] : works.get(id) ?? []));
    return {
      out: all.filter((work) => !work.sprint && !work.actual_close_date),
      in: all.filter((work) => work.sprint?.id === sprint.id),
    };
  }, [backlog.data, members.data, version, sprint.id]);
  const keys = useMemo(() => sides[side].map(({ id }) => id), [sides, side]);
  const move = (id: string, to: Side): void => {
    const work = works.get(id);
    if (!work) return;
    const value = to === 'in' ? { type: sprint.type, id: sprint.id, name: sprint.name, state: sprint.state } : null;
    void setField([id], field('sprint'), value);
    announce(`${idOf(work)} ${to === 'in' ? `is in ${sprint.name}` : 'is in no sprint'}`);
  };
  const rover = useRover(keys, { onOpen: (id) => { const work = works.get(id); if (work) go(`/${idOf(work)}`); }, label: (id) => works.get(id)?.title ?? '' });
  const at = rover.at;
  // The focus is where the cursor is.
  useEffect(() => { rover.ref.current?.focus({ preventScroll: true }); }, [side]);
  useCommands('inside', {
    'board.left': () => setSide('out'), 'board.right': () => setSide('in'),
    'move.right': side === 'out' && at !== undefined && (() => move(at, 'in')),
    'move.left': side === 'in' && at !== undefined && (() => move(at, 'out')),
    'matrix.toggle': at !== undefined && (() => move(at, side === 'out' ? 'in' : 'out')),
  });
  const pending = [backlog, members].some((query) => query.data === undefined);
  if (pending) return <Pending of={[backlog, members]} />;
  const column = (name: Side, title: string, empty: string) => (
    <Column
      title={title} empty={empty} works={sides[name]} side={name} isHere={side === name} rover={rover}
      onMove={move} onHere={(id) => { setSide(name); rover.move(id); }}
    />
  );
  return (
    <>
      <div className="plan">
        {column('out', 'In no sprint', 'There is no open issue that is in no sprint.')}
        {column('in', sprint.name, 'Nothing is in it. Pull the first in with Space.')}
      </div>
      <footer className="foot">
        <span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>H</Kbd><Kbd>L</Kbd> side</span><span><Kbd>Space</Kbd> to the other side</span><span><Kbd>Enter</Kbd> open</span>
      </footer>
    </>
  );
}

function Column({ title, empty, works: shown, side, isHere, rover, onMove, onHere }: {
  title: string;
  empty: string;
  works: readonly Work[];
  side: Side;
  isHere: boolean;
  rover: Rover;
  onMove: (id: string, to: Side) => void;
  onHere: (id: string) => void;
}) {
  const open = shown.filter((work) => !work.actual_close_date).length;
  return (
    <section aria-label={title}>
      <header><h2><bdi>{title}</bdi></h2><span className="n">{en.number(shown.length)}{open < shown.length ? `, ${open} open` : ''}</span></header>
      {shown.length > 0 && <div
        className="rows" role="listbox" aria-label={title} tabIndex={0} {...(isHere ? { ref: rover.ref } : {})}
        aria-activedescendant={isHere && rover.at ? `plan-${rover.at}` : undefined}
        onFocus={() => { const [first] = shown; if (!isHere && first) onHere(first.id); }}
      >
        {shown.map((work) => (
          <div
            key={work.id} id={`plan-${work.id}`} data-key={work.id} role="option" aria-selected={isHere && rover.at === work.id}
            className={`row pgrid${isHere && rover.at === work.id ? ' cursor' : ''}${work.actual_close_date ? ' done' : ''}`}
            onClick={() => onHere(work.id)} onDoubleClick={() => onMove(work.id, side === 'out' ? 'in' : 'out')}
          >
            <Track stage={work.stage} />
            <Urgency work={work} />
            <span className="id">{idOf(work)}</span>
            <span className="t"><span className="ti" dir="auto">{work.title}</span></span>
            <Avatar user={work.owned_by[0]} />
            <span
              className="to" title={side === 'out' ? 'Into the sprint' : 'Out of the sprint'} aria-hidden="true"
              onClick={(event) => { event.stopPropagation(); onMove(work.id, side === 'out' ? 'in' : 'out'); }}
            >
              <Icon name={side === 'out' ? 'right' : 'left'} />
            </span>
          </div>
        ))}
      </div>}
      {shown.length === 0 && <p className="note">{empty}</p>}
    </section>
  );
}
