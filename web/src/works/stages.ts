// How far along a work is, and where it may go.
import type { Stage, StageDiagram } from '../api/types.gen';

/** How a track of three cells is filled: open, in progress, closed. */
export interface Track {
  cells: [number, number, number];
  isDone: boolean;
}

/** The ordinals between which the stages of a state lie in an org that has not changed them. */
const SPAN: Record<string, [number, number]> = { open: [0, 2500], in_progress: [2500, 5500] };

export function track(stage: Stage | undefined): Track {
  const state = stage?.state;
  if (!stage || !state) return { cells: [0, 0, 0], isDone: false };
  if (state.is_final) return { cells: [1, 1, 1], isDone: true };
  const [from, to] = SPAN[state.name] ?? [0, 5500];
  const share = Math.min(1, Math.max(0, (stage.ordinal - from) / (to - from)));
  const half = share < 0.25 ? 0 : share < 0.67 ? 0.5 : 1;
  return state.name === 'open'
    ? { cells: [half === 1 ? 0.5 : half && 0.5, 0, 0], isDone: false }
    : { cells: [1, half, 0], isDone: false };
}

/** The stages that a diagram leads to from a stage; all of them, where the stage is none of its own. */
export function nextStages(diagram: StageDiagram, stage: string): Array<{ name: string; display_name: string }> {
  const usable = diagram.stages.filter((node) => !node.is_deprecated);
  const here = diagram.stages.find((node) => node.stage.name === stage);
  if (!here) return usable.filter((node) => node.is_start).map((node) => node.stage);
  const targets = new Set(here.transitions.map(({ target_stage }) => target_stage.name));
  return usable.filter((node) => targets.has(node.stage.name)).map((node) => node.stage);
}
