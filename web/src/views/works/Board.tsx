// Works as cards in the columns of their stages. A card can be dragged, moved by keys, or lifted;
// while it is, columns that it can't enter are shut.
import { autoScrollForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element';
import { draggable, dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useLocation } from 'wouter';
import type { Stage, StageDiagram, WorkType } from '../../api/types.gen';
import { open as openOverlay } from '../../commands/overlay';
import { useCommands } from '../../commands/registry';
import { useDiagram, useStages } from '../../store/asked';
import { useCursor, useRowState, useSignal, useStanding, useWork } from '../../store/hooks';
import type { Group, WorkList } from '../../store/lists';
import { AT_CURSOR, SELECTED, type Selection } from '../../store/selection';
import { setField, works } from '../../store/works';
import { en } from '../../text/en';
import { announce } from '../../ui/announce';
import { Avatar, Clock, Failed, Tag, Track, Urgency } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { toast } from '../../ui/toast';
import { field } from '../../works/fields';
import { KINDS, type View } from '../../works/filter';
import { moving } from './Foot';
import { nextStages } from '../../works/stages';
import { idOf, type Work } from '../../works/work';

interface Column {
  stage: Stage;
  ids: string[];
  total: number;
  hasMore: boolean;
}

interface Lift {
  id: string;
  /** The stages that the card may go to. */
  to: ReadonlySet<string>;
  /** The column that it would be dropped on. */
  over: string | undefined;
}

const CARD = 82;
type Diagrams = Partial<Record<WorkType, StageDiagram | undefined>>;

interface Props {
  list: WorkList;
  view: View;
  selection: Selection;
  onOpen: (id: string | null) => void;
}

export default function Board({ list, view, selection, onOpen }: Props) {
  const state = useSignal(list.state);
  const diagrams: Diagrams = {
    issue: useDiagram('issue').data, ticket: useDiagram('ticket').data, task: useDiagram('task').data, opportunity: useDiagram('opportunity').data,
  };
  const { data: stages } = useStages();
  const version = useSignal(works.version);
  const columns = useMemo(
    () => columnsOf(state.groups, view, stages, diagrams),
    [state.groups, view, stages, version, ...Object.values(diagrams)],
  );
  const [lift, setLift] = useState<Lift | null>(null);
  const handles = useRef(new Map<string, VirtualizerHandle>());
  const scroller = useRef<HTMLDivElement>(null);
  useDragging(scroller, diagrams, setLift);
  useBoardCommands({ columns, diagrams, selection, lift, setLift, handles: handles.current, onOpen });
  useEffect(() => { scroller.current?.focus({ preventScroll: true }); }, []);
  const cursor = useCursor(selection);
  useEffect(() => {
    const work = lift && works.get(lift.id);
    moving.set(work ? movingText(work, diagrams) : null);
    return () => moving.set(null);
  }, [lift?.id]);
  if (state.why && state.groups.length === 0) return <Failed why={state.why} onRetry={() => void list.refresh()} />;
  return (
    <div className="boardish">
      <div
        className="lanes" ref={scroller} tabIndex={0} role="group" aria-label="Board" aria-busy={state.isLoading}
        aria-activedescendant={cursor ? `card-${cursor}` : undefined}
      >
        {columns.map((column) => (
          <Lane key={column.stage.name} column={column} isLoading={state.isLoading} lift={lift} selection={selection} list={list} handles={handles.current} onOpen={onOpen} />
        ))}
      </div>
    </div>
  );
}

function movingText(work: Work, diagrams: Diagrams): { what: string; to: string } {
  const allowed = targetsOf(work, diagrams).map((stage) => stage.display_name);
  const from = work.stage?.display_name ?? '';
  return {
    what: `Moving ${idOf(work)}`,
    to: allowed.length > 6 ? `From ${from} ${en.aType[work.type]} may go to most stages` : `From ${from} ${en.aType[work.type]} may go to ${en.or(allowed)}`,
  };
}

function targetsOf(work: Work, diagrams: Diagrams) {
  const diagram = diagrams[work.type];
  return diagram ? nextStages(diagram, work.stage?.name ?? '') : [];
}

/** All stages that the kinds of the view have and its filters let through, with the works that are in them now. */
function columnsOf(
  groups: readonly Group[],
  view: View,
  stages: ReadonlyMap<string, Stage> | undefined,
  diagrams: Diagrams,
): Column[] {
  const kinds = (view.filters.kind as WorkType[] | undefined) ?? KINDS;
  const found = new Map<string, Stage>();
  for (const kind of kinds) {
    for (const node of diagrams[kind]?.stages ?? []) {
      const stage = stages?.get(node.stage.name);
      const { state, stage: only } = view.filters;
      if (!stage || node.is_deprecated || (only && !only.includes(stage.name))) continue;
      if (state && !state.includes(stage.state?.name ?? '')) continue;
      found.set(stage.name, stage);
    }
  }
  for (const group of groups) if (group.stage) found.set(group.stage.name, found.get(group.stage.name) ?? group.stage);
  const columns = new Map([...found.values()].sort((a, b) => a.ordinal - b.ordinal)
    .map((stage): [string, Column] => [stage.name, { stage, ids: [], total: 0, hasMore: false }]));
  // Groups are asked for one after another, so what moves meanwhile may be in two of them.
  const placed = new Set<string>();
  for (const group of groups) {
    const home = columns.get(group.key);
    if (home) Object.assign(home, { total: home.total + group.total, hasMore: group.state !== 'done' });
    for (const id of group.ids) {
      const work = works.get(id);
      if (!work || works.isGone(id) || placed.has(id)) continue;
      placed.add(id);
      const now = columns.get(work.stage?.name ?? '');
      if (now && home && now !== home) {
        now.total += 1;
        home.total -= 1;
      }
      now?.ids.push(id);
    }
  }
  return [...columns.values()];
}

interface LaneProps {
  column: Column;
  isLoading: boolean;
  lift: Lift | null;
  selection: Selection;
  list: WorkList;
  handles: Map<string, VirtualizerHandle>;
  onOpen: (id: string | null) => void;
}

function Lane({ column, isLoading, lift, selection, list, handles, onOpen }: LaneProps) {
  const { stage, ids, total, hasMore } = column;
  const ref = useRef<HTMLElement>(null);
  const cards = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!ref.current || !cards.current) return undefined;
    const drop = dropTargetForElements({ element: ref.current, getData: () => ({ stage: stage.name }) });
    const scroll = autoScrollForElements({ element: cards.current });
    return () => { drop(); scroll(); };
  }, [stage.name]);
  // A column that nothing was fetched of yet.
  const isBare = hasMore && ids.length === 0 && total > 0;
  useEffect(() => { if (isBare) void list.more(stage.name); }, [isBare, list, stage.name]);
  const isHome = lift !== null && works.get(lift.id)?.stage?.name === stage.name;
  const isShut = lift !== null && !isHome && !lift.to.has(stage.name);
  const isOver = lift?.over === stage.name && !isHome;
  const kind = ['lane', isShut ? 'shut' : '', isOver && !isShut ? 'yes' : '', stage.state?.is_final ? 'fin' : ''].filter(Boolean).join(' ');
  const note = isShut ? ', can’t be entered' : lift && !isHome ? ', can be entered' : '';
  return (
    <section className={kind} ref={ref} aria-label={`${stage.display_name}, ${en.works(total)}${note}`}>
      <header>
        <Track stage={stage} /><span dir="auto">{stage.display_name}</span><span className="n">{en.number(total)}</span>
        {isShut && <span className="no"><Icon name="no" /></span>}
      </header>
      <div className="cards" ref={cards} tabIndex={0} role="group" aria-label={`Cards: ${stage.display_name}`}>
        {isOver && !isShut && <div className="slot" />}
        {(isLoading || isBare) && ids.length === 0 && <div className="blanks"><div className="card blank" /><div className="card blank" /></div>}
        <Virtualizer
          ref={(handle) => { if (handle) handles.set(stage.name, handle); else handles.delete(stage.name); }}
          data={ids} itemSize={CARD} bufferSize={CARD * 4} startMargin={isOver && !isShut ? CARD + 8 : 0}
          onScrollEnd={() => { if (hasMore) void list.more(stage.name); }}
        >
          {(id) => <Card key={id} id={id} selection={selection} isLifted={lift?.id === id} onOpen={onOpen} />}
        </Virtualizer>
        {hasMore && ids.length > 0 && (
          <button type="button" className="btn more" onClick={() => void list.more(stage.name)}>More</button>
        )}
      </div>
    </section>
  );
}

