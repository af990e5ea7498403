// What is left of a promise. The arithmetic of hours is the server's; this only reads its answer.
import type { ArchetypeSlaSummary } from '../api/types.gen';
import { span } from '../text/format';

export type Heat = '' | 'warm' | 'hot';

export interface Clock {
  text: string;
  heat: Heat;
  isPaused: boolean;
  /** How much of the promise is used, from 0 to 1. */
  used: number | undefined;
}

/** What the summary says now; `undefined` where nothing runs. */
export function clock(summary: ArchetypeSlaSummary | undefined, begun: string | undefined, now: number): Clock | undefined {
  const stage = summary?.stage;
  if (!summary || !stage || stage === 'completed') return undefined;
  if (stage === 'paused') return { text: 'Paused', heat: '', isPaused: true, used: undefined };
  if (!summary.target_time) return undefined;
  const target = Date.parse(summary.target_time);
  const left = target - now;
  const start = begun ? Date.parse(begun) : undefined;
  const used = start !== undefined && target > start ? Math.min(1, Math.max(0, (now - start) / (target - start))) : undefined;
  if (left <= 0 || stage === 'breached') return { text: `Late ${span(-left)}`, heat: 'hot', isPaused: false, used: 1 };
  return { text: span(left), heat: stage === 'warning' ? 'warm' : '', isPaused: false, used };
}
