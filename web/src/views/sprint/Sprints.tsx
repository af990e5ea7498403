// All sprints: the one that goes on, those to come, those that are over.
import { useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { VistaGroup } from '../../api/types.gen';
import { useRover } from '../../commands/rover';
import { useAct } from '../../store/act';
import { makeSprint, useAllSprints, useSprintNumbers } from '../../store/sprint';
import { en } from '../../text/en';
import { dateInput, dayName } from '../../text/format';
import { Empty, Kbd } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { shortSprint } from '../../works/filter';
import { SprintFields, beginOf, endOf } from './SprintFields';
import '../../styles/sprint.css';

const DAY = 86_400_000;
const ORDER = { active: 0, planned: 1, completed: 2 };
const STATES = { active: 'goes on', planned: 'to come', completed: 'over' };

/** Those that go on, then those to come, the next first, then those over, the newest first. */
function sorted(sprints: readonly VistaGroup[]): VistaGroup[] {
  const start = (sprint: VistaGroup): number => Date.parse(sprint.start_date ?? '') || Infinity;
  return [...sprints].sort((a, b) => ORDER[a.state] - ORDER[b.state] || (a.state === 'completed' ? start(b) - start(a) : start(a) - start(b)) || a.name.localeCompare(b.name));
}

/** "Sprint 10" after "Sprint 9". */
function nameAfter(sprints: readonly VistaGroup[]): string {
  const found = sprints.flatMap(({ name }) => { const [, text, n] = /^(.*?)(\d+)$/.exec(name) ?? []; return n ? [{ text: text ?? '', n: Number(n) }] : []; }).sort((a, b) => b.n - a.n)[0];
  return found ? `${found.text}${found.n + 1}` : 'Sprint 1';
}

export default function Sprints() {
  const [, go] = useLocation();
  const sprints = useAllSprints();
  const { data: numbers } = useSprintNumbers();
  const [isNew, makeNew] = useState(false);
  useEffect(() => { document.title = 'Sprints · Worksmith'; }, []);
  const rows = useMemo(() => sorted(sprints.data ?? []), [sprints.data]);
  const keys = useMemo(() => rows.map(({ id }) => id), [rows]);
  const path = (id: string): string => `/sprints/${shortSprint(id)}`;
  const rover = useRover(keys, { onOpen: (id) => go(path(id)), label: (id) => rows.find((each) => each.id === id)?.name ?? '' });
  return (
    <main>
      <header className="head line">
        <h1>Sprints</h1>
        {sprints.data && <span className="n">{en.number(sprints.data.length)}</span>}
        <div className="tools"><button type="button" className="btn main keep" onClick={() => makeNew(true)}><Icon name="plus" />New sprint</button></div>
      </header>
      <Pending of={[sprints]} />
      {sprints.data && (rows.length === 0
        ? (
          <Empty title="There is no sprint yet">
            <p>A sprint has a beginning, an end, and the issues that are to be done between them.</p>
            <button type="button" className="btn main" onClick={() => makeNew(true)}>Plan the first</button>
          </Empty>
        )
        : (
          <div className="sprints">
            <div className="cols sgrid" aria-hidden="true"><span>Sprint</span><span className="wide">Dates</span><span className="wide">State</span><span className="r">Open</span><span className="r">Issues</span></div>
            <div
              className="rows" role="listbox" aria-label="Sprints" tabIndex={0} ref={rover.ref} aria-activedescendant={rover.at ? `sprint-${rover.at}` : undefined}
              onClick={(event) => { const id = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset.key; if (id) go(path(id)); }}
            >
              {rows.map((sprint) => {
                const { open, total } = numbers?.get(sprint.id) ?? { open: 0, total: 0 };
                return (
                  <div
                    key={sprint.id} id={`sprint-${sprint.id}`} data-key={sprint.id} role="option" aria-selected={rover.at === sprint.id}
                    className={`row sgrid${rover.at === sprint.id ? ' cursor' : ''}${sprint.state === 'completed' ? ' done' : ''}`}
                  >
                    <span className="t"><span className={sprint.state === 'active' ? 'ti top' : 'ti'} dir="auto">{sprint.name}</span></span>
                    <span className="wide">{sprint.start_date && sprint.end_date ? `${dayName(sprint.start_date)} – ${dayName(sprint.end_date)}` : <span className="quiet">no dates yet</span>}</span>
                    <span className="wide">{STATES[sprint.state]}</span>
                    <span className="r">{numbers && open}<span className="sr"> open</span></span>
                    <span className="r">{numbers && total}<span className="sr"> in it</span></span>
                  </div>
                );
              })}
            </div>
          </div>
        ))}
      <footer className="foot"><span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>Enter</Kbd> open</span><span><Kbd>?</Kbd> all keys</span></footer>
      {isNew && <NewSprint sprints={rows} onClose={() => makeNew(false)} onMade={(sprint) => go(`${path(sprint.id)}?plan`)} />}
    </main>
  );
}

/** Two weeks, from when the last one ends, or from today on. */
function NewSprint({ sprints, onMade, onClose }: { sprints: readonly VistaGroup[]; onMade: (sprint: VistaGroup) => void; onClose: () => void }) {
  const last = Math.max(0, ...sprints.map(({ end_date: end }) => Date.parse(end ?? '') || 0));
  const begin = Math.max(Date.now(), last > 0 ? last + DAY / 2 : 0);
  const date = (at: number): string => dateInput(new Date(at).toISOString());
  const [name, setName] = useState(() => nameAfter(sprints));
  const [from, setFrom] = useState(() => date(begin));
  const [to, setTo] = useState(() => date(begin + 13 * DAY));
  const act = useAct();
  const send = async (): Promise<void> => {
    let made: VistaGroup | undefined;
    const isMade = await act.run(async () => {
      made = await makeSprint({
        name: name.trim(), ...(from ? { start_date: beginOf(from) } : {}), ...(to ? { end_date: endOf(to) } : {}),
      });
    }, 'sprints');
    if (!isMade || !made) return;
    onClose();
    onMade(made);
  };
  return (
    <Sheet title="New sprint" submit="Make it" note="It is planned then, and started when you say so" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== '' && (!from || !to || from <= to)} onSend={() => void send()} onClose={onClose}>
      <SprintFields name={name} from={from} to={to} onName={setName} onFrom={setFrom} onTo={setTo} />
    </Sheet>
  );
}
