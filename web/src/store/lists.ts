// Lists of works: pages of ids, in groups that are lists of their own. What is held is shown at
// once and asked for again behind it; nothing moves while somebody looks at it.
import { call, type Body } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import type { FeedEvent } from '../api/feed';
import type { Stage, UserSummary } from '../api/types.gen';
import { ask, fits, sortBy, type Filters, type Names, type View, type Wanted } from '../works/filter';
import { nameOf, type Work } from '../works/work';
import { Signal } from './signal';
import { namesFor } from './within';
import { works } from './works';

const FIRST_PAGE = 50;
const NEXT_PAGE = 100;
/** How many rows are fetched before anybody scrolls. */
const AHEAD = 80;
/** A list that grew longer than this is not fetched whole again. */
const REFRESH_MAX = 200;

export interface Group {
  key: string;
  label: string;
  total: number;
  stage?: Stage;
  owner?: UserSummary;
  ids: string[];
  next: string | undefined;
  /** The last works, if somebody went to the end before all of those between were fetched. */
  tail: string[];
  before: string | undefined;
  /** `unreachable` are works that have no value to ask by. */
  state: 'idle' | 'loading' | 'failed' | 'done' | 'unreachable';
  why?: Refusal;
}

export interface ListState {
  groups: readonly Group[];
  total: number | undefined;
  isLoading: boolean;
  why: Refusal | undefined;
  /** How many works have come that are not shown yet. */
  fresh: number;
  /** Whether what came last came before something that was there, so that what is below it is not to move. */
  isAbove: boolean;
}

export class WorkList {
  readonly state = new Signal<ListState>({ groups: [], total: undefined, isLoading: true, why: undefined, fresh: 0, isAbove: false });
  #fresh = new Set<string>();
  #isStale = false;
  #refreshing: Promise<void> | undefined;

  constructor(readonly view: View, private names: Names) {
    void this.refresh();
  }

