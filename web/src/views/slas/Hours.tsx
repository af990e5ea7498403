// The week of a schedule, drawn; a draft is changed by drawing in it.
import { useState } from 'react';
import type { OrgSchedule } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { PERIOD, changeSchedule, makePiece, makeSchedule, moveSchedule, usePieces } from '../../store/promises';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { ChoiceMenu } from '../../ui/Menu';
import { Input, Sheet } from '../../ui/Sheet';
import { dateOf, normal, weekOf, workdays, type Interval } from '../../works/week';
import { dayAfter, daysOff, type Piece } from '../../works/daysoff';
import { DaysOff, dayText } from './DaysOff';
import type { Tried } from './TryIt';
import { Week } from './Week';

const WEEK = 7 * 86_400_000;

interface Props {
  schedules: readonly OrgSchedule[];
  schedule: OrgSchedule | undefined;
  onPick: (id: string) => void;
  tried: Tried | undefined;
}

export function Hours({ schedules, schedule, onPick, tried }: Props) {
  const [isNew, makeNew] = useState(false);
  if (!schedule) {
    return (
      <section aria-label="Hours">
        <h2>Hours</h2>
        <p>There is no schedule, so the clock never stands still</p>
        <button type="button" className="btn line" onClick={() => makeNew(true)}>Make office hours</button>
        {isNew && <NewSchedule onClose={() => makeNew(false)} onMade={onPick} />}
      </section>
    );
  }
  return (
    <>
      <Drawn key={`${schedule.id} ${schedule.version_number}`} schedules={schedules} schedule={schedule} onPick={onPick} tried={tried} onNew={() => makeNew(true)} />
      {isNew && <NewSchedule onClose={() => makeNew(false)} onMade={onPick} />}
    </>
  );
}

function Drawn({ schedules, schedule, onPick, tried, onNew }: Props & { schedule: OrgSchedule; onNew: () => void }) {
  const [by, moveBy] = useState(0);
  const known = schedule.default_weekly_org_schedule?.intervals ?? [];
  const [intervals, draw] = useState<Interval[]>(() => normal(known));
  const act = useAct();
  const isDraft = schedule.status === 'draft';
  const held = usePieces(schedule);
  const [edited, setPieces] = useState<readonly Piece[]>();
  const pieces = edited ?? held.data ?? [];
  const areHours = JSON.stringify(intervals) !== JSON.stringify(normal(known));
  const isChanged = areHours || edited !== undefined;
  const zone = schedule.timezone;
  // The week in which what is tried begins to count.
  const days = weekOf((tried?.spans[0]?.from ?? tried?.from ?? Date.now()) + by * WEEK, zone);
  const [monday = '', , , , , , sunday = ''] = days.map(dateOf);
  const isNow = weekOf(Date.now(), zone).map(dateOf)[0] === monday;
  const off = daysOff(pieces);
  const here = off.filter(({ from, to }) => from <= sunday && to > monday);
  const save = (): void => void act.run(async () => {
    const ids: Array<{ id: string }> = [];
    for (const piece of edited ?? []) ids.push({ id: piece.id ?? await makePiece(piece) });
    await changeSchedule({
      id: schedule.id, ...(edited ? { org_schedule_fragments: ids } : {}),
      ...(areHours ? { default_weekly_org_schedule: { period_name: schedule.default_weekly_org_schedule?.period_name ?? PERIOD, intervals } } : {}),
    });
  }, 'schedules');
  const discard = (): void => { draw(normal(known)); setPieces(undefined); };
  const copy = (): void => void act.run(async () => {
    const made = await makeSchedule({
      name: `${schedule.name} 2`, timezone: zone, min_valid_days: schedule.min_valid_days, org_schedule_fragments: schedule.org_schedule_fragments.map(({ id }) => ({ id })),
      ...(schedule.default_weekly_org_schedule ? { default_weekly_org_schedule: schedule.default_weekly_org_schedule } : {}),
      weekly_org_schedules: schedule.weekly_org_schedules,
    });
    onPick(made.id);
  }, 'schedules');
  return (
    <section className="hours" aria-label={`Hours: ${schedule.name}`}>
      <header>
        <div>
          <h2>Hours: <bdi>{schedule.name}</bdi><span className="quiet"> {isDraft ? `draft, version ${schedule.version_number}` : `version ${schedule.version_number}`}</span></h2>
          <p>{zone.replaceAll('_', ' ')}. The clock stands still outside{here.length > 0 ? `; off: ${en.and(here.map(dayText))}` : ''}</p>
        </div>
        <div className="tools">
          <button type="button" className="btn" aria-label="The week before" onClick={() => moveBy(by - 1)}><Icon name="left" /></button>
          <button type="button" className="btn" disabled={by === 0} onClick={() => moveBy(0)}>{by !== 0 ? 'Back' : isNow ? 'This week' : `Week of ${dayText({ name: '', from: monday, to: dayAfter(monday) })}`}</button>
          <button type="button" className="btn" aria-label="The week after" onClick={() => moveBy(by + 1)}><Icon name="right" /></button>
          {schedules.length > 1 && <ChoiceMenu label="Schedule" value={schedule.id} options={schedules.map(({ id, name, status }) => ({ id, label: status === 'draft' ? `${name}, draft` : name }))} onPick={onPick} />}
          {isDraft
            ? isChanged
              ? <><button type="button" className="btn line" onClick={discard}>Discard</button><button type="button" className="btn main" disabled={act.isBusy} onClick={save}>Save hours</button></>
              : <button type="button" className="btn line" disabled={act.isBusy || known.length === 0} onClick={() => void act.run(() => moveSchedule(schedule.id, 'published'), 'schedules')}>Publish hours</button>
            : <><button type="button" className="btn" onClick={onNew}>New</button><button type="button" className="btn line" disabled={act.isBusy} onClick={copy}>Copy as a draft</button></>}
        </div>
      </header>
      {act.why && <p className="wrong" role="alert">{en.refusal(act.why)}</p>}
      <Week days={days} zone={zone} intervals={intervals} off={off} tried={tried} {...(isDraft ? { onDraw: draw } : {})} />
      {isDraft && <p className="quiet">Drag over hours to open or shut them, or go there with the arrows and press Enter.</p>}
      <DaysOff schedule={schedule} pieces={pieces} isTold={held.data !== undefined} {...(isDraft ? { onChange: setPieces } : {})} />
    </section>
  );
}

function NewSchedule({ onClose, onMade }: { onClose: () => void; onMade: (id: string) => void }) {
  const [name, setName] = useState('Office hours');
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const act = useAct();
  const send = async (): Promise<void> => {
    const isMade = await act.run(async () => {
      const made = await makeSchedule({
        name: name.trim(), timezone: zone.trim(), default_weekly_org_schedule: { period_name: PERIOD, intervals: workdays(9 * 60, 17 * 60) },
      });
      onMade(made.id);
    }, 'schedules');
    if (isMade) onClose();
  };
  return (
    <Sheet title="New hours" submit="Make a draft" note="Monday to Friday, 9 to 17, to begin with" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== ''} onSend={() => void send()} onClose={onClose}>
      <Input label="Name" value={name} onChange={setName} isFirst required />
      <Input label="Time zone" value={zone} onChange={setZone} required />
    </Sheet>
  );
}
