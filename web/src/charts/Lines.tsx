// Two series of weeks as lines, with the table that they are drawn from behind them.
import { en } from '../text/en';
import { when } from '../text/format';
import { useWidth } from '../ui/width';

export interface Week {
  at: number;
  opened: number;
  closed: number;
}

const HEIGHT = 214;
const [LEFT, RIGHT, TOP, BOTTOM] = [28, 78, 10, 24];
const STEPS = 4;

export function Lines({ weeks, title }: { weeks: Week[]; title: string }) {
  const [ref, width] = useWidth<HTMLElement>();
  const top = nice(Math.max(1, ...weeks.flatMap(({ opened, closed }) => [opened, closed])));
  const x = (at: number): number => LEFT + ((width - LEFT - RIGHT) * at) / Math.max(1, weeks.length - 1);
  const y = (value: number): number => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top;
  const points = (of: (week: Week) => number): string[] => weeks.map((week, at) => `${x(at).toFixed(1)} ${y(of(week)).toFixed(1)}`);
  const [opened, closed] = [points((week) => week.opened), points((week) => week.closed)];
  const last = weeks.at(-1);
  // As many dates as have room side by side.
  const every = Math.max(1, Math.ceil(weeks.length / (width < 480 ? 3 : 6)));
  const ends = last ? apart(y(last.opened), y(last.closed)) : [0, 0];
  return (
    <figure ref={ref}>
      {width > 0 && (
        <svg className="ch" width={width} height={HEIGHT} role="img" aria-label={title}>
          {Array.from({ length: STEPS + 1 }, (_, step) => (top * step) / STEPS).map((value) => (
            <g key={value}>
              <path className="rule" d={`M${LEFT} ${y(value)}H${width - RIGHT}`} />
              <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">{en.number(value)}</text>
            </g>
          ))}
          {weeks.map((week, at) => (at % every === 0 ? <text key={week.at} x={x(at)} y={HEIGHT - 4} textAnchor={at === 0 ? 'start' : 'middle'}>{when(week.at)}</text> : null))}
          <path className="between" d={`M${[...opened, ...closed.toReversed()].join('L')}Z`} />
          <path className="line" d={`M${opened.join('L')}`} />
          <path className="line p" d={`M${closed.join('L')}`} />
          {last && (
            <>
              <circle cx={x(weeks.length - 1)} cy={y(last.opened)} r="3" /><circle className="p" cx={x(weeks.length - 1)} cy={y(last.closed)} r="3" />
              <text className="e" x={width - RIGHT + 10} y={(ends[0] ?? 0) + 4}>{last.opened} opened</text>
              <text className="e p" x={width - RIGHT + 10} y={(ends[1] ?? 0) + 4}>{last.closed} closed</text>
            </>
          )}
        </svg>
      )}
      <table className="sr">
        <caption>{title}</caption>
        <thead><tr><th>Week of</th><th>Opened</th><th>Closed</th></tr></thead>
        <tbody>{weeks.map((week) => <tr key={week.at}><td>{when(week.at)}</td><td>{week.opened}</td><td>{week.closed}</td></tr>)}</tbody>
      </table>
    </figure>
  );
}

/** A round number that is not less, and that four steps divide. */
function nice(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  const found = [1, 2, 4, 6, 8, 10].find((times) => times * step >= value) ?? 10;
  return Math.max(STEPS, found * step);
}

/** Two heights of labels that do not cover each other. */
function apart(one: number, two: number): [number, number] {
  const gap = 16 - Math.abs(one - two);
  if (gap <= 0) return [one, two];
  return one <= two ? [one - gap / 2, two + gap / 2] : [one + gap / 2, two - gap / 2];
}