  /** Whether the server may have something else by now. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Asks for everything again, and shows it when it is there. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#load().finally(() => { this.#refreshing = undefined; });
    return this.#refreshing;
  }

  async #load(): Promise<void> {
    this.#isStale = false;
    const held = new Map(this.state.get().groups.map((group) => [group.key, group]));
    try {
      this.names = await namesFor(this.view.filters, this.names);
      const groups = await this.#heads();
      let ahead = AHEAD;
      const pages = groups.map(async (group) => {
        const known = held.get(group.key);
        const wanted = known?.ids.length ?? (ahead > 0 ? FIRST_PAGE : 0);
        ahead -= group.total;
        if (wanted > 0 && group.state !== 'unreachable') await this.#page(group, Math.min(wanted, REFRESH_MAX));
      });
      await Promise.all(pages);
      const total = await this.#total(groups);
      await this.#catchUp(groups);
      this.#fresh.clear();
      this.state.set({ groups, total, isLoading: false, why: undefined, fresh: 0, isAbove: false });
    } catch (error) {
      this.#isStale = true;
      this.state.update((now) => ({ ...now, isLoading: false, why: asRefusal(error) }));
    }
  }

  /** Fetches of each group what is held of it, also what came meanwhile: no row goes away under the cursor. */
  async #catchUp(groups: readonly Group[]): Promise<void> {
    const held = new Map(this.state.get().groups.map((group) => [group.key, group]));
    const behind = groups.flatMap((group) => {
      const { ids = [], tail = [] } = held.get(group.key) ?? {};
      const [first, last] = [Math.min(ids.length, REFRESH_MAX), Math.min(tail.length, REFRESH_MAX)];
      return group.state === 'idle' && (group.ids.length < first || group.tail.length < last) ? [{ group, first, last }] : [];
    });
    if (behind.length === 0) return;
    await Promise.all(behind.map(async ({ group, first, last }) => {
      if (group.ids.length < first) await this.#page(group, first);
      if (group.state === 'idle' && group.tail.length < last) await this.#pageBefore(group, last);
    }));
    await this.#catchUp(groups);
  }

  /** Fetches the next page of a group. */
  more(key: string): Promise<void> {
    return this.#fetch(key, false, (group) => this.#page(group, group.ids.length + (group.ids.length > 0 ? NEXT_PAGE : FIRST_PAGE)));
  }

  /** Fetches the last page of a group or, once that is there, the one before it. */
  moreBefore(key: string): Promise<void> {
    return this.#fetch(key, true, (group) => this.#pageBefore(group, group.tail.length + NEXT_PAGE));
  }

  async #fetch(key: string, isAbove: boolean, page: (group: Group) => Promise<void>): Promise<void> {
    const group = this.state.get().groups.find((each) => each.key === key);
    if (!group || group.state === 'loading' || group.state === 'done' || group.state === 'unreachable') return;
    const next: Group = { ...group, ids: [...group.ids], tail: [...group.tail], state: 'loading' };
    this.#replace(next, false);
    const loaded = { ...next };
    try {
      await page(loaded);
    } catch (error) {
      loaded.state = 'failed';
      loaded.why = asRefusal(error);
    }
    this.#replace(loaded, isAbove && group.tail.length > 0);
  }

  /** What the feed tells may concern this list. */
  note(event: FeedEvent, isOwn: boolean): void {
    const { id } = event.object;
    const isShown = this.state.get().groups.some((group) => group.ids.includes(id) || group.tail.includes(id));
    if (isShown) {
      this.#isStale = true;
      return;
    }
    if (this.view.filters.vista) {
      // What fits is known when the server is asked again.
      this.#isStale = true;
      return;
    }
    const work = works.get(id);
    if (event.type === 'deleted' || !work || !fits(work, this.view.filters, this.names)) return;
    this.#isStale = true;
    if (isOwn) {
      void this.refresh();
      return;
    }
    this.#fresh.add(id);
    this.state.update((now) => ({ ...now, fresh: this.#fresh.size }));
  }

  stale(): void {
    this.#isStale = true;
  }

  #replace(group: Group, isAbove: boolean): void {
    this.state.update((now) => ({
      ...now,
      isAbove,
      groups: now.groups.map((each) => (each.key === group.key ? group : each)),
    }));
  }

  async #heads(): Promise<Group[]> {
    const { group } = this.view;
    const wanted = ask(this.view.filters, this.names);
    const empty = () => ({ ids: [], next: undefined, tail: [], before: undefined, state: 'idle' as const });
    if (!wanted) return [];
    if (group === 'none') return [{ key: '', label: '', total: Number.MAX_SAFE_INTEGER, ...empty() }];
    const by = { stage: 'stage', owner: 'owned_by', part: 'applies_to_part' }[group];
    const { groups = [] } = await call('works.count', { ...wanted, group_by: [by] });
    const heads = groups.map((each): Group => {
      const head = { total: each.count, ...empty() };
      if (group === 'stage' && each.stage) return { ...head, key: each.stage.name, label: each.stage.display_name, stage: each.stage };
      if (group === 'owner' && each.owned_by) return { ...head, key: each.owned_by.id, label: nameOf(each.owned_by), owner: each.owned_by };
      if (group === 'part' && each.applies_to_part) return { ...head, key: each.applies_to_part.id, label: each.applies_to_part.name };
      return { ...head, key: '', label: `No ${group}`, state: 'unreachable' };
    });
    if (group === 'stage') return heads.sort((a, b) => (a.stage?.ordinal ?? 0) - (b.stage?.ordinal ?? 0));
    return heads.sort((a, b) => b.total - a.total);
  }

  async #total(groups: Group[]): Promise<number> {
    if (this.view.group === 'stage') return groups.reduce((sum, group) => sum + group.total, 0);
    const wanted = ask(this.view.filters, this.names);
    if (!wanted) return 0;
    const { count } = await call('works.count', wanted);
    const [only] = groups;
    if (this.view.group === 'none' && only) only.total = count;
    return count;
  }

  /** Fetches pages of a group until it has so many works, or all of them. */
  async #page(group: Group, wanted: number): Promise<void> {
    const body = this.#body(group.key);
    if (!body) return;
    do {
      const limit = Math.min(NEXT_PAGE, Math.max(FIRST_PAGE, wanted - group.ids.length));
      const answer = await this.#ask({ ...body, limit, ...(group.next ? { cursor: group.next } : {}) });
      const known = new Set(group.ids);
      group.ids.push(...answer.ids.filter((id) => !known.has(id)));
      group.next = answer.next;
    } while (group.next && group.ids.length < wanted && !meet(group));
    settle(group, group.next === undefined);
  }

  /** The same from the end. */
  async #pageBefore(group: Group, wanted: number): Promise<void> {
    const body = this.#body(group.key);
    if (!body) return;
    do {
      const answer = await this.#ask({ ...body, limit: NEXT_PAGE, mode: 'before', ...(group.before ? { cursor: group.before } : {}) });
      const known = new Set(group.tail);
      group.tail.unshift(...answer.ids.filter((id) => !known.has(id)));
      group.before = answer.before;
    } while (group.before && group.tail.length < wanted && !meet(group));
    settle(group, group.before === undefined);
  }

  async #ask(request: Body<'works.list'>): Promise<{ ids: string[]; next: string | undefined; before: string | undefined }> {
    const answer = await call('works.list', request, { revisions: true });
    const found = answer.works as Work[];
    found.forEach((work, at) => works.put(work, answer.revisions?.[at] ?? 0));
    return { ids: found.map(({ id }) => id), next: answer.next_cursor, before: answer.prev_cursor };
  }

  #body(key: string): (Wanted & { sort_by: string[] }) | null {
    const name = { stage: 'stage', owner: 'owner', part: 'part', none: undefined }[this.view.group];
    const filters: Filters = name ? { ...this.view.filters, [name]: [key] } : this.view.filters;
    const wanted = ask(filters, this.names);
    return wanted && { ...wanted, sort_by: sortBy(this.view.sort) };
  }
}

/** Whether what was fetched from both ends overlaps, so that nothing is between. */
function meet(group: Group): boolean {
  const last = new Set(group.tail);
  return group.ids.some((id) => last.has(id));
}

/** After a page came: with the last one, or once both ends overlap, nothing is between any more. */
function settle(group: Group, isLast: boolean): void {
  delete group.why;
  const isAll = isLast || meet(group);
  group.state = isAll ? 'done' : 'idle';
  if (!isAll) return;
  const first = new Set(group.ids);
  group.ids = [...group.ids, ...group.tail.filter((id) => !first.has(id))];
  group.tail = [];
  group.next = undefined;
  group.before = undefined;
}
