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

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const picked = letters.map((word) => [...(word ?? '')][0] ?? '').join('');
  return (picked.length === 1 ? [...(words[0] ?? '')].slice(0, 2).join('') : picked).toUpperCase();
}
