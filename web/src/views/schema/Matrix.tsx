// Every way from a stage (its row) to another (its column).
import { useRef, useState } from 'react';
import { useCommands } from '../../commands/registry';
import { announce } from '../../ui/announce';
import type { DiagramNode } from '../../works/diagram';

export function Matrix({ nodes, here, onHere, onFlip }: {
  nodes: readonly DiagramNode[];
  here: DiagramNode;
  onHere: (id: string) => void;
  onFlip: (from: string, to: string) => void;
}) {
  const [column, setColumn] = useState(0);
  const [isFocused, focus] = useState(false);
  const ref = useRef<HTMLTableElement>(null);
  const row = nodes.indexOf(here);
  const last = nodes.length - 1;
  const go = (byRow: number, byColumn: number) => (): void => {
    const [r, c] = [Math.min(last, Math.max(0, row + byRow)), Math.min(last, Math.max(0, column + byColumn))];
    const [from, to] = [nodes[r], nodes[c]];
    if (!from || !to) return;
    setColumn(c);
    onHere(from.id);
    announce(`${from.label} to ${to.label}: ${from === to ? 'the same' : from.to.has(to.id) ? 'yes' : 'no'}`);
    ref.current?.querySelector(`#way-${r}-${c}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  const set = (from: DiagramNode, to: DiagramNode): void => {
    if (from === to) return;
    onFlip(from.id, to.id);
    announce(`${from.label} to ${to.label}: ${from.to.has(to.id) ? 'no' : 'yes'}`);
  };
  useCommands('inside', {
    next: isFocused && go(1, 0), previous: isFocused && go(-1, 0), 'matrix.left': isFocused && go(0, -1), 'matrix.right': isFocused && go(0, 1),
    first: isFocused && go(-last, 0), last: isFocused && go(last, 0),
    'matrix.toggle': isFocused && (() => { const to = nodes[column]; if (to) set(here, to); }),
  });
  return (
    <div className="ways-scroll">
      <table
        ref={ref} className="matrix" role="grid" aria-label="Ways between stages" tabIndex={0} onFocus={() => focus(true)} onBlur={() => focus(false)}
        aria-activedescendant={isFocused ? `way-${row}-${column}` : undefined}
      >
        <thead>
          <tr>
            <td />
            {nodes.map((node) => <th key={node.id} scope="col" className={here.to.has(node.id) ? 'on' : undefined}><span>{node.label}</span></th>)}
          </tr>
        </thead>
        <tbody>
          {nodes.map((from, r) => (
            <tr key={from.id} className={from === here ? 'here' : undefined}>
              <th scope="row">{from.label}</th>
              {nodes.map((to, c) => (
                <td
                  key={to.id} id={`way-${r}-${c}`} role="gridcell" aria-selected={from.to.has(to.id)}
                  className={[from === to ? 'self' : '', isFocused && r === row && c === column ? 'at' : ''].filter(Boolean).join(' ') || undefined}
                  onClick={() => { onHere(from.id); setColumn(c); set(from, to); }}
                >
                  {from.to.has(to.id) && from !== to && <i />}
                  <span className="sr">{from === to ? 'the same' : from.to.has(to.id) ? 'yes' : 'no'}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
