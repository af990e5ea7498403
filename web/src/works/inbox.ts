// What concerns somebody, in words, and until when it can wait.
import type { Notification, NotificationEvent, NotificationState, UserSummary } from '../api/types.gen';
import { en } from '../text/en';
import { FIELDS } from './fields';
import { nameOf } from './work';

export type Box = 'now' | 'later' | 'done';

/** What each box holds. */
export const BOXES: Record<Box, readonly NotificationState[]> = { now: ['unread', 'read'], later: ['later'], done: ['done'] };

export interface Reason {
  /** Who did it, if that is known. */
  who: string | undefined;
  text: string;
}

const LABELS: ReadonlyMap<string, string> = new Map([
  ...FIELDS.map(({ name, label }): [string, string] => [name, label.toLowerCase()]),
  ['title', 'title'], ['body', 'text'], ['artifacts', 'files'], ['rev_org', 'workspace'], ['account', 'customer'],
]);

/** What people call a field, whatever the API calls it. */
export const fieldName = (name: string): string =>
  LABELS.get(name) ?? name.replace(/^(tnt__|app_[^_]+__|ctype__)/, '').replaceAll('_', ' ');

const MENTION = /<(don:[^>\s]+)>/g;
const MARKS = /^[ \t]*(?:#{1,6} |> |[-*+] (?:\[[ x]\] )?)|\*\*|__|`+|~~/gm;

/** A text in one line, without the marks of Markdown, and with names in place of ids. */
export function plain(text: string, names: ReadonlyMap<string, string>): string {
  return text
    .replace(MENTION, (_, id: string) => `@${names.get(id) ?? 'somebody'}`)
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(MARKS, '')
    .replace(/\s+/g, ' ').trim();
}

const first = (user: UserSummary | undefined): string | undefined => user && nameOf(user).split(' ')[0];

/** Why somebody is told, by the newest of what happened. */
export function reason(event: NotificationEvent, names: ReadonlyMap<string, string>): Reason {
  const who = first(event.actor);
  const said = event.body ? plain(event.body, names) : '';
  const fields = (event.fields ?? []).map(fieldName);
  switch (event.event_type) {
    case 'mention': return { who, text: said ? `mentioned you: ${said}` : 'mentioned you' };
    case 'assignment': return { who, text: 'gave it to you' };
    case 'alert': case 'reminder': return { who, text: [event.title, said].filter(Boolean).join(': ') || 'asks you to look' };
    case 'update':
      if (said) return { who, text: `wrote: ${said}` };
      if (event.title) return { who, text: event.title };
      return { who, text: fields.length > 0 ? `changed ${en.and(fields)}` : 'wrote or changed something' };
  }
}

/** The event that says most of why it is here: the newest, unless that only changed what was said before. */
export const newest = ({ events }: Pick<Notification, 'events'>): NotificationEvent | undefined =>
  [...events].sort((a, b) => Date.parse(b.date) - Date.parse(a.date))[0];

const HOUR = 3_600_000;
const MORNING = 9;
const EVENING = 18;

/** When it may come back, counted from now: what is over or the same as another is left out. */
export function untils(now: number): Array<{ id: string; label: string; at: number }> {
  const at = (days: number, hour: number): number => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    return date.setHours(hour, 0, 0, 0);
  };
  const toMonday = ((8 - new Date(now).getDay()) % 7) || 7;
  return [
    { id: 'hour', label: 'In an hour', at: now + HOUR },
    { id: 'evening', label: 'This evening', at: at(0, EVENING) },
    { id: 'tomorrow', label: 'Tomorrow morning', at: at(1, MORNING) },
    ...(toMonday > 1 ? [{ id: 'monday', label: 'Monday morning', at: at(toMonday, MORNING) }] : []),
    { id: 'week', label: 'In a week', at: at(7, MORNING) },
  ].filter((each, place, all) => each.at > now && all.findIndex((other) => Math.abs(other.at - each.at) < HOUR / 2) === place);
}

/**
 * The order in which rows are shown: those that are there keep their place, and what came meanwhile is counted until
 * it is asked for. Nothing moves under the hand.
 */
export function held(shown: readonly string[], now: readonly string[]): { rows: string[]; fresh: string[] } {
  const known = new Set(shown);
  const there = new Set(now);
  const rows = shown.filter((id) => there.has(id));
  const fresh = now.filter((id) => !known.has(id));
  return rows.length === 0 ? { rows: [...now], fresh: [] } : { rows, fresh };
}
