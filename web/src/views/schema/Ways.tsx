// Stages in columns of their states, with the ways out of one of them and into it.
import { en } from '../../text/en';
import type { DiagramNode } from '../../works/diagram';

export interface Column {
  id: string;
  label: string;
  nodes: DiagramNode[];
}

const [WIDTH, HEIGHT] = [190, 36];
const [BESIDE, BELOW] = [110, 14];
const TOP = 28;

interface Spot {
  column: number;
  x: number;
  y: number;
}

export function Ways({ columns, here, onFocus }: { columns: readonly Column[]; here: DiagramNode; onFocus: (id: string) => void }) {
  const spots = new Map(columns.flatMap((column, at) => column.nodes.map((node, row): [string, Spot] => [node.id, {
    column: at, x: at * (WIDTH + BESIDE), y: TOP + row * (HEIGHT + BELOW),
  }])));
  const most = Math.max(...columns.map(({ nodes }) => nodes.length));
  const size = { width: columns.length * (WIDTH + BESIDE) - BESIDE + 60, height: TOP + most * (HEIGHT + BELOW) };
  const nodes = columns.flatMap((column) => column.nodes);
  const out = nodes.filter(({ id }) => here.to.has(id));
  const into = nodes.filter(({ to }) => to.has(here.id));
  const from = spots.get(here.id);
  return (
    <div className="ways-scroll" role="group" aria-label="Stages">
      <div className="ways" style={size}>
        <svg {...size} aria-hidden="true">
          <defs>
            <marker id="way-out" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 .8 7.5 4 0 7.2Z" /></marker>
            <marker id="way-in" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 .8 7.5 4 0 7.2Z" /></marker>
          </defs>
          {from && into.map((node) => { const spot = spots.get(node.id); return spot && <path key={node.id} className="in" d={way(spot, from, 6)} markerEnd="url(#way-in)" />; })}
          {from && out.map((node) => { const spot = spots.get(node.id); return spot && <path key={node.id} className="out" d={way(from, spot, -6)} markerEnd="url(#way-out)" />; })}
        </svg>
        {columns.map((column, at) => <h3 key={column.id} style={{ left: at * (WIDTH + BESIDE) }}>{column.label}</h3>)}
        {nodes.map((node) => {
          const spot = spots.get(node.id);
          const isHere = node.id === here.id;
          return (
            <button
              key={node.id} type="button" aria-pressed={isHere} className={`stage-card${isHere ? ' here' : ''}${node.isDeprecated ? ' old' : ''}`}
              style={{ left: spot?.x ?? 0, top: spot?.y ?? 0 }} onClick={() => onFocus(node.id)}
            >
              <span className={node.isStart ? 'n new' : 'n'}>{node.label}</span>
              <span className="k">{node.isDeprecated ? 'out of use' : `${node.isStart ? 'start, ' : ''}${en.count(node.to.size, 'way', 'ways')}`}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

/**
 * From the edge of one card to that of another: within a column around its right side, over other columns through the
 * gaps between their cards.
 */
function way(from: Spot, to: Spot, off: number): string {
  const [y1, y2] = [from.y + HEIGHT / 2 + off, to.y + HEIGHT / 2 + off];
  if (from.column === to.column) {
    const x = from.x + WIDTH + 2;
    const bend = Math.min(64, 18 + Math.abs(y2 - y1) * 0.22) + (off > 0 ? -8 : 0);
    return `M${x} ${y1}C${x + bend} ${y1} ${x + bend} ${y2} ${x + 2} ${y2}`;
  }
  const isRight = to.column > from.column;
  const [x1, x2] = isRight ? [from.x + WIDTH + 2, to.x - 3] : [from.x - 2, to.x + WIDTH + 3];
  const curve = (ax: number, ay: number, bx: number, by: number): string => `C${(ax + bx) / 2} ${ay} ${(ax + bx) / 2} ${by} ${bx} ${by}`;
  if (Math.abs(to.column - from.column) === 1) return `M${x1} ${y1}${curve(x1, y1, x2, y2)}`;
  const gap = to.y - BELOW / 2 + off / 3;
  const [x3, x4] = isRight ? [x1 + BESIDE - 4, x2 - BESIDE + 5] : [x1 - BESIDE + 4, x2 + BESIDE - 5];
  return `M${x1} ${y1}${curve(x1, y1, x3, gap)}L${x4} ${gap}${curve(x4, gap, x2, y2)}`;
}
