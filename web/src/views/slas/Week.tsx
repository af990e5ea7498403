// Seven days side by side: open hours, days off, now, and what was tried.
import { useRef, useState, type PointerEvent } from 'react';
import { useCommands } from '../../commands/registry';
import { useSignal } from '../../store/hooks';
import { announce } from '../../ui/announce';
import { now } from '../../ui/now';
import { covers, dateOf, frame, hourName, hoursOf, inWeek, onDay, toggled, wall, type Interval, type Wall } from '../../works/week';
import { isOff, type Off } from '../../works/daysoff';
import type { Tried } from './TryIt';

interface Props {
  days: readonly Wall[];
  zone: string;
  intervals: readonly Interval[];
  off: readonly Off[];
  tried: Tried | undefined;
  /** Only drafts are drawn in. */
  onDraw?: (intervals: Interval[]) => void;
}

const NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const STEP = 60;
const HALF = 30;

export function Week({ days, zone, intervals, off, tried, onDraw }: Props) {
  const spans = tried?.spans ?? [];
  const shown = onDraw ? { from: 0, to: 1440 } : frame(intervals, days.flatMap((day) => onDay(spans, day, zone)));
  const [at, setAt] = useState({ day: 0, minute: 9 * 60 });
  const [drawn, setDrawn] = useState<{ day: number; from: number; to: number }>();
  const ref = useRef<HTMLDivElement>(null);
  const [isFocused, focus] = useState(false);
  const present = wall(useSignal(now), zone);
  const go = (byDay: number, byMinute: number) => (): void => {
    const next = { day: Math.min(6, Math.max(0, at.day + byDay)), minute: Math.min(shown.to - STEP, Math.max(shown.from, at.minute + byMinute)) };
    setAt(next);
    const span = { from: next.minute, to: next.minute + STEP };
    announce(`${NAMES[next.day]} ${hourName(next.minute)}, ${covers(hoursOf(intervals, next.day), span) ? 'open' : 'shut'}`);
  };
  const flip = (day: number, span: Interval): void => {
    onDraw?.(toggled(intervals, inWeek(day, span)));
  };
  const cursor = { from: at.minute, to: at.minute + STEP };
  const isHere = isFocused && onDraw !== undefined;
  useCommands('inside', {
    next: isHere && go(0, STEP), previous: isHere && go(0, -STEP), 'matrix.left': isHere && go(-1, 0), 'matrix.right': isHere && go(1, 0),
    'matrix.toggle': isHere && (() => flip(at.day, cursor)), open: isHere && (() => flip(at.day, cursor)),
  });
  const minuteAt = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
    return Math.floor((shown.from + share * (shown.to - shown.from)) / HALF) * HALF;
  };
  const place = ({ from, to }: Interval) => {
    const whole = shown.to - shown.from;
    return { top: `${(100 * (Math.max(from, shown.from) - shown.from)) / whole}%`, height: `${(100 * (Math.min(to, shown.to) - Math.max(from, shown.from))) / whole}%` };
  };
  const hours = Array.from({ length: Math.floor((shown.to - shown.from) / 120) + 1 }, (_, index) => shown.from + index * 120);
  return (
    <div className="week-scroll" {...(onDraw ? {} : { tabIndex: 0, role: 'region', 'aria-label': 'The week' })}>
      <div
        ref={ref} className={onDraw ? 'week drawable' : 'week'} {...(onDraw ? { tabIndex: 0, role: 'application', 'aria-label': 'Hours of the week' } : { role: 'img', 'aria-label': inWords(intervals, days, off) })}
        onFocus={() => focus(true)} onBlur={() => focus(false)}
      >
        <div className="scale" aria-hidden="true">{hours.map((minute) => <span key={minute} style={{ top: `${(100 * (minute - shown.from)) / (shown.to - shown.from)}%` }}>{hourName(minute % 1440)}</span>)}</div>
        {days.map((day, index) => {
          const open = hoursOf(intervals, index);
          const away = isOff(off, dateOf(day));
          const isToday = day.year === present.year && day.month === present.month && day.day === present.day;
          return (
            <div key={index} className={open.length > 0 && !away ? 'wd' : 'wd free'} aria-hidden="true">
              <b>{NAMES[index]?.slice(0, 3)} {day.day}</b>
              <div
                className="col"
                {...(onDraw ? {
                  onPointerDown: (event: PointerEvent) => { const from = minuteAt(event); event.currentTarget.setPointerCapture(event.pointerId); setDrawn({ day: index, from, to: from + HALF }); setAt({ day: index, minute: Math.floor(from / STEP) * STEP }); },
                  onPointerMove: (event: PointerEvent) => { if (drawn) setDrawn({ ...drawn, to: minuteAt(event) + HALF }); },
                  onPointerUp: () => { if (drawn) flip(drawn.day, { from: Math.min(drawn.from, drawn.to - HALF), to: Math.max(drawn.from + HALF, drawn.to) }); setDrawn(undefined); },
                } : {})}
              >
                {hours.slice(1, -1).map((minute) => <i key={minute} className="line" style={{ top: `${(100 * (minute - shown.from)) / (shown.to - shown.from)}%` }} />)}
                {open.map((each) => (
                  <span key={each.from} className={away ? 'open off' : 'open'} style={place(each)}>
                    {away ? <><bdi>{away.name}</bdi>, off</> : `${hourName(each.from)} – ${hourName(each.to)}`}
                  </span>
                ))}
                {onDay(spans, day, zone).map((each) => <span key={each.from} className="used" style={place(each)} />)}
                {isToday && present.minute >= shown.from && present.minute <= shown.to && <i className="now" style={{ top: place({ from: present.minute, to: present.minute + 1 }).top }} />}
                {drawn?.day === index && <span className="drawn" style={place({ from: Math.min(drawn.from, drawn.to - HALF), to: Math.max(drawn.from + HALF, drawn.to) })} />}
                {isHere && at.day === index && <span className="at" style={place(cursor)} />}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The hours of each day, for whom they are not drawn. */
function inWords(intervals: readonly Interval[], days: readonly Wall[], off: readonly Off[]): string {
  return NAMES.map((name, index) => {
    const open = hoursOf(intervals, index);
    const day = days[index];
    const away = day && isOff(off, dateOf(day));
    if (away) return `${name} off, ${away.name}`;
    return `${name} ${open.length > 0 ? open.map(({ from, to }) => `${hourName(from)} to ${hourName(to)}`).join(' and ') : 'shut'}`;
  }).join(', ');
}
