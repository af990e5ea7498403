// Rows in groups. Only what is near is in the page; the cursor is a row of the grid, which has the
// focus itself.
import { useCallback, useEffect, useMemo, useRef, useState, type CSSProperties, type MouseEvent } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useLocation } from 'wouter';
import { useCommands } from '../../commands/registry';
import { useSignal } from '../../store/hooks';
import type { Group, WorkList } from '../../store/lists';
import { preferences } from '../../store/preferences';
import type { Selection } from '../../store/selection';
import { works } from '../../store/works';
import { Empty, Failed } from '../../ui/bits';
import { FILTERS, FILTER_NAMES, type Filters, type View } from '../../works/filter';
import { idOf } from '../../works/work';
import { announce } from '../../ui/announce';
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
  const fold = useCallback((key: string) => setFolded((now) => {
    const next = new Set(now);
    if (!next.delete(key)) next.add(key);
    return next;
  }), []);
  const fetchNear = (): void => {
    const near = handle.current;
    if (!near) return;
    const from = near.findItemIndex(near.scrollOffset);
    const to = near.findItemIndex(near.scrollOffset + near.viewportSize) + AHEAD;
    for (const item of items.slice(from, to)) if (item.kind === 'wait') void list.more(item.group.key);
  };
  useEffect(fetchNear, [items]);
  useListCommands({ items, selection, at, handle, fold, onOpen });
  useEffect(() => { scroller.current?.focus({ preventScroll: true }); }, []);
  const onClick = (event: MouseEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-id]');
    if (!row?.dataset.id) return;
    at.move(items.findIndex((item) => item.key === row.dataset.key));
    const isBox = (event.target as HTMLElement).closest('.box') !== null;
    if (isBox || event.ctrlKey || event.metaKey) selection.toggle(row.dataset.id);
    else if (event.shiftKey) selection.set([...selection.selected, row.dataset.id]);
    else onOpen(row.dataset.id);
  };
  if (state.why && state.groups.length === 0) return <Failed why={state.why} onRetry={() => void list.refresh()} />;
  if (!state.isLoading && items.length === 0) return <Nothing view={view} onFilters={onFilters} />;
  const rows = state.groups.reduce((sum, group) => sum + group.ids.length, 0);
  return (
    <div className={['list', ...hidden.map((id) => `no-${id}`)].join(' ')} style={{ '--cols': template(hidden) } as CSSProperties}>
      <div className="cols grid" aria-hidden="true">
        <span /><span>Urgency</span><span>Work</span><span /><span className="part wide">Part</span><span className="acc wide">Customer</span>
        <span className="when-due">Due</span><span className="own" /><span className="when r wide">Changed</span>
      </div>
      <div
        className="rows" role="grid" aria-label="Works" aria-rowcount={state.total ?? -1} aria-multiselectable="true" aria-busy={state.isLoading}
        tabIndex={0} ref={scroller} aria-activedescendant={at.row ? `row-${at.row}` : undefined} onClick={onClick}
      >
        {rows === 0 && state.isLoading
          ? <Blanks />
          : (
            <Virtualizer
              ref={handle} data={items} itemSize={ROW} bufferSize={ROW * 8} keepMounted={at.index >= 0 ? [at.index] : []} onScroll={fetchNear}
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
    const rows = group.ids.map((id): Item => ({ kind: 'row', key: `${group.key}|${id}`, id, group }));
    const rest = group.state === 'done' ? [] : [{ kind: 'wait' as const, key: `wait|${group.key}`, group }];
    return [...head, ...rows, ...rest];
  });
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

interface ForCommands {
  items: Item[];
  selection: Selection;
  at: At;
  handle: React.RefObject<VirtualizerHandle | null>;
  fold: (key: string) => void;
  onOpen: (id: string | null) => void;
}

function useListCommands({ items, selection, at, handle, fold, onOpen }: ForCommands): void {
  const [, go] = useLocation();
  const step = (from: number, by: number): number => {
    for (let to = from + by; to >= 0 && to < items.length; to += by) if (items[to]?.kind === 'row') return to;
    return from;
  };
  const page = (): number => Math.max(1, Math.floor((handle.current?.viewportSize ?? 0) / ROW) - 2);
  const far = (by: number): number => {
    const to = Math.min(items.length - 1, Math.max(0, at.index + by));
    return items[to]?.kind === 'row' ? to : step(to, by < 0 && to > 0 ? -1 : 1);
  };
  const extend = (by: number): void => {
    const [from, to] = [items[at.index], items[step(at.index, by)]];
    selection.set([...selection.selected, ...[from, to].flatMap((item) => (item?.kind === 'row' ? [item.id] : []))]);
    at.move(step(at.index, by));
  };
  const here = items[at.index];
  const work = selection.cursor === null ? undefined : works.get(selection.cursor);
  useCommands('inside', {
    next: () => at.move(step(at.index, 1)),
    previous: () => at.move(step(Math.max(at.index, 0), -1)),
    'extend.next': () => extend(1),
    'extend.previous': () => extend(-1),
    first: () => at.move(step(-1, 1)),
    last: () => at.move(step(items.length, -1)),
    'page.down': () => at.move(far(page())),
    'page.up': () => at.move(far(-page())),
    select: selection.cursor !== null && (() => { if (selection.cursor) selection.toggle(selection.cursor); }),
    'select.all': () => selection.set(items.flatMap((item) => (item.kind === 'row' ? [item.id] : []))),
    open: selection.cursor !== null && (() => onOpen(selection.cursor)),
    'open.full': work && (() => go(`/${idOf(work)}`)),
    fold: here && (() => fold(here.group.key)),
  });
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
