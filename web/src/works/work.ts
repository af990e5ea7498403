// A work as the UI holds it: all types in one shape, of which each type has its members.
import type { Issue, Opportunity, Task, Ticket, UserSummary, WorkType } from '../api/types.gen';

type Rest<T, Known> = Partial<Omit<T, keyof Known>>;

export type Work = { type: WorkType } & Issue & Rest<Ticket, Issue> & Rest<Task, Issue & Ticket>
  & Rest<Opportunity, Issue & Ticket>;

export type { UserSummary, WorkType };

/** What people call a work by. */
export function idOf(work: Work): string {
  return work.display_id ?? work.id;
}

export function nameOf(user: { display_name?: string; full_name?: string; display_id?: string; id: string }): string {
  return user.full_name || user.display_name || user.display_id || user.id;
}

/** Letters as wide as they are high: one of them stands for a name. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u;

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const all = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const spoken = all.filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const words = spoken.length > 0 ? spoken : all;
  const first = [...(words[0] ?? '')];
  if (WIDE.test(first[0] ?? '')) return first[0] ?? '';
  const last = words.length > 1 ? [...(words.at(-1) ?? '')][0] ?? '' : first[1] ?? '';
  return ((first[0] ?? '') + (WIDE.test(last) ? '' : last)).toUpperCase();
}
