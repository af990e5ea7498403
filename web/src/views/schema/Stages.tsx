// Where a work may go: the ways of one stage drawn, and all ways in a matrix that edits them.
import { useEffect, useMemo, useState } from 'react';
import { useDiagram, useStages } from '../../store/asked';
import { publishDiagram, useInStages, useStates } from '../../store/schema';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { Pending as Waiting } from '../../ui/states';
import { words } from '../../works/burn';
import { added, differences, flip, nodesOf, retire, start, type DiagramNode } from '../../works/diagram';
import { AddStage } from './AddStage';
import { Matrix } from './Matrix';
import type { PageProps } from './Schema';
import { Ways, type Column } from './Ways';

export function Stages({ kind, onPending }: PageProps) {
  const diagram = useDiagram(kind);
  const stages = useStages();
  const states = useStates();
  const inStages = useInStages(kind);
  const before = useMemo(() => (diagram.data ? nodesOf(diagram.data) : []), [diagram.data]);
  const [changed, change] = useState<DiagramNode[]>();
  const [focused, focus] = useState<string>();
  const [isAdding, add] = useState(false);
  const nodes = changed ?? before;
  const by = inStages.data?.by;
  useEffect(() => change(undefined), [before]);
  useEffect(() => {
    const changes = differences(before, nodes);
    const works = [...new Set(changes.map(({ stage }) => stage))].reduce((sum, name) => sum + (by?.get(name) ?? 0), 0);
    onPending(changes.length === 0 || !diagram.data ? undefined : {
      changes: changes.map(({ stage, text }) => ({ text, works: by?.get(stage) ?? 0 })),
      touched: `${en.count(works, kind, en.plural(kind))} ${works === 1 ? 'is' : 'are'} in a stage that changes`,
      publish: () => publishDiagram(diagram.data.id, nodes), discard: () => change(undefined),
    });
  }, [nodes, before, by]);
  const columns = useMemo((): Column[] => (states.data ?? []).map((state) => ({
    id: state.id, label: sentence(state.name),
    nodes: nodes.filter((node) => stages.data?.get(node.name)?.state?.id === state.id)
      .sort((a, b) => (stages.data?.get(a.name)?.ordinal ?? 0) - (stages.data?.get(b.name)?.ordinal ?? 0)),
  })).filter((column) => column.nodes.length > 0), [nodes, states.data, stages.data]);
  if (!diagram.data || !stages.data || !states.data) return <Waiting of={[diagram, stages, states]} />;
  const ordered = columns.flatMap((column) => column.nodes);
  const here = ordered.find(({ id }) => id === focused) ?? ordered.find(({ isStart }) => isStart) ?? ordered[0];
  if (!here) return <p className="note">This kind has no stages.</p>;
  const inIt = by?.get(here.name) ?? 0;
  return (
    <div className="page stages" tabIndex={0} role="region" aria-label="Stages">
      <section aria-label="The ways of a stage">
        <header className="with-tools">
          <div>
            <h2>Where {en.aType[kind]} may go from {here.label}</h2>
            <p>Solid leads out, dashed leads in. {inIt === 0 ? 'Nothing is' : `${words(inIt)} ${inIt === 1 ? kind : en.plural(kind)} ${inIt === 1 ? 'is' : 'are'}`} in it now</p>
          </div>
          <div className="tools">
            {!here.isStart && !here.isDeprecated && <button type="button" className="btn" onClick={() => change(start(nodes, here.id))}>Make it the start</button>}
            {!here.isStart && <button type="button" className="btn" onClick={() => change(retire(nodes, here.id))}>{here.isDeprecated ? 'Use it again' : 'Take it out of use'}</button>}
            <button type="button" className="btn line" onClick={() => add(true)}><Icon name="plus" />Stage</button>
          </div>
        </header>
        <Ways columns={columns} here={here} onFocus={focus} />
      </section>
      <section aria-label="Every way">
        <h2>Every way at once</h2>
        <p>From the row to the column; Space sets or clears, arrows move</p>
        <Matrix nodes={ordered} here={here} onHere={focus} onFlip={(from, to) => change(flip(nodes, from, to))} />
      </section>
      {isAdding && (
        <AddStage
          used={new Set(nodes.map(({ id }) => id))} onClose={() => add(false)}
          onAdd={(stage) => { change(added(nodes, stage)); focus(stage.id); }}
        />
      )}
    </div>
  );
}

export function sentence(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}
