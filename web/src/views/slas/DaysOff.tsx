// The days on which the hours of a schedule do not count.
import { useState } from 'react';
import type { OrgSchedule } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { appendPiece } from '../../store/promises';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { Input, Sheet } from '../../ui/Sheet';
import { toast } from '../../ui/toast';
import { dayAfter, daysOff, withOff, withoutOff, yearAfter, yearOf, type Off, type Piece } from '../../works/daysoff';

const SOON = 60;
const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
const inYear = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const today = (): string => new Date().toISOString().slice(0, 10);

/** "27 November", "24 December – 1 January". */
export function dayText({ from, to }: Off): string {
  const last = dayAfter(to, -1);
  return last === from ? format.format(Date.parse(from)) : `${format.format(Date.parse(from))} – ${format.format(Date.parse(last))}`;
}

function fullText({ from, to }: Off): string {
  const last = dayAfter(to, -1);
  return last === from ? inYear.format(Date.parse(from)) : `${inYear.format(Date.parse(from))} – ${inYear.format(Date.parse(last))}`;
}

export function DaysOff({ schedule, pieces, isTold, onChange }: {
  schedule: OrgSchedule;
  pieces: readonly Piece[];
  isTold: boolean;
  /** Only drafts are changed; what is published goes on by whole years. */
  onChange?: (pieces: Piece[]) => void;
}) {
  const [isNew, makeNew] = useState(false);
  const [past, showPast] = useState(false);
  const act = useAct();
  const all = daysOff(pieces);
  const now = today();
  const ahead = all.filter(({ to }) => to > now);
  const shown = past ? all : ahead;
  const until = pieces.at(-1)?.to;
  const next = yearAfter(pieces);
  const isSoon = until !== undefined && until < dayAfter(now, SOON);
  const goOn = (): void => void act.run(async () => {
    if (!next) return;
    await appendPiece(schedule.id, next);
    toast(`${schedule.name} goes on to the end of ${yearOf(next.from)}.`);
  }, 'schedules');
  return (
    <section className="days-off" aria-label="Days off">
      <header className="with-tools">
        <div>
          <h2>Days off</h2>
          <p>
            {until === undefined ? 'None: every week is the same, and has no end' : (
              <>Whole days on which the clock stands still. Known until <span className={isSoon ? 'soon' : undefined}>{inYear.format(Date.parse(dayAfter(until, -1)))}</span>, after which nothing counts</>
            )}
          </p>
        </div>
        <div className="tools">
          {ahead.length < all.length && <button type="button" className="btn" aria-pressed={past} onClick={() => showPast(!past)}>{past ? 'Hide those over' : `${all.length - ahead.length} over`}</button>}
          {onChange
            ? <button type="button" className="btn line" disabled={!isTold} onClick={() => makeNew(true)}><Icon name="plus" />Day off</button>
            : next && <button type="button" className="btn line" disabled={act.isBusy} title="With the same days off; a copy can have others" onClick={goOn}>Go on with {yearOf(next.from)}</button>}
        </div>
      </header>
      {act.why && <p className="wrong" role="alert">{en.refusal(act.why)}</p>}
      {shown.length > 0 && (
        <ul>
          {shown.map((off) => (
            <li key={`${off.from} ${off.name}`} className={off.to <= now ? 'over' : undefined}>
              <time dateTime={off.from}>{fullText(off)}</time><span dir="auto">{off.name}</span>
              {onChange && <button type="button" className="btn" aria-label={`Take away: ${off.name}`} onClick={() => onChange(withoutOff(pieces, off))}><Icon name="x" /></button>}
            </li>
          ))}
        </ul>
      )}
      {isNew && onChange && <NewDay pieces={pieces} onChange={onChange} onClose={() => makeNew(false)} />}
    </section>
  );
}

function NewDay({ pieces, onChange, onClose }: { pieces: readonly Piece[]; onChange: (pieces: Piece[]) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [from, setFrom] = useState(today());
  const [to, setTo] = useState('');
  const last = to || from;
  const isTaken = daysOff(pieces).find((off) => off.from <= last && off.to > from);
  return (
    <Sheet
      title="Day off" submit="Put it in" note="Nothing changes before hours are saved" canSend={name.trim() !== '' && from !== '' && last >= from && !isTaken} onClose={onClose}
      onSend={() => { onChange(withOff(pieces, { name: name.trim(), from, to: dayAfter(last) }, today())); onClose(); }}
    >
      <Input label="What it is" value={name} onChange={setName} isFirst required placeholder="Company day" />
      <div className="row-of">
        <Input label="Day" type="date" value={from} onChange={setFrom} required />
        <Input label="Until; empty for one day" type="date" value={to} onChange={setTo} />
      </div>
      {last < from && <p className="wrong">It ends before it begins.</p>}
      {isTaken && <p className="wrong">{fullText(isTaken)} is off already: {isTaken.name}.</p>}
    </Sheet>
  );
}
