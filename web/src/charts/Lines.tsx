// Two series of weeks as lines, with the table that they are drawn from behind them.
import { when } from '../text/format';

export interface Week {
  at: number;
  opened: number;
  closed: number;
}

const [WIDTH, HEIGHT] = [640, 200];
const [LEFT, RIGHT, TOP, BOTTOM] = [32, 84, 10, 24];

export function Lines({ weeks, title }: { weeks: Week[]; title: string }) {
  const top = nice(Math.max(1, ...weeks.flatMap(({ opened, closed }) => [opened, closed])));
  const x = (at: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * at) / Math.max(1, weeks.length - 1);
  const y = (value: number): number => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top;
  const path = (of: (week: Week) => number): string => weeks.map((week, at) => `${at === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(of(week)).toFixed(1)}`).join('');
  const last = weeks.at(-1);
  const ends = last ? apart(y(last.opened), y(last.closed)) : [0, 0];
  return (
    <figure>
      <svg className="ch" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title}>
        {[0, top / 2, top].map((value) => (
          <g key={value}>
            <path className="rule" d={`M${LEFT} ${y(value)}H${WIDTH - RIGHT}`} />
            <text x={LEFT - 8} y={y(value) + 4} textAnchor="end">{value}</text>
          </g>
        ))}
        {weeks.map((week, at) => (at % 3 === 0 ? <text key={week.at} x={x(at)} y={HEIGHT - 4} textAnchor="middle">{when(week.at)}</text> : null))}
        <path className="line" d={path((week) => week.opened)} />
        <path className="line p" d={path((week) => week.closed)} />
        {last && (
          <>
            <circle cx={x(weeks.length - 1)} cy={y(last.opened)} r="3" /><circle className="p" cx={x(weeks.length - 1)} cy={y(last.closed)} r="3" />
            <text className="e" x={WIDTH - RIGHT + 10} y={(ends[0] ?? 0) + 4}>{last.opened} opened</text>
            <text className="e p" x={WIDTH - RIGHT + 10} y={(ends[1] ?? 0) + 4}>{last.closed} closed</text>
          </>
        )}
      </svg>
      <table className="sr">
        <caption>{title}</caption>
        <thead><tr><th>Week of</th><th>Opened</th><th>Closed</th></tr></thead>
        <tbody>{weeks.map((week) => <tr key={week.at}><td>{when(week.at)}</td><td>{week.opened}</td><td>{week.closed}</td></tr>)}</tbody>
      </table>
    </figure>
  );
}

/** A round number that is not less, and whose half is whole. */
function nice(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  const found = [1, 2, 4, 6, 10].find((times) => times * step >= value) ?? 10;
  return Math.max(2, found * step);
}

/** Two heights of labels that do not cover each other. */
function apart(one: number, two: number): [number, number] {
  const gap = 16 - Math.abs(one - two);
  if (gap <= 0) return [one, two];
  return one <= two ? [one - gap / 2, two + gap / 2] : [one + gap / 2, two - gap / 2];
}
