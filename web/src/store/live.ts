// What the feed tells, put where it belongs: works into what is held, the rest into what has to be
// asked for again.
import { listen, type FeedEvent, type Standing } from '../api/feed';
import type { Names, View } from '../works/filter';
import { format } from '../works/filter';
import { nameOf, type Work } from '../works/work';
import { WorkList } from './lists';
import { queries } from './queries';
import { signedIn } from './session';
import { Signal } from './signal';
import { changes, loadWork, works } from './works';

export const standing = new Signal<Standing>({ kind: 'connecting' });
/** The last change that somebody else made, for the foot of the page. */
export const lastEvent = new Signal<FeedEvent | null>(null);

const WORKS = new Set(['issue', 'ticket', 'task', 'opportunity']);
/** What has to be asked for again when an object of a type changes. */
const ASKED: Record<string, string[]> = {
  timeline_entry: ['timeline'], timeline_comment: ['timeline', 'followers'], comment: ['timeline', 'followers'], link: ['links', 'timeline'], tag: ['tags'],
  dev_user: ['users', 'people'], group: ['groups'], account: ['accounts'], vista: ['vistas', 'sprints'], service_account: ['people'],
  vista_group_item: ['sprints', 'sprint'], capability: ['parts', 'tree'], feature: ['parts', 'tree'], product: ['parts', 'tree'],
  enhancement: ['parts', 'tree'], runnable: ['parts', 'tree'], linkable: ['parts', 'tree'], rev_org: ['workspaces'], rev_user: ['contacts'],
  sla: ['slas'], org_schedule: ['schedules'], org_schedule_fragment: ['schedules'], stage_diagram: ['diagram'], custom_stage: ['stages'],
  custom_schema_fragment: ['schema'], notification: ['inbox'], user_preferences: ['preferences'], webhook: ['webhooks'],
};
const LISTS_MAX = 12;
/** How many works are asked for at once since they may fit a list. */
const COMING_MAX = 4;
/** How long numbers may be old after the changes of others, and after one's own. */
const COUNT_MS = 10_000;
const OWN_COUNT_MS = 400;

const lists = new Map<string, WorkList>();
let retry: () => void = () => undefined;

/** The list of a view; one that was seen shows at once what it had. */
export function listOf(view: View, names: Names): WorkList {
  const key = format({ ...view, layout: 'list' });
  let list = lists.get(key);
  if (list) {
    if (list.isStale) void list.refresh();
    lists.delete(key);
  } else {
    list = new WorkList(view, names);
  }
  lists.set(key, list);
  for (const old of lists.keys()) {
    if (lists.size <= LISTS_MAX) break;
    lists.delete(old);
  }
  return list;
}

/** The list that was shown last: what "next" is on the page of a work. */
export function lastList(): WorkList | undefined {
  return [...lists.values()].at(-1);
}

/** Follows the feed until the signal ends it. */
export function follow(signal: AbortSignal): void {
  const feed = listen({
    event: take,
    standing(now) {
      const wasLost = standing.get().kind === 'lost';
      standing.set(now);
      if (now.kind === 'live') {
        changes.wake();
        if (wasLost) void queries.invalidateQueries();
      }
    },
    gap: askForAll,
  }, signal);
  retry = () => { feed.retry(); changes.wake(); };
}

export function tryNow(): void {
  retry();
}

/** Asks again for everything that is shown: much may have changed. */
export function askForAll(): void {
  for (const list of lists.values()) void list.refresh();
  void queries.invalidateQueries();
}

function take(event: FeedEvent): void {
  const isOwn = event.actor?.id === signedIn().user.id;
  if (!isOwn && event.object_type !== 'notification') lastEvent.set(event);
  if (WORKS.has(event.object_type)) {
    takeWork(event, isOwn);
    return;
  }
  for (const name of ASKED[event.object_type] ?? []) void queries.invalidateQueries({ queryKey: [name] });
}

function takeWork(event: FeedEvent, isOwn: boolean): void {
  const { id } = event.object;
  const known = works.base(id);
  const revision = works.revision(id) ?? 0;
  if (event.type === 'deleted' || event.type === 'hidden') {
    works.remove(id);
  } else if (event.type === 'created' || event.type === 'shown') {
    if (event.new && revision < event.revision) works.put({ type: event.object_type, ...event.new } as unknown as Work, event.revision);
  } else if (known && event.revision === revision + 1) {
    works.put(after(known, event), event.revision);
  } else if (known && event.revision > revision) {
    void loadWork(id).catch(() => undefined);
  } else if (!known && event.type === 'updated') {
    mayCome(id, event, isOwn);
  }
  void queries.invalidateQueries({ queryKey: ['timeline', id] });
  void queries.invalidateQueries({ queryKey: ['clock', id] });
  void queries.invalidateQueries({ queryKey: ['followers', id] });
  countAgain(isOwn ? OWN_COUNT_MS : COUNT_MS);
  for (const list of lists.values()) list.note(event, isOwn);
}

let coming = 0;

/** A work that nobody looked at may fit a list by now. Of many at once, the lists only know that they are old. */
function mayCome(id: string, event: FeedEvent, isOwn: boolean): void {
  if (coming >= COMING_MAX) {
    for (const list of lists.values()) list.stale();
    return;
  }
  coming += 1;
  void loadWork(id)
    .then(() => { for (const list of lists.values()) list.note(event, isOwn); }, () => undefined)
    .finally(() => { coming -= 1; });
}

let counting: { at: number; timer: ReturnType<typeof setTimeout> } | undefined;

/** Asks for the numbers of the rail again, once for many changes: calls of pages count, too. */
function countAgain(inMs: number): void {
  const at = Date.now() + inMs;
  if (counting && counting.at <= at) return;
  clearTimeout(counting?.timer);
  const timer = setTimeout(() => {
    counting = undefined;
    void queries.invalidateQueries({ queryKey: ['count'] });
  }, inMs);
  counting = { at, timer };
}

/** A work after a change that the feed tells of: what is old and not new is not set any more. */
export function after(work: Work, event: Pick<FeedEvent, 'old' | 'new' | 'date' | 'actor'>): Work {
  const next: Record<string, unknown> = { ...work };
  for (const name of Object.keys(event.old ?? {})) delete next[name];
  Object.assign(next, event.new, { modified_date: event.date, ...(event.actor ? { modified_by: event.actor } : {}) });
  return next as unknown as Work;
}

/** Who changed what, in a few words. */
export function said(event: FeedEvent): string {
  const who = event.actor ? nameOf(event.actor).split(' ')[0] : 'somebody';
  const what = event.object.display_id ?? event.object_type.replaceAll('_', ' ');
  const done = { created: 'made', updated: 'changed', deleted: 'deleted', shown: 'shown', hidden: 'hidden' }[event.type];
  return `${what} ${done} by ${who}`;
}
