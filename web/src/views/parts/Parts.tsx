// What works are about, as a tree, with what is open and what is late.
import { draggable, dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { useEffect, useMemo, useRef, useState, type MouseEvent } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { Link, useLocation } from 'wouter';
import type { Part } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { useRover } from '../../commands/rover';
import { asRefusal } from '../../api/errors';
import { useNames } from '../../store/hooks';
import { queries } from '../../store/queries';
import { movePart, usePartNumbers, useTree, type Parts as Held } from '../../store/tree';
import { en } from '../../text/en';
import { announce } from '../../ui/announce';
import { Avatar, Empty, Kbd, When } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Picker } from '../../ui/Picker';
import { Pending } from '../../ui/states';
import { toast } from '../../ui/toast';
import { OPEN_WORK, pathOf, within } from '../../works/filter';
import { canHold, grow, isBelow, rowsOf, sums, type Numbers, type TreeRow } from '../../works/tree';
import { NewPart } from './NewPart';
import '../../styles/tree.css';

export default function Parts() {
  const tree = useTree();
  const numbers = usePartNumbers(useNames());
  const [parent, makeIn] = useState<Part | 'top'>();
  useEffect(() => { document.title = 'Parts · Worksmith'; }, []);
  const count = tree.data?.parts.size;
  return (
    <main>
      <header className="head line">
        <h1>Parts</h1>
        {count !== undefined && <span className="n">{en.number(count)}</span>}
        <div className="tools">
          <button type="button" className="btn main keep" onClick={() => makeIn('top')}><Icon name="plus" />New product</button>
        </div>
      </header>
      <Pending of={[tree]} />
      {tree.data && (count === 0
        ? (
          <Empty title="A part is what works are about">
            <p>Begin with a product. Its capabilities and features come below it.</p>
            <button type="button" className="btn main" onClick={() => makeIn('top')}>Make a product</button>
          </Empty>
        )
        : <Tree held={tree.data} own={numbers.data} onNew={makeIn} />)}
      {parent && <NewPart parent={parent === 'top' ? undefined : parent} onClose={() => makeIn(undefined)} />}
      <footer className="foot">
        <span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>←</Kbd><Kbd>→</Kbd> fold</span><span><Kbd>Enter</Kbd> its works</span>
        <span><Kbd>N</Kbd> new in it</span><span><Kbd>M</Kbd> move it</span>
      </footer>
    </main>
  );
}

function Tree({ held, own, onNew }: { held: Held; own: ReadonlyMap<string, Numbers> | undefined; onNew: (parent: Part) => void }) {
  const [, go] = useLocation();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [moving, setMoving] = useState<Part>();
  const roots = useMemo(() => grow([...held.parts.values()], held.parents), [held]);
  const rows = useMemo(() => rowsOf(roots, folded), [roots, folded]);
  const counts = useMemo(() => (own ? sums(roots, own) : undefined), [roots, own]);
  const handle = useRef<VirtualizerHandle>(null);
  const keys = useMemo(() => rows.map(({ id }) => id), [rows]);
  const pathTo = (id: string): string => worksOf(id, held);
  const rover = useRover(keys, { onOpen: (id) => go(pathTo(id)), label: (id) => held.parts.get(id)?.name ?? '' });
  const here = rows.find(({ id }) => id === rover.at);
  useEffect(() => { if (here) handle.current?.scrollToIndex(keys.indexOf(here.id), { align: 'nearest' }); }, [here?.id]);
  const fold = (id: string, isFolded: boolean): void => setFolded((now) => {
    const next = new Set(now);
    if (isFolded) next.add(id);
    else next.delete(id);
    return next;
  });
  useCommands('view', {
    'tree.fold': here && (() => {
      const parent = held.parents.get(here.id);
      if (here.hasChildren && !here.isFolded) fold(here.id, true);
      else if (parent && keys.includes(parent)) rover.move(parent);
    }),
    'tree.unfold': here?.hasChildren && (() => {
      const next = keys[keys.indexOf(here.id) + 1];
      if (here.isFolded) fold(here.id, false);
      else if (next) rover.move(next);
    }),
    fold: here?.hasChildren && (() => fold(here.id, !here.isFolded)),
    'part.new': here && (() => { const part = held.parts.get(here.id); if (part) onNew(part); }),
    'part.move': here && (() => setMoving(held.parts.get(here.id))),
  });
  useDrop(held);
  const onClick = (event: MouseEvent): void => {
    const target = event.target as HTMLElement;
    const id = target.closest<HTMLElement>('[data-key]')?.dataset.key;
    if (!id) return;
    rover.move(id);
    const row = rows.find((each) => each.id === id);
    if (target.closest('.fold') && row) fold(id, !row.isFolded);
  };
  return (
    <div className="tree">
      <div className="cols tgrid" aria-hidden="true"><span>Part</span><span /><span className="r">Open</span><span className="r">Late</span><span>Owner</span><span className="r wide">Changed</span></div>
      <div
        className="rows" role="tree" aria-label="Parts" tabIndex={0} ref={rover.ref} onClick={onClick}
        aria-activedescendant={rover.at ? `part-${rover.at}` : undefined}
      >
        <Virtualizer ref={handle} data={rows} itemSize={36} keepMounted={here ? [keys.indexOf(here.id)] : []}>
          {(row) => {
            const part = held.parts.get(row.id);
            return part
              ? <PartRow key={row.id} row={row} part={part} held={held} numbers={counts?.get(row.id)} isAt={row.id === rover.at} path={pathTo(row.id)} />
              : <div key={row.id} />;
          }}
        </Virtualizer>
      </div>
      {moving && <MovePicker part={moving} held={held} onClose={() => setMoving(undefined)} />}
    </div>
  );
}