const Card = memo(function Card({ id, selection, isLifted, onOpen }: {
  id: string;
  selection: Selection;
  isLifted: boolean;
  onOpen: (id: string | null) => void;
}) {
  const work = useWork(id);
  const state = useRowState(selection, id);
  const standing = useStanding(id);
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!ref.current) return undefined;
    return draggable({ element: ref.current, getInitialData: () => ({ id }), onDragStart: () => selection.move(id) });
  }, [id, selection]);
  if (!work) return null;
  const kind = ['card', state & AT_CURSOR ? 'cursor' : '', state & SELECTED ? 'sel' : '', isLifted ? 'gone' : ''].filter(Boolean).join(' ');
  return (
    <div className="card-at">
      <article
        className={kind} ref={ref} id={`card-${id}`} data-id={id} aria-label={`${idOf(work)} ${work.title}`}
        onClick={() => { selection.move(id); onOpen(id); }}
      >
        <div className="ct" dir="auto">{work.title}</div>
        <div className="cf">
          <span>{idOf(work)}</span><Urgency work={work} />
          {(work.tags ?? []).slice(0, 3).map((tag) => <Tag key={tag.tag.id} tag={tag} isDot />)}
          {standing.isWaiting ? <span className="wait">waits</span> : standing.saving > 0 ? <span className="saving">Saving</span> : <Clock work={work} />}
          <Avatar user={work.owned_by[0]} />
        </div>
        <button
          type="button" className="btn on-phone" aria-label={`Move ${idOf(work)}`}
          onClick={(event) => { event.stopPropagation(); selection.move(id); openOverlay({ kind: 'field', ids: [id], field: 'stage' }); }}
        ><Icon name="more" /></button>
      </article>
    </div>
  );
});

