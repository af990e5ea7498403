// The last days of a clock: what was counted, where now is, and where it is due.
import type { SlaExplainedMetric } from '../../api/types.gen';
import { dayName, timeOfDay } from '../../text/format';

const DAYS_MAX = 3;
const HOUR = 60 * 60_000;

const midnight = (at: number): number => {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
};

export function Ruler({ metric, due, at }: { metric: SlaExplainedMetric; due: number | undefined; at: number }) {
  const intervals = metric.spans.flatMap((each) => each.intervals).map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const);
  const moments = [...intervals.flat(), at, ...(due === undefined ? [] : [due])];
  const days = [...new Set(moments.map(midnight))].sort((a, b) => a - b);
  // Now, what was counted last, and what comes.
  const first = Math.max(0, days.indexOf(midnight(at)) - (due !== undefined && midnight(due) > midnight(at) ? 1 : 2));
  const shown = days.slice(first, first + DAYS_MAX);
  const hours = moments.filter((each) => shown.includes(midnight(each))).map((each) => (each - midnight(each)) / HOUR);
  const [open, close] = [Math.floor(Math.min(...hours, 9)), Math.ceil(Math.max(...hours, 17))];
  return (
    <div className="ruler" aria-hidden="true">
      {shown.map((day) => <Day key={day} day={day} open={open} close={close} intervals={intervals} due={due} at={at} />)}
    </div>
  );
}

function Day({ day, open, close, intervals, due, at }: {
  day: number;
  open: number;
  close: number;
  intervals: ReadonlyArray<readonly [number, number]>;
  due: number | undefined;
  at: number;
}) {
  const [from, to] = [day + open * HOUR, day + close * HOUR];
  const share = (moment: number): number => Math.min(100, Math.max(0, (100 * (moment - from)) / (to - from)));
  const bar = (begin: number, end: number) => ({ left: `${share(begin)}%`, width: `${Math.max(0.5, share(end) - share(begin))}%` });
  const isIn = (moment: number): boolean => moment >= from && moment <= to;
  const isLeft = due !== undefined && due > at && midnight(due) === day;
  const two = (n: number): string => String(n).padStart(2, '0');
  return (
    <div className="day">
      <span className="bar">
        {intervals.filter(([begin, end]) => end > from && begin < to).map(([begin, end]) => <i key={begin} className="c" style={bar(begin, end)} />)}
        {isLeft && <i className="left" style={bar(Math.max(at, from), due)} />}
      </span>
      {isIn(at) && midnight(at) === day && <Pin share={share(at)} text="Now" />}
      {due !== undefined && isIn(due) && <Pin share={share(due)} text={timeOfDay(due)} isDue />}
      <span className="lab"><b>{dayName(day)}</b><span>{two(open)} – {two(close)}</span></span>
    </div>
  );
}

function Pin({ share, text, isDue = false }: { share: number; text: string; isDue?: boolean }) {
  const side = share < 12 ? ' l' : share > 88 ? ' rr' : '';
  return <span className={`pin${side}${isDue ? ' due' : ''}`} style={{ left: `${share}%` }}>{text}</span>;
}
