// What the dashboard is about: which works, about which parts, over how many weeks; as an address has it, and as a filter.
import type { Filters } from './filter';

export const SPANS = [4, 12, 26, 52] as const;
export const WHICH = { both: ['issue', 'ticket'], issue: ['issue'], ticket: ['ticket'] } as const;
export type Which = keyof typeof WHICH;

export interface Scope {
  which: Which;
  parts: readonly string[];
  weeks: (typeof SPANS)[number];
}

const USUAL: Scope = { which: 'both', parts: [], weeks: 12 };

/** What an address stands for; what it does not name is as usual. */
export function parseScope(search: string): Scope {
  const params = new URLSearchParams(search);
  const kind = params.get('kind');
  return {
    which: kind === 'issue' || kind === 'ticket' ? kind : USUAL.which,
    parts: [...new Set((params.get('part') ?? '').split(',').map((part) => part.trim()).filter(Boolean))],
    weeks: SPANS.find((weeks) => String(weeks) === params.get('weeks')) ?? USUAL.weeks,
  };
}

export function formatScope({ which, parts, weeks }: Scope): string {
  return [
    ...(which === USUAL.which ? [] : [`kind=${which}`]),
    ...(parts.length > 0 ? [`part=${parts.map(encodeURIComponent).join(',')}`] : []),
    ...(weeks === USUAL.weeks ? [] : [`weeks=${weeks}`]),
  ].join('&');
}

/** The works that it is about, of any state. */
export const scoped = ({ which, parts }: Scope): Filters => ({ kind: [...WHICH[which]], ...(parts.length > 0 ? { part: [...parts] } : {}) });
