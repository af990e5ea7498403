// What is left of a promise. The arithmetic of hours is the server's; this only reads its answer.
import type { ArchetypeSlaSummary, SlaExplainedMetric } from '../api/types.gen';
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

/** Time that was counted, or in which the clock stood still. */
export interface Span {
  from: number;
  to: number;
  ms: number;
  why: string;
  isPaused: boolean;
  isOpen: boolean;
}

/** The spans of a clock and the pauses between them, in their order. */
export function spansOf(metric: SlaExplainedMetric, at: number): Span[] {
  return metric.spans.flatMap((each, nth): Span[] => {
    const next = metric.spans[nth + 1];
    const counted = each.intervals.map((interval, part): Span => ({
      from: Date.parse(interval.from), to: Date.parse(interval.to), ms: interval.seconds * 1000, why: each.started_by.rule,
      isPaused: false, isOpen: !each.stopped_by && !next && part === each.intervals.length - 1,
    }));
    if (!each.stopped_by) return counted;
    const [from, to] = [Date.parse(each.stopped_by.at), next ? Date.parse(next.started_by.at) : at];
    // A clock that has ended is no pause.
    if (!next && /^(entered final|needs_response was cleared)/.test(each.stopped_by.rule)) return counted;
    return [...counted, { from, to, ms: to - from, why: each.stopped_by.rule, isPaused: true, isOpen: !next }];
  });
}

/** When it began to warn; `undefined` if it has not. */
export function warmSince(metric: SlaExplainedMetric): number | undefined {
  let left = (metric.warning_seconds ?? Infinity) * 1000;
  for (const { from, seconds } of metric.spans.flatMap(({ intervals }) => intervals)) {
    if (seconds * 1000 >= left) return Date.parse(from) + left;
    left -= seconds * 1000;
  }
  return undefined;
}