function moveTo(id: string, stage: Stage): void {
  void setField([id], field('stage'), stage);
  const work = works.get(id);
  if (work) announce(`${idOf(work)} moved to ${stage.display_name}`);
}

function useDragging(scroller: React.RefObject<HTMLDivElement | null>, diagrams: Diagrams, setLift: (lift: Lift | null) => void): void {
  const { data: stages } = useStages();
  const known = useRef({ diagrams, stages });
  known.current = { diagrams, stages };
  useEffect(() => {
    if (!scroller.current) return undefined;
    let lift: Lift | null = null;
    const set = (next: Lift | null): void => { lift = next; setLift(next); };
    const over = (targets: ReadonlyArray<{ data: Record<string | symbol, unknown> }>): string | undefined =>
      targets[0]?.data.stage as string | undefined;
    const stop = monitorForElements({
      onDragStart({ source }) {
        const id = source.data.id as string;
        const work = works.get(id);
        if (work) set({ id, to: new Set(targetsOf(work, known.current.diagrams).map((stage) => stage.name)), over: undefined });
      },
      onDropTargetChange({ location }) {
        if (lift) set({ ...lift, over: over(location.current.dropTargets) });
      },
      onDrop({ location }) {
        const name = over(location.current.dropTargets);
        const stage = name === undefined ? undefined : known.current.stages?.get(name);
        if (lift && stage) {
          const work = works.get(lift.id);
          if (lift.to.has(stage.name)) moveTo(lift.id, stage);
          else if (work && work.stage?.name !== stage.name) refuse(work, stage, known.current.diagrams);
        }
        set(null);
      },
    });
    const scroll = autoScrollForElements({ element: scroller.current });
    return () => { stop(); scroll(); };
  }, []);
}

function refuse(work: Work, stage: Stage, diagrams: Diagrams): void {
  const allowed = targetsOf(work, diagrams).map((each) => each.display_name);
  toast(en.notMoved(en.aType[work.type] ?? 'it', work.stage?.display_name ?? '', stage.display_name, allowed));
}

