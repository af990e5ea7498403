// What is left of a sprint, day by day, beside an even pace.
import { useState } from 'react';
import { dayName } from '../text/format';
import type { Burn } from '../works/burn';
import { useWidth } from '../ui/width';

const HEIGHT = 168;
const LEFT = 28;
const RIGHT = 84;
const TOP = 12;
const BOTTOM = 24;

const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function BurnChart({ burn, start, end, title }: { burn: Burn; start: number; end: number; title: string }) {
  const [isTable, showTable] = useState(false);
  const [ref, width] = useWidth<HTMLDivElement>();
  return (
    <figure className="chart" aria-label={title}>
      <figcaption>
        <h2>{title}</h2>
        <p>Issues that are left, beside an even pace <button type="button" className="as" aria-pressed={isTable} onClick={() => showTable(!isTable)}>{isTable ? 'as a chart' : 'as a table'}</button></p>
      </figcaption>
      <div ref={ref} className="plot">
        {isTable ? <Figures burn={burn} /> : width > 0 && <Drawn burn={burn} start={start} end={end} width={width} />}
      </div>
    </figure>
  );
}

function Drawn({ burn, start, end, width }: { burn: Burn; start: number; end: number; width: number }) {
  const most = Math.max(4, ...burn.points.map(({ scope }) => scope));
  const step = most <= 6 ? 2 : most <= 14 ? 4 : Math.ceil(most / 15) * 5;
  const top = Math.ceil(most / step) * step;
  const x = (at: number): number => LEFT + ((at - start) / (end - start)) * (width - LEFT - RIGHT);
  const y = (n: number): number => TOP + (1 - n / top) * (HEIGHT - TOP - BOTTOM);
  const line = (of: (point: Burn['points'][number]) => number): string =>
    burn.points.map((point, at) => `${at === 0 ? 'M' : 'L'}${x(point.at).toFixed(1)} ${y(of(point)).toFixed(1)}`).join('');
  const last = burn.points.at(-1);
  const ticks = Array.from({ length: top / step + 1 }, (_, at) => at * step);
  const days = [start, (start + end) / 2, end];
  const isGrown = burn.points.some(({ scope }) => scope !== burn.planned);
  return (
    <svg width={width} height={HEIGHT} aria-hidden="true" className="burn">
      {ticks.map((n) => (
        <g key={n}>
          <line className="grid-line" x1={LEFT} x2={width - RIGHT} y1={y(n)} y2={y(n)} />
          <text className="tick-y" x={LEFT - 8} y={y(n) + 4}>{n}</text>
        </g>
      ))}
      {days.map((at, index) => (
        <text key={at} className="tick-x" x={x(at)} y={HEIGHT - 4} textAnchor={index === 0 ? 'start' : index === 2 ? 'end' : 'middle'}>{short.format(at)}</text>
      ))}
      <line className="pace" x1={x(start)} y1={y(burn.planned)} x2={x(end)} y2={y(0)} />
      {isGrown && <path className="scope" d={line(({ scope }) => scope)} />}
      <path className="left" d={line(({ left }) => left)} />
      {last && (
        <>
          <circle className="dot-now" cx={x(last.at)} cy={y(last.left)} r="3.5" />
          <text className="said" x={x(last.at) + 9} y={y(last.left) + 4}>{last.left} left</text>
          {isGrown && y(last.left) - y(last.scope) > 16 && <text className="said quiet" x={x(last.at) + 9} y={y(last.scope) + 4}>{last.scope} in it</text>}
        </>
      )}
    </svg>
  );
}

function Figures({ burn }: { burn: Burn }) {
  return (
    <div className="figures" tabIndex={0} role="region" aria-label="Figures">
      <table className="facts">
        <thead><tr><th scope="col">Day</th><th scope="col" className="r">In it</th><th scope="col" className="r">Left</th></tr></thead>
        <tbody>
          {burn.points.map(({ at, scope, left }) => (
            <tr key={at}><td>{dayName(at)}</td><td className="r">{scope}</td><td className="r">{left}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
