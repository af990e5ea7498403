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

/** Something that is not as it was, in words, and the stage whose works it touches. */
export interface Difference {
  stage: string;
  text: string;
}

/** What differs: ways, the start, stages that came, or are in or out of use. */
export function differences(before: readonly DiagramNode[], after: readonly DiagramNode[]): Difference[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const label = new Map([...before, ...after].map((node) => [node.id, node.label]));
  return after.flatMap((node): Difference[] => {
    const old = known.get(node.id);
    const ways = new Set(old?.to);
    const to = (id: string): string => label.get(id) ?? id;
    return [
      ...(old ? [] : [`${node.label} is a new stage`]),
      ...[...node.to].filter((id) => !ways.has(id)).map((id) => `${node.label} may go to ${to(id)}`),
      ...[...ways].filter((id) => !node.to.has(id)).map((id) => `${node.label} may not go to ${to(id)} any more`),
      ...(node.isStart && !old?.isStart ? [`New ones begin in ${node.label}`] : []),
      ...(old && old.isDeprecated !== node.isDeprecated ? [node.isDeprecated ? `Nothing comes into ${node.label} any more` : `${node.label} is in use again`] : []),
    ].map((text) => ({ stage: node.name, text }));
  });
}

export const written = (nodes: readonly DiagramNode[]): CreateStageNode[] => nodes.map((node) => ({
  stage_id: node.id, is_start: node.isStart, is_deprecated: node.isDeprecated,
  transitions: [...node.to].map((id) => ({ target_stage_id: id, ...(node.hidden.has(id) ? { ui: { is_hidden: true } } : {}) })),
}));
