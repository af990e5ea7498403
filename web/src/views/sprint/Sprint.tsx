// A sprint: how it goes, its board, and what could come into it.
import { Suspense, lazy, useEffect, useMemo, useState } from 'react';
import { Link, useLocation, useParams, useSearch } from 'wouter';
import { asRefusal } from '../../api/errors';
import type { VistaGroup } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { setTargets } from '../../commands/targets';
import { useAct } from '../../store/act';
import { useNames, useSignal } from '../../store/hooks';
import { listOf } from '../../store/live';
import { Selection } from '../../store/selection';
import { changeSprint, useMembers, useShots, useSprint } from '../../store/sprint';
import { loadWork, works } from '../../store/works';
import { en } from '../../text/en';
import { dayName } from '../../text/format';
import { Empty, Failed } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { ActionMenu } from '../../ui/Menu';
import { BurnChart } from '../../charts/Burn';
import { Pending } from '../../ui/states';
import { now } from '../../ui/now';
import { toast } from '../../ui/toast';
import { burn, sentence } from '../../works/burn';
import { OPEN_WORK, shortSprint, sprintId, type View } from '../../works/filter';
import { idOf } from '../../works/work';
import { Foot } from '../works/Foot';
import { EditSprint } from './EditSprint';
import { Plan } from './Plan';
import '../../styles/sprint.css';

const Board = lazy(() => import('../works/Board'));
const Panel = lazy(() => import('../works/Panel'));
const DAY = 24 * 60 * 60_000;
const NEXT = { planned: ['active', 'Start it'], active: ['completed', 'Complete it'], completed: ['active', 'Open it again'] } as const;

export default function Sprint() {
  const { id: short = '' } = useParams<{ id: string }>();
  const id = sprintId(short, useNames().org);
  const sprint = useSprint(id);
  useEffect(() => { document.title = `${sprint.data?.name ?? 'Sprint'} · Worksmith`; }, [sprint.data?.name]);
  if (sprint.data) return <Shown key={id} sprint={sprint.data} />;
  const why = sprint.error && asRefusal(sprint.error);
  if (why?.status === 404 || why?.kind === 'invalid_id') return <main><Empty title="There is no such sprint"><p className="quiet">It was deleted, or the address is not right.</p></Empty></main>;
  return <main><header className="head line"><h1>Sprint</h1></header><Pending of={[sprint]} /></main>;
}

function Shown({ sprint }: { sprint: VistaGroup }) {
  const search = useSearch();
  const [path, go] = useLocation();
  const params = new URLSearchParams(search);
  const isPlan = params.has('plan');
  const opened = params.get('open') ?? undefined;
  const [isEdited, edit] = useState(false);
  const act = useAct();
  const names = useNames();
  const view: View = useMemo(() => ({
    ...OPEN_WORK, filters: { kind: ['issue'], sprint: [shortSprint(sprint.id)] }, layout: 'board', group: 'stage',
  }), [sprint.id]);
  const list = useMemo(() => listOf(view, names), [view, names.me]);
  const [selection] = useState(() => new Selection());
  useEffect(() => setTargets(() => selection.targets), [selection]);
  const openBeside = (id: string | null): void => {
    const work = id === null ? undefined : works.get(id);
    go(work ? `${path}?open=${idOf(work)}` : path, { replace: opened !== undefined });
  };
  const layout = (): void => go(isPlan ? path : `${path}?plan`, { replace: true });
  useCommands('view', {
    layout,
    back: () => { if (selection.selected.size > 0) selection.set([]); else if (opened) openBeside(null); },
    panel: () => openBeside(opened ? null : selection.cursor),
    fresh: () => void list.refresh(),
  });
  useEffect(() => { if (act.why) toast(en.refusal(act.why)); }, [act.why]);
  const [next, label] = NEXT[sprint.state];
  return (
    <main>
      <header className="head more">
        <h1><bdi>{sprint.name}</bdi></h1>
        <Dates sprint={sprint} />
        <div className="tools">
          <div className="seg keep" role="group" aria-label="Layout">
            <button type="button" aria-pressed={!isPlan} onClick={() => isPlan && layout()}>Board</button>
            <button type="button" aria-pressed={isPlan} onClick={() => !isPlan && layout()}>Plan</button>
          </div>
          <button type="button" className={sprint.state === 'planned' ? 'btn main keep' : 'btn line'} disabled={act.isBusy} onClick={() => void act.run(() => changeSprint(sprint.id, { state: next }), 'sprint', 'sprints')}>{label}</button>
          <ActionMenu
            label={`${sprint.name}: what can be done`} trigger={<Icon name="more" />}
            items={[{ id: 'edit', label: 'Name and dates', run: () => edit(true) }, { id: 'all', label: 'All sprints', run: () => go('/sprints') }]}
          />
        </div>
      </header>
      {isPlan
        ? <Plan sprint={sprint} />
        : (
          <>
            <Progress sprint={sprint} onOpen={openBeside} />
            <div className={opened ? 'split' : 'split one'}>
              <Suspense fallback={<div className="boardish" aria-busy="true" />}><Board list={list} view={view} selection={selection} onOpen={openBeside} /></Suspense>
              {opened && <Suspense fallback={<aside className="side" aria-busy="true" />}><Panel name={opened} selection={selection} onClose={() => openBeside(null)} onFollow={openBeside} /></Suspense>}
            </div>
            <Foot isBoard />
          </>
        )}
      {isEdited && <EditSprint sprint={sprint} onClose={() => edit(false)} />}
    </main>
  );
}

