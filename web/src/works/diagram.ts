// The stages of a kind of work and the ways between them, as they are edited: what leads where, what
// was changed, and how that is written.
import type { CreateStageNode, StageDiagram } from '../api/types.gen';

export interface DiagramNode {
  id: string;
  name: string;
  label: string;
  isStart: boolean;
  isDeprecated: boolean;
  /** The ids of the stages that it leads to. */
  to: ReadonlySet<string>;
  /** Ways that other clients do not offer. */
  hidden: ReadonlySet<string>;
}

export const nodesOf = (diagram: StageDiagram): DiagramNode[] => diagram.stages.map(({ stage, is_start: isStart, is_deprecated: isDeprecated, transitions }) => ({
  id: stage.id, name: stage.name, label: stage.display_name, isStart, isDeprecated,
  to: new Set(transitions.map(({ target_stage: target }) => target.id)),
  hidden: new Set(transitions.filter(({ ui }) => ui?.is_hidden).map(({ target_stage: target }) => target.id)),
}));

const replaced = (nodes: readonly DiagramNode[], id: string, change: (node: DiagramNode) => DiagramNode): DiagramNode[] =>
  nodes.map((node) => (node.id === id ? change(node) : node));

/** Sets a way, or clears it. Nothing leads to itself. */
export function flip(nodes: readonly DiagramNode[], from: string, to: string): DiagramNode[] {
  if (from === to) return [...nodes];
  return replaced(nodes, from, (node) => {
    const ways = new Set(node.to);
    if (!ways.delete(to)) ways.add(to);
    return { ...node, to: ways };
  });
}

export const start = (nodes: readonly DiagramNode[], id: string): DiagramNode[] =>
  nodes.map((node) => ({ ...node, isStart: node.id === id, isDeprecated: node.id === id ? false : node.isDeprecated }));

/** Nothing enters a stage that is out of use; the start stays in use. */
export const retire = (nodes: readonly DiagramNode[], id: string): DiagramNode[] =>
  replaced(nodes, id, (node) => (node.isStart ? node : { ...node, isDeprecated: !node.isDeprecated }));

export const added = (nodes: readonly DiagramNode[], stage: { id: string; name: string; display_name: string }): DiagramNode[] => [
  ...nodes, { id: stage.id, name: stage.name, label: stage.display_name, isStart: false, isDeprecated: false, to: new Set(), hidden: new Set() },
];

/** How many things differ: ways, the start, stages that came, or are in or out of use. */
export function differences(before: readonly DiagramNode[], after: readonly DiagramNode[]): { count: number; stages: string[] } {
  const known = new Map(before.map((node) => [node.id, node]));
  const stages = new Set<string>();
  let count = 0;
  const note = (node: DiagramNode, n: number): void => {
    count += n;
    if (n > 0) stages.add(node.name);
  };
  for (const node of after) {
    const old = known.get(node.id);
    const ways = new Set(old?.to);
    note(node, (old ? 0 : 1) + [...node.to].filter((id) => !ways.has(id)).length + [...ways].filter((id) => !node.to.has(id)).length);
    note(node, (node.isStart && !old?.isStart ? 1 : 0) + (old && old.isDeprecated !== node.isDeprecated ? 1 : 0));
  }
  return { count, stages: [...stages] };
}

export const written = (nodes: readonly DiagramNode[]): CreateStageNode[] => nodes.map((node) => ({
  stage_id: node.id, is_start: node.isStart, is_deprecated: node.isDeprecated,
  transitions: [...node.to].map((id) => ({ target_stage_id: id, ...(node.hidden.has(id) ? { ui: { is_hidden: true } } : {}) })),
}));
