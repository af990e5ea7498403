// Works as a list or as a board, with one of them open beside it.
import { Suspense, lazy, useCallback, useEffect, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { open } from '../../commands/overlay';
import { useCommands } from '../../commands/registry';
import { setTargets } from '../../commands/targets';
import { call, uniqueKey } from '../../api/call';
import { asRefusal } from '../../api/errors';
import { useVistas } from '../../store/asked';
import { useNames, useSelected, useSignal } from '../../store/hooks';
import { listOf } from '../../store/live';
import { queries } from '../../store/queries';
import { prefer, preferences } from '../../store/preferences';
import { Selection } from '../../store/selection';
import { works } from '../../store/works';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { toast } from '../../ui/toast';
import { ChoiceMenu, ToggleMenu } from '../../ui/Menu';
import { Kbd } from '../../ui/bits';
import { FILTER_NAMES, GROUPS, SORTS, format, parse, pathOf, type Grouping, type Sort, type View } from '../../works/filter';
import { idOf } from '../../works/work';
import { nameOfView, savedPlace } from '../places';
import { Chips } from './Chips';
import { COLUMNS } from './columns';
import { Foot } from './Foot';
import { List } from './List';
import { SelectionBar } from './SelectionBar';

const SORT_NAMES: Record<Sort, string> = {
  urgency: 'Urgency', due: 'Due date', changed: 'Last changed', created: 'Newest', clock: 'Clock', title: 'Title',
};
const GROUP_NAMES: Record<Grouping, string> = { stage: 'Stage', owner: 'Owner', part: 'Part', none: 'Nothing' };

const Board = lazy(() => import('./Board'));
const Panel = lazy(() => import('./Panel'));

const selections = new Map<string, Selection>();

/** The cursor of a view stays where it was when somebody comes back. */
function selectionOf(key: string): Selection {
  const known = selections.get(key) ?? new Selection();
  selections.set(key, known);
  return known;
}

export default function Works() {
  const search = useSearch();
  const [, go] = useLocation();
  const names = useNames();
  const view = useMemo(() => parse(search), [search]);
  const key = format({ ...view, layout: 'list' });
  // A board is a list by stage.
  const list = useMemo(() => listOf(view.layout === 'board' ? { ...view, group: 'stage' } : view, names), [key, view.layout, names.me]);
  const state = useSignal(list.state);
  const selection = selectionOf(key);
  const selected = useSelected(selection);
  const opened = new URLSearchParams(search).get('open') ?? undefined;

  const show = useCallback((next: View) => go(pathOf(next), { replace: true }), [go]);
  const change = (some: Partial<View>): void => show({ ...view, ...some });
  const openBeside = useCallback((id: string | null) => {
    const work = id === null ? undefined : works.get(id);
    go(pathOf(view, work && idOf(work)), { replace: opened !== undefined });
  }, [go, view, opened]);

  useEffect(() => setTargets(() => selection.targets), [selection]);
  useEffect(() => { document.title = `${nameOfView(view) ?? 'Works'} · Worksmith`; }, [view]);
  const last = FILTER_NAMES.findLast((name) => view.filters[name]);
  const pickFilter = (values: string[], name?: (typeof FILTER_NAMES)[number]): void => open({
    kind: 'filter', values, ...(name ? { name } : {}),
    onPick: (picked, next) => {
      const { [picked]: _, ...rest } = view.filters;
      change({ filters: next.length > 0 ? { ...rest, [picked]: next } : rest });
    },
  });
  useCommands('view', {
    layout: () => change({ layout: view.layout === 'list' ? 'board' : 'list' }),
    filter: () => pickFilter([]),
    'filter.clear': last && (() => {
      const { [last]: _, ...rest } = view.filters;
      change({ filters: rest });
    }),
    fresh: () => void list.refresh(),
    back: () => {
      if (selection.selected.size > 0) selection.set([]);
      else if (opened) openBeside(null);
      else if (list.isStale) void list.refresh();
    },
    panel: () => openBeside(opened ? null : selection.cursor),
    peek: view.layout === 'list' && (() => openBeside(opened ? null : selection.cursor)),
  });

  const { data: vistas = [] } = useVistas();
  const query = format({ ...view, layout: 'list' });
  const saved = vistas.find((vista) => {
    const place = savedPlace(vista);
    return place.view && format({ ...place.view, layout: 'list' }) === query;
  });
  const known = nameOfView(view) ?? saved?.name;
  useCommands('inside', {
    'view.save': known === undefined && (() => open({ kind: 'save', view })),
    'view.delete': saved && (() => void removeView(saved.id)),
  });

  const isBoard = view.layout === 'board';
  const { hidden } = useSignal(preferences);
  return (
    <main>
      <header className="head">
        <h1 dir="auto">{known ?? 'Works'}</h1>
        <button type="button" className="btn on-phone" aria-label="Other views" onClick={() => open({ kind: 'places' })}><Icon name="down" /></button>
        {state.total !== undefined && <span className="n">{en.number(state.total)}</span>}
        {state.fresh > 0 && (
          <button type="button" className="btn fresh" onClick={() => void list.refresh()}>{en.fresh(state.fresh)} <Kbd>.</Kbd></button>
        )}
        {state.why && state.groups.length > 0 && (
          <button type="button" className="btn stale" title={en.refusal(state.why)} onClick={() => void list.refresh()}><span className="wait">not up to date</span> Try again</button>
        )}
        <div className="tools">
          <button type="button" className="btn on-phone" aria-label="Search works" onClick={() => open({ kind: 'palette', isSearch: true })}><Icon name="search" /></button>
          {known === undefined && <button type="button" className="btn line save" onClick={() => open({ kind: 'save', view })}>Save view</button>}
          {!isBoard && (
            <ChoiceMenu label="Group" value={view.group} options={GROUPS.map((id) => ({ id, label: GROUP_NAMES[id] }))} onPick={(group) => change({ group })} />
          )}
          <ChoiceMenu label="Sort" value={view.sort} options={SORTS.map((id) => ({ id, label: SORT_NAMES[id] }))} onPick={(sort) => change({ sort })} />
          {!isBoard && (
            <span className="desk"><ToggleMenu
              label="Columns" options={COLUMNS} on={(id) => !hidden.includes(id)}
              onToggle={(id) => prefer({ hidden: hidden.includes(id) ? hidden.filter((each) => each !== id) : [...hidden, id] })}
            /></span>
          )}
          <div className="seg" role="group" aria-label="Layout">
            <button type="button" aria-pressed={!isBoard} onClick={() => change({ layout: 'list' })}><Icon name="list" />List</button>
            <button type="button" aria-pressed={isBoard} onClick={() => change({ layout: 'board' })}><Icon name="board" />Board</button>
          </div>
          <button type="button" className="btn main" onClick={() => open({ kind: 'new' })}><Icon name="plus" />New</button>
        </div>
      </header>
      {selected.size > 0
        ? <SelectionBar selection={selection} />
        : <Chips view={view} onChange={change} onPick={pickFilter} />}
      <div className={opened ? 'split' : 'split one'}>
        {isBoard
          ? <Suspense fallback={<div className="boardish" aria-busy="true" />}><Board key={key} list={list} view={view} selection={selection} onOpen={openBeside} /></Suspense>
          : <List key={key} list={list} view={view} selection={selection} onOpen={openBeside} onFilters={(filters) => change({ filters })} />}
        {opened && <Suspense fallback={<aside className="side" aria-busy="true" />}><Panel name={opened} selection={selection} onClose={() => openBeside(null)} onFollow={openBeside} /></Suspense>}
      </div>
      <Foot isBoard={isBoard} />
    </main>
  );
}

async function removeView(id: string): Promise<void> {
  await call('vistas.delete', { id }, { key: uniqueKey() }).catch((error: unknown) => toast(en.refusal(asRefusal(error))));
  void queries.invalidateQueries({ queryKey: ['vistas'] });
}
