// Rows in groups. Only what is near is in the page; the cursor is a row of the grid, which has the
// focus itself.
import { useCallback, useEffect, useMemo, useRef, useState, type CSSProperties, type MouseEvent } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useLocation } from 'wouter';
import { open as openOverlay } from '../../commands/overlay';
import { useCommands } from '../../commands/registry';
import { useSignal } from '../../store/hooks';
import type { Group, ListState, WorkList } from '../../store/lists';
import { preferences } from '../../store/preferences';
import type { Selection } from '../../store/selection';
import { works } from '../../store/works';
import { Empty, Failed } from '../../ui/bits';
import { FILTERS, FILTER_NAMES, type Filters, type View } from '../../works/filter';
import { idOf } from '../../works/work';
import { announce } from '../../ui/announce';
import { useTouch } from '../../ui/touch';
import { template } from './columns';
import { GroupHead } from './GroupHead';
import { Row } from './Row';

type Item =
  | { kind: 'head'; key: string; group: Group }
  | { kind: 'row'; key: string; id: string; group: Group }
  | { kind: 'wait'; key: string; group: Group };

const ROW = 36;
/** How many rows beyond the last one that is near are asked for. */
const AHEAD = 20;

interface Props {
  list: WorkList;
  view: View;
  selection: Selection;
  onOpen: (id: string | null) => void;
  onFilters: (filters: Filters) => void;
}

export function List({ list, view, selection, onOpen, onFilters }: Props) {
  const state = useSignal(list.state);
  const { hidden } = useSignal(preferences);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const items = useMemo(() => flat(state.groups, view, folded), [state.groups, view, folded]);
  const handle = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const at = useCursor(items, list, selection, handle);
  const isAbove = useIsAbove(state);
  const fold = useCallback((key: string) => setFolded((now) => {
    const next = new Set(now);
    if (!next.delete(key)) next.add(key);
    return next;
  }), []);
  const fetchNear = (): void => {
    const near = handle.current;
    if (!near) return;
    const from = near.findItemIndex(near.scrollOffset);
    const to = near.findItemIndex(near.scrollOffset + near.viewportSize);
    items.slice(Math.max(0, from - AHEAD), to + AHEAD).forEach((item, index) => {
      if (item.kind !== 'wait') return;
      const place = index + Math.max(0, from - AHEAD);
      // What is below a gap does not move when it is filled from below.
      if (item.group.tail.length > 0 && place < (from + to) / 2) void list.moreBefore(item.group.key);
      else if (place >= from) void list.more(item.group.key);
    });
  };
  useEffect(fetchNear, [items]);
  const stay = useListCommands({ items, list, selection, at, handle, fold, onOpen });
  useEffect(() => { scroller.current?.focus({ preventScroll: true }); }, []);
  const { last, handlers } = useTouch({
    onDraw: (id, way) => { selection.move(id); openOverlay({ kind: 'field', ids: [id], field: way === 'right' ? 'stage' : 'owned_by' }); },
    onHold: (id) => { selection.move(id); selection.toggle(id); },
  });
  const onClick = (event: MouseEvent): void => {
    if (last.current.isOver) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-id]');
    if (!row?.dataset.id) return;
    stay();
    at.move(items.findIndex((item) => item.key === row.dataset.key));
    const isBox = (event.target as HTMLElement).closest('.box') !== null;
    // While some are selected, a finger selects more.
    const isMore = last.current.isTouch && selection.selected.size > 0;
    if (isBox || isMore || event.ctrlKey || event.metaKey) selection.toggle(row.dataset.id);
    else if (event.shiftKey) selection.set([...selection.selected, row.dataset.id]);
    else onOpen(row.dataset.id);
  };
  if (state.why && state.groups.length === 0) return <Failed why={state.why} onRetry={() => void list.refresh()} />;
  if (!state.isLoading && items.length === 0) return <Nothing view={view} onFilters={onFilters} />;
  const rows = state.groups.reduce((sum, group) => sum + group.ids.length + group.tail.length, 0);
  return (
    <div className={['list', ...hidden.map((id) => `no-${id}`)].join(' ')} style={{ '--cols': template(hidden) } as CSSProperties}>
      <div className="cols grid" aria-hidden="true">
        <span /><span>Urgency</span><span>Work</span><span /><span className="part wide">Part</span><span className="acc wide">Customer</span>
        <span className="when-due">Due</span><span className="own" /><span className="when r wide">Changed</span>
      </div>
      <div
        className="rows" role="grid" aria-label="Works" aria-rowcount={state.total ?? -1} aria-multiselectable="true" aria-busy={state.isLoading}
        tabIndex={0} ref={scroller} aria-activedescendant={at.row ? `row-${at.row}` : undefined} onClick={onClick} {...handlers}
      >
        {rows === 0 && state.isLoading
          ? <Blanks />
          : (
            <Virtualizer
              ref={handle} data={items} itemSize={ROW} bufferSize={ROW * 8} keepMounted={at.index >= 0 ? [at.index] : []} shift={isAbove} onScroll={fetchNear}
            >
              {(item) => item.kind === 'head'
                ? <GroupHead key={item.key} group={item.group} isFolded={folded.has(item.group.key)} onFold={fold} />
                : item.kind === 'wait'
                  ? <Waiting key={item.key} group={item.group} onRetry={() => void list.more(item.group.key)} />
                  : <Row key={item.key} rowKey={item.key} id={item.id} selection={selection} {...(item.group.stage ? { groupStage: item.group.stage.name } : {})} />}
            </Virtualizer>
          )}
      </div>
    </div>
  );
}