/** The open works about a part and all below it. */
const worksOf = (id: string, held: Held): string =>
  pathOf({ ...OPEN_WORK, filters: { ...OPEN_WORK.filters, kind: ['issue', 'ticket', 'task'], part: [within(held.parts.get(id)?.display_id ?? id)] } });

function PartRow({ row, part, held, numbers, isAt, path }: {
  row: TreeRow;
  part: Part;
  held: Held;
  numbers: Numbers | undefined;
  isAt: boolean;
  path: string;
}) {
  const ref = useRef<HTMLDivElement>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const stopDrag = part.type === 'product' ? undefined : draggable({ element, getInitialData: () => ({ part: part.id }) });
    const stopDrop = dropTargetForElements({
      element, getData: () => ({ to: part.id }),
      canDrop: ({ source }) => mayMove(held, source.data.part, part),
      onDragEnter: () => setOver(true), onDragLeave: () => setOver(false), onDrop: () => setOver(false),
    });
    return () => { stopDrag?.(); stopDrop(); };
  }, [part, held]);
  const late = numbers?.late ?? 0;
  return (
    <div
      ref={ref} id={`part-${part.id}`} data-key={part.id} role="treeitem" aria-level={row.depth + 1} aria-posinset={row.at} aria-setsize={row.of}
      aria-selected={isAt} {...(row.hasChildren ? { 'aria-expanded': !row.isFolded } : {})}
      className={`row tgrid${isAt ? ' cursor' : ''}${isOver ? ' over' : ''}${late > 0 && (row.isFolded || !row.hasChildren) ? ' hot' : ''}`}
    >
      <span className="t">
        <svg className="indent" width={row.depth * 22} height="1" aria-hidden="true" />
        <span className={row.hasChildren ? 'fold' : 'fold leaf'}>{row.hasChildren && <Icon name={row.isFolded ? 'right' : 'down'} />}</span>
        <span className={row.depth === 0 ? 'ti top' : 'ti'} dir="auto">{part.name}</span>
        <span className="kind">{part.type}</span>
      </span>
      <span className="id">{part.display_id}</span>
      <span className="r">{numbers && (numbers.open > 0 ? <Link href={path} tabIndex={-1}>{en.number(numbers.open)}</Link> : <span className="quiet">0</span>)}<span className="sr"> open</span></span>
      <span className="r">{late > 0 && <b className="late">{en.number(late)}<span className="sr"> late</span></b>}</span>
      <span className="own">{part.owned_by[0] && <Avatar user={part.owned_by[0]} />}</span>
      <span className="r wide when"><When at={part.modified_date} /></span>
    </div>
  );
}

function mayMove(held: Held, moved: unknown, to: Part): boolean {
  const part = typeof moved === 'string' ? held.parts.get(moved) : undefined;
  return part !== undefined && canHold(to.type, part.type) && !isBelow(part.id, to.id, held.parents) && held.parents.get(part.id) !== to.id;
}

async function move(held: Held, part: Part, to: Part): Promise<void> {
  try {
    // It shows where it will be at once; a refusal brings it back.
    queries.setQueryData<Held>(['tree'], (now) => now && { ...now, parents: new Map(now.parents).set(part.id, to.id) });
    await movePart(part.id, to.id, held.links.get(part.id));
    announce(`${part.name} is in ${to.name}`);
  } catch (error) {
    toast(`${part.name} was not moved. ${en.refusal(asRefusal(error))}`);
  }
  await Promise.all([['tree'], ['parts', 'below']].map((queryKey) => queries.invalidateQueries({ queryKey })));
}

function useDrop(held: Held): void {
  useEffect(() => monitorForElements({
    onDrop({ source, location }) {
      const part = held.parts.get(String(source.data.part));
      const to = held.parts.get(String(location.current.dropTargets[0]?.data.to));
      if (part && to && mayMove(held, part.id, to)) void move(held, part, to);
    },
  }), [held]);
}

function MovePicker({ part, held, onClose }: { part: Part; held: Held; onClose: () => void }) {
  const items = [...held.parts.values()].filter((to) => mayMove(held, part.id, to)).map((to) => ({
    id: to.id, label: to.name, hint: to.type, also: to.display_id ?? '', mark: <Icon name="tree" />,
    pick: () => void move(held, part, to),
  }));
  return (
    <Picker
      title="Move to" about={part.name} groups={[{ label: '', items }]} onClose={onClose}
      empty={part.type === 'product' ? 'A product belongs to nothing.' : `Nothing else can hold ${part.type === 'enhancement' ? 'an' : 'a'} ${part.type}.`}
    />
  );
}