interface ForCommands {
  columns: Column[];
  diagrams: Diagrams;
  selection: Selection;
  lift: Lift | null;
  setLift: (lift: Lift | null) => void;
  handles: Map<string, VirtualizerHandle>;
  onOpen: (id: string | null) => void;
}

function useBoardCommands({ columns, diagrams, selection, lift, setLift, handles, onOpen }: ForCommands): void {
  const [, go] = useLocation();
  const place = (): [number, number] => {
    const column = columns.findIndex((each) => each.ids.includes(selection.cursor ?? ''));
    return [column, columns[column]?.ids.indexOf(selection.cursor ?? '') ?? -1];
  };
  const to = (column: number, at: number): void => {
    const lane = columns[column];
    const id = lane?.ids[Math.max(0, Math.min(at, lane.ids.length - 1))];
    if (!lane || id === undefined) return;
    selection.move(id);
    handles.get(lane.stage.name)?.scrollToIndex(lane.ids.indexOf(id), { align: 'nearest' });
    requestAnimationFrame(() => document.getElementById(`card-${id}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' }));
    const work = works.get(id);
    if (work) announce(`${idOf(work)} ${work.title}, ${lane.stage.display_name}`);
  };
  const sideways = (by: number): void => {
    const [column, at] = place();
    for (let next = column + by; next >= 0 && next < columns.length; next += by) {
      if ((columns[next]?.ids.length ?? 0) > 0) return to(next, Math.max(at, 0));
    }
  };
  const vertically = (by: number): void => {
    const [column, at] = place();
    if (column < 0) return to(columns.findIndex((each) => each.ids.length > 0), 0);
    to(column, at + by);
  };
  const work = selection.cursor === null ? undefined : works.get(selection.cursor);
  const nextOpen = (from: number, by: number, allowed: ReadonlySet<string>): Stage | undefined => {
    for (let next = from + by; next >= 0 && next < columns.length; next += by) {
      const stage = columns[next]?.stage;
      if (stage && allowed.has(stage.name)) return stage;
    }
    return undefined;
  };
  const shove = (by: number) => (): void => {
    if (!work) return;
    const allowed = new Set(targetsOf(work, diagrams).map((stage) => stage.name));
    const stage = nextOpen(place()[0], by, allowed);
    if (stage) moveTo(work.id, stage);
    else toast(`No column on this side takes ${idOf(work)} from ${work.stage?.display_name ?? 'here'}.`);
  };
  const carry = (by: number): void => {
    if (!lift) return;
    const from = columns.findIndex((each) => each.stage.name === (lift.over ?? works.get(lift.id)?.stage?.name));
    const stage = nextOpen(from, by, new Set([...lift.to, works.get(lift.id)?.stage?.name ?? '']));
    if (!stage) return;
    setLift({ ...lift, over: stage.name });
    announce(`over ${stage.display_name}`);
    [...document.querySelectorAll('.lane')][columns.findIndex((each) => each.stage === stage)]?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  };
  const drop = (): void => {
    if (!lift) return;
    const stage = columns.find((each) => each.stage.name === lift.over)?.stage;
    if (stage && lift.to.has(stage.name)) moveTo(lift.id, stage);
    setLift(null);
  };
  useCommands('inside', {
    next: () => { if (!lift) vertically(1); },
    previous: () => { if (!lift) vertically(-1); },
    'board.left': () => (lift ? carry(-1) : sideways(-1)),
    'board.right': () => (lift ? carry(1) : sideways(1)),
    'move.left': work && shove(-1),
    'move.right': work && shove(1),
    select: work && (() => selection.toggle(work.id)),
    lift: work && (() => {
      if (lift) return drop();
      setLift({ id: work.id, to: new Set(targetsOf(work, diagrams).map((stage) => stage.name)), over: work.stage?.name });
      const said = movingText(work, diagrams);
      announce(`${said.what}. ${said.to}`);
    }),
    open: work && (() => (lift ? drop() : onOpen(work.id))),
    'open.full': work && (() => go(`/${idOf(work)}`)),
    back: lift ? () => setLift(null) : undefined,
  });
}