function Dates({ sprint }: { sprint: VistaGroup }) {
  const at = useSignal(now);
  if (!sprint.start_date || !sprint.end_date) return <span className="n">{sprint.state}</span>;
  const left = Math.ceil((Date.parse(sprint.end_date) - at) / DAY);
  const toStart = Math.ceil((Date.parse(sprint.start_date) - at) / DAY);
  const rest = sprint.state === 'completed' ? 'completed'
    : toStart > 0 ? `starts in ${en.count(toStart, 'day', 'days')}`
      : left > 0 ? `${en.count(left, 'day', 'days')} left` : 'over';
  const isOver = sprint.state === 'active' && left <= 0;
  return <span className="n">{dayName(sprint.start_date)} – {dayName(sprint.end_date)}, <span className={isOver ? 'over' : undefined}>{rest}</span></span>;
}

function Progress({ sprint, onOpen }: { sprint: VistaGroup; onOpen: (id: string) => void }) {
  const members = useMembers(sprint.id);
  const at = useSignal(now);
  const [start, end] = [Date.parse(sprint.start_date ?? ''), Date.parse(sprint.end_date ?? '')];
  const shots = useShots(sprint.id, start, end, at, members.data);
  const failed = [members, shots].find((query) => query.isError && !query.data);
  if (failed) return <Failed why={asRefusal(failed.error)} onRetry={() => void failed.refetch()} />;
  if (members.data?.length === 0) {
    return <p className="note first">Nothing is in it yet. <Link href="?plan" replace className="ref">Pull the first in</Link></p>;
  }
  if (!(end > start)) return <p className="note">It has no dates yet, so nothing is drawn.</p>;
  if (!shots.data) return <div className="progress" aria-busy="true" />;
  const result = burn(shots.data, start, end, at);
  return (
    <section className="progress" aria-label="How it goes">
      <BurnChart burn={result} start={start} end={end} title={sentence(result)} />
      <div className="late-in">
        <Moved title={result.late.length === 0 ? 'Nothing came in late' : `${en.count(result.late.length, 'issue', 'issues')} came in late`} ids={result.late} onOpen={onOpen} />
        {result.out.length > 0 && <Moved title={`${en.count(result.out.length, 'issue', 'issues')} went out`} ids={result.out} onOpen={onOpen} />}
      </div>
    </section>
  );
}

function Moved({ title, ids, onOpen }: { title: string; ids: readonly string[]; onOpen: (id: string) => void }) {
  // What went out may not be held any more.
  useEffect(() => { for (const id of ids) if (!works.get(id)) void loadWork(id).catch(() => undefined); }, [ids.join()]);
  useSignal(works.version);
  return (
    <>
      <h2>{title}</h2>
      <p>After the first day</p>
      <ul>
        {ids.flatMap((id) => works.get(id) ?? []).map((work) => (
          <li key={work.id}><button type="button" onClick={() => onOpen(work.id)}><span className="id">{idOf(work)}</span><span dir="auto">{work.title}</span></button></li>
        ))}
      </ul>
    </>
  );
}
