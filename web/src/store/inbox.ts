// What concerns whoever is signed in: notifications as the server has them, one for each object.
import { useQuery } from '@tanstack/react-query';
import { call, uniqueKey, type Body } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import type { Notification, NotificationState, UserPreferences } from '../api/types.gen';
import { BOXES, type Box } from '../works/inbox';
import { all } from './asked';
import { LONG, queries } from './queries';

const AT_ONCE = 100;

export const useInbox = (box: Box) => useQuery({
  queryKey: ['inbox', 'box', box],
  queryFn: () => all('notifications.list', { states: [...BOXES[box]] }, (answer): Notification[] => answer.notifications),
});

/** How many were not looked at. */
export const useUnread = () => useQuery({
  queryKey: ['inbox', 'unread'],
  queryFn: async (): Promise<number> => (await call('notifications.count', { states: ['unread'] })).count,
});

export interface Mark {
  state: NotificationState;
  /** When it comes back, if it is put off. */
  until?: string;
}

/**
 * Shows at once what is marked, and sends it; what is refused goes back to what it was. Tells why, if it was refused.
 */
export async function mark(some: readonly Notification[], { state, until }: Mark): Promise<Refusal | undefined> {
  const ids = new Set(some.map(({ id }) => id));
  await queries.cancelQueries({ queryKey: ['inbox'] });
  for (const box of Object.keys(BOXES) as Box[]) {
    queries.setQueryData<Notification[]>(['inbox', 'box', box], (known) => known
      ?.map((each) => (ids.has(each.id) ? { ...each, state } : each))
      .filter((each) => BOXES[box].includes(each.state)));
  }
  const unread = some.filter((each) => each.state === 'unread').length;
  queries.setQueryData<number>(['inbox', 'unread'], (known) =>
    known === undefined ? known : Math.max(0, known - unread + (state === 'unread' ? some.length : 0)));
  let why: Refusal | undefined;
  try {
    const list = [...ids];
    for (let at = 0; at < list.length; at += AT_ONCE) {
      await call('notifications.update', { ids: list.slice(at, at + AT_ONCE), state, ...(until ? { remind_at: until } : {}) }, { key: uniqueKey() });
    }
  } catch (error) {
    why = asRefusal(error);
  }
  void queries.invalidateQueries({ queryKey: ['inbox'] });
  return why;
}

export const usePreferences = () => useQuery({
  queryKey: ['preferences'], staleTime: LONG,
  queryFn: async (): Promise<UserPreferences> => (await call('preferences.get', {})).preferences,
});

export type Wishes = NonNullable<Body<'preferences.update'>['notification_preferences']>;

/** Says what to be told of, and how. */
export async function wish(wishes: Wishes): Promise<Refusal | undefined> {
  const before = queries.getQueryData<UserPreferences>(['preferences']);
  queries.setQueryData<UserPreferences>(['preferences'], (known) =>
    known && { ...known, notification_preferences: { ...known.notification_preferences, ...wishes } as UserPreferences['notification_preferences'] });
  try {
    const { preferences } = await call('preferences.update', { notification_preferences: wishes }, { key: uniqueKey() });
    queries.setQueryData(['preferences'], preferences);
    return undefined;
  } catch (error) {
    queries.setQueryData(['preferences'], before);
    return asRefusal(error);
  }
}
