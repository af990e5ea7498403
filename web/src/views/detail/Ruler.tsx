// The last days of a clock: what was counted, where now is, and where it is due.
import { dayName, timeOfDay } from '../../text/format';

const DAYS_MAX = 3;
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

const midnight = (at: number): number => {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
};

/** Time that was counted, or in which the clock was paused. */
interface Stretch {
  from: number;
  to: number;
  isPaused: boolean;
}

export function Ruler({ spans, warm, due, at, hasHours }: {
  spans: readonly Stretch[];
  warm: number | undefined;
  due: number | undefined;
  at: number;
  hasHours: boolean;
}) {
  const moments = [...spans.flatMap(({ from, to }) => [from, to]), at, ...(due === undefined ? [] : [due])];
  const days: number[] = [];
  for (let day = midnight(Math.min(...moments)); day <= Math.max(...moments); day = midnight(day + 1.5 * DAY)) days.push(day);
  // Now, what was counted last, and what comes.
  const first = Math.max(0, days.indexOf(midnight(at)) - (due !== undefined && midnight(due) > midnight(at) ? 1 : 2));
  const shown = days.slice(first, first + DAYS_MAX);
  const hours = moments.filter((each) => shown.includes(midnight(each))).map((each) => (each - midnight(each)) / HOUR);
  // Without hours of work, the whole day counts.
  const [open, close] = hasHours ? [Math.floor(Math.min(...hours, 9)), Math.ceil(Math.max(...hours, 17))] : [0, 24];
  return (
    <div className="ruler" aria-hidden="true">
      {shown.map((day) => <Day key={day} day={day} open={open} close={close} spans={spans} warm={warm} due={due} at={at} />)}
    </div>
  );
}

function Day({ day, open, close, spans, warm, due, at }: {
  day: number;
  open: number;
  close: number;
  spans: readonly Stretch[];
  warm: number | undefined;
  due: number | undefined;
  at: number;
}) {
  const [from, to] = [day + open * HOUR, day + close * HOUR];
  const share = (moment: number): number => Math.min(100, Math.max(0, (100 * (moment - from)) / (to - from)));
  const bar = (begin: number, end: number) => ({ left: `${share(begin)}%`, width: `${Math.max(0.5, share(end) - share(begin))}%` });
  const isIn = (moment: number): boolean => moment >= from && moment <= to;
  const isLeft = due !== undefined && due > at && due > from && at < to;
  // Two moments that are near each other have their words on the sides away from each other.
  const isNear = due !== undefined && isIn(due) && isIn(at) && Math.abs(share(due) - share(at)) < 20;
  // At the end of the day there is room for the later one only.
  const isTight = isNear && share(Math.max(due, at)) > 90;
  const side = (isFirst: boolean): Side | undefined => (isNear ? (isFirst || isTight ? 'rr' : 'l') : undefined);
  const words = (isFirst: boolean, text: string): string => (isTight && isFirst ? '' : text);
  const two = (n: number): string => String(n).padStart(2, '0');
  return (
    <div className="day">
      <span className="bar">
        {spans.filter((each) => each.to > from && each.from < to).map((each) => (
          <i key={`${each.from} ${each.isPaused}`} className={each.isPaused ? 'p' : 'c'} style={bar(each.from, each.to)} />
        ))}
        {warm !== undefined && spans.filter((each) => !each.isPaused && each.to > Math.max(from, warm) && each.from < to).map((each) => (
          <i key={`${each.from} warm`} className="w" style={bar(Math.max(each.from, warm), each.to)} />
        ))}
        {isLeft && <i className="left" style={bar(Math.max(at, from), Math.min(due, to))} />}
      </span>
      {spans.filter((each) => !each.isPaused && isIn(each.from) && each.from > from && Math.abs(share(each.from) - share(at)) > (isNear ? 26 : 14)).slice(0, 1).map((each) => (
        <Pin key={each.from} share={share(each.from)} text={timeOfDay(each.from)} />
      ))}
      {isIn(at) && midnight(at) === day && <Pin share={share(at)} text={words(at <= (due ?? at), 'Now')} side={side(at <= (due ?? at))} />}
      {due !== undefined && isIn(due) && <Pin share={share(due)} text={words(due < at, timeOfDay(due))} isDue side={side(due < at)} />}
      <span className="lab"><b>{dayName(day)}</b><span>{two(open)} – {two(close)}</span></span>
    </div>
  );
}

/** On which side of its line a text stands. */
type Side = 'l' | 'rr';

function Pin({ share, text, isDue = false, side }: { share: number; text: string; isDue?: boolean; side?: Side | undefined }) {
  const to = side ?? (share < 12 ? 'l' : share > 88 ? 'rr' : '');
  return <span className={['pin', to, isDue ? 'due' : ''].filter(Boolean).join(' ')} style={{ left: `${share}%` }}>{text}</span>;
}
