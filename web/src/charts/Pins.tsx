// The share of promises that were kept in each week, hanging from what was promised: all of them.
import { when } from '../text/format';
import { useWidth } from '../ui/width';

export interface KeptWeek {
  at: number;
  kept: number;
  broken: number;
}

const HEIGHT = 214;
const [LEFT, TOP, BOTTOM] = [32, 16, 24];

export const share = ({ kept, broken }: { kept: number; broken: number }): number | undefined =>
  (kept + broken > 0 ? Math.round((100 * kept) / (kept + broken)) : undefined);

export function Pins({ weeks, title }: { weeks: KeptWeek[]; title: string }) {
  const [ref, width] = useWidth<HTMLElement>();
  const shares = weeks.map(share);
  const low = Math.min(90, Math.floor(Math.min(...shares.map((each) => each ?? 100)) / 10) * 10);
  const x = (at: number): number => LEFT + 8 + ((width - LEFT - 16) * at) / Math.max(1, weeks.length - 1);
  const y = (value: number): number => TOP + ((HEIGHT - TOP - BOTTOM) * (100 - value)) / (100 - low);
  const [first, last] = [weeks[0], weeks.at(-1)];
  return (
    <figure ref={ref}>
      {width > 0 && (
        <svg className="ch pins" width={width} height={HEIGHT} role="img" aria-label={title}>
          {[low, (low + 100) / 2].map((value) => (
            <g key={value}><path className="rule" d={`M${LEFT} ${y(value)}H${width}`} /><text x={LEFT - 8} y={y(value) + 4} textAnchor="end">{value}</text></g>
          ))}
          <path className="base" d={`M${LEFT} ${y(100)}H${width}`} /><text className="e" x={LEFT - 8} y={y(100) + 4} textAnchor="end">100</text>
          {shares.map((each, at) => each !== undefined && (
            <g key={weeks[at]?.at} className={each < 100 ? 'short' : ''}>
              <title>{`Week of ${when(weeks[at]?.at ?? 0)}: ${weeks[at]?.kept} of ${(weeks[at]?.kept ?? 0) + (weeks[at]?.broken ?? 0)} kept`}</title>
              <path d={`M${x(at)} ${y(100)}V${y(each)}`} /><circle cx={x(at)} cy={y(each)} r="4" />
            </g>
          ))}
          {first && <text x={LEFT} y={HEIGHT - 4}>{when(first.at)}</text>}
          {last && <text x={width} y={HEIGHT - 4} textAnchor="end">{when(last.at)}</text>}
        </svg>
      )}
      <table className="sr">
        <caption>{title}</caption>
        <thead><tr><th>Week of</th><th>Kept</th><th>Broken</th></tr></thead>
        <tbody>{weeks.map((week) => <tr key={week.at}><td>{when(week.at)}</td><td>{week.kept}</td><td>{week.broken}</td></tr>)}</tbody>
      </table>
    </figure>
  );
}