function flat(groups: readonly Group[], view: View, folded: ReadonlySet<string>): Item[] {
  return groups.flatMap((group): Item[] => {
    const head: Item[] = view.group === 'none' ? [] : [{ kind: 'head', key: `head|${group.key}`, group }];
    if (folded.has(group.key)) return head;
    const row = (id: string): Item => ({ kind: 'row', key: `${group.key}|${id}`, id, group });
    const rest = group.state === 'done' ? [] : [{ kind: 'wait' as const, key: `wait|${group.key}`, group }];
    return [...head, ...group.ids.map(row), ...rest, ...group.tail.map(row)];
  });
}

/** Whether the rows that have just come are above others, which keep their place. */
function useIsAbove({ groups, isAbove }: ListState): boolean {
  const before = useRef(groups);
  const isNew = before.current !== groups;
  useEffect(() => { before.current = groups; }, [groups]);
  return isNew && isAbove;
}

interface At {
  index: number;
  /** The key of the row that has the cursor. */
  row: string | undefined;
  move: (index: number) => void;
}

/** Where the cursor is; a work that is in two groups has it where it was put. */
function useCursor(items: Item[], list: WorkList, selection: Selection, handle: React.RefObject<VirtualizerHandle | null>): At {
  const [row, setRow] = useState<string>();
  let index = items.findIndex((item) => item.key === row);
  if (index < 0 && selection.cursor !== null) {
    index = items.findIndex((item) => item.kind === 'row' && item.id === selection.cursor);
  }
  const current = items[index];
  const move = (to: number): void => {
    const item = items[to];
    if (item?.kind !== 'row') return;
    setRow(item.key);
    selection.move(item.id);
    handle.current?.scrollToIndex(to === 1 ? 0 : to, { align: 'nearest' });
    const work = works.get(item.id);
    if (work) announce(`${idOf(work)} ${work.title}`);
    // What no longer fits stays until the cursor leaves its group.
    if (list.isStale && current && current.kind === 'row' && current.group.key !== item.group.key) void list.refresh();
  };
  return { index, row: current?.key, move };
}

/** Rows that are on their way, or can be. */
const isComing = ({ state }: Group): boolean => state === 'idle' || state === 'loading';

/** The row so many items away or, if rows are missing before it, the last one before those, and how many are left to go. */
function walk(items: readonly Item[], from: number, by: number): { to: number; left: number; missing?: Group } {
  const way = Math.sign(by);
  let [to, left] = [from, Math.abs(by)];
  for (let at = from + way; at >= 0 && at < items.length; at += way) {
    const item = items[at];
    // The head of a group is no row to end at: if it was the last step, one more is left.
    if (item?.kind === 'wait' && isComing(item.group)) return { to, left: Math.max(left, 1), missing: item.group };
    left -= 1;
    if (item?.kind !== 'row') continue;
    to = at;
    if (left <= 0) break;
  }
  return { to, left: 0 };
}

interface ForCommands {
  items: Item[];
  list: WorkList;
  selection: Selection;
  at: At;
  handle: React.RefObject<VirtualizerHandle | null>;
  fold: (key: string) => void;
  onOpen: (id: string | null) => void;
}

/** Answers what makes the cursor stay where it is, although rows that it is to go to are on their way. */
function useListCommands({ items, list, selection, at, handle, fold, onOpen }: ForCommands): () => void {
  const [, go] = useLocation();
  /** How far the cursor is to go on, from where it is or from the end, once the rows of a group are there. */
  const owed = useRef<{ by: number; isFromEnd: boolean; group: string }>(undefined);
  const stay = (): void => { owed.current = undefined; };
  const page = (): number => Math.max(1, Math.floor((handle.current?.viewportSize ?? 0) / ROW) - 2);
  const fetch = (group: Group | undefined, by: number): void => {
    if (group) void (by > 0 ? list.more(group.key) : list.moreBefore(group.key));
  };
  const move = (from: number, by: number): void => {
    const { to, left, missing } = walk(items, from, by);
    owed.current = missing && { by: left * Math.sign(by), isFromEnd: from === items.length, group: missing.key };
    if (to !== at.index) at.move(to);
    fetch(missing, by);
  };
  // A held key does not run ahead of the rows by more than a page.
  const further = (by: number): void => {
    const before = owed.current && Math.sign(owed.current.by) === Math.sign(by) ? owed.current.by : 0;
    const most = Math.max(page(), Math.abs(by));
    move(by < 0 ? Math.max(at.index, 0) : at.index, Math.max(-most, Math.min(most, by + before)));
  };
  useEffect(() => {
    if (!owed.current) return;
    const { by, isFromEnd, group } = owed.current;
    const hasFailed = items.some((item) => item.kind === 'wait' && item.group.key === group && item.group.state === 'failed');
    if (hasFailed) stay();
    else move(isFromEnd ? items.length : at.index, by);
  }, [items]);
  const extend = (by: number): void => {
    stay();
    const { to, missing } = walk(items, at.index, by);
    const ends = [items[at.index], items[to]];
    selection.set([...selection.selected, ...ends.flatMap((item) => (item?.kind === 'row' ? [item.id] : []))]);
    at.move(to);
    fetch(missing, by);
  };
  const here = items[at.index];
  const work = selection.cursor === null ? undefined : works.get(selection.cursor);
  useCommands('inside', {
    next: () => further(1),
    previous: () => further(-1),
    'extend.next': () => extend(1),
    'extend.previous': () => extend(-1),
    first: () => move(-1, 1),
    last: () => move(items.length, -1),
    'page.down': () => further(page()),
    'page.up': () => further(-page()),
    select: selection.cursor !== null && (() => { if (selection.cursor) selection.toggle(selection.cursor); }),
    'select.all': () => selection.set(items.flatMap((item) => (item.kind === 'row' ? [item.id] : []))),
    open: selection.cursor !== null && (() => onOpen(selection.cursor)),
    'open.full': work && (() => go(`/${idOf(work)}`)),
    fold: here && (() => fold(here.group.key)),
  });
  return stay;
}

function Waiting({ group, onRetry }: { group: Group; onRetry: () => void }) {
  if (group.state === 'failed' && group.why) return <Failed why={group.why} onRetry={onRetry} />;
  if (group.state === 'unreachable') return <p className="note">Group by nothing to see these.</p>;
  return <div className="row grid blank" aria-hidden="true"><span /><i /><i /><i className="long" /></div>;
}

/** Shaped like rows, for when the first rows take longer than a moment. */
function Blanks() {
  return <div className="blanks">{Array.from({ length: 12 }, (_, at) => <div key={at} className="row grid blank"><span /><i /><i /><i className="long" /></div>)}</div>;
}

function Nothing({ view, onFilters }: { view: View; onFilters: (filters: Filters) => void }) {
  const last = FILTER_NAMES.findLast((name) => view.filters[name] && name !== 'kind');
  return (
    <Empty title="Nothing here">
      {last && (
        <p>
          <button
            type="button" className="btn line"
            onClick={() => {
              const { [last]: _, ...rest } = view.filters;
              onFilters(rest);
            }}
          >
            Without the filter {FILTERS[last].label.toLowerCase()}
          </button>
        </p>
      )}
      <p className="quiet">Something new is made with C.</p>
    </Empty>
  );
}
