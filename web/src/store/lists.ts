// Lists of works: pages of ids, in groups that are lists of their own. What is held is shown at
// once and asked for again behind it; nothing moves while somebody looks at it.
import { call } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import type { FeedEvent } from '../api/feed';
import type { Stage, UserSummary } from '../api/types.gen';
import { ask, fits, sortBy, type Filters, type Names, type View, type Wanted } from '../works/filter';
import { nameOf, type Work } from '../works/work';
import { Signal } from './signal';
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
}

export class WorkList {
  readonly state = new Signal<ListState>({ groups: [], total: undefined, isLoading: true, why: undefined, fresh: 0 });
  #fresh = new Set<string>();
  #isStale = false;
  #refreshing: Promise<void> | undefined;

  constructor(readonly view: View, private readonly names: Names) {
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
      const groups = await this.#heads();
      let ahead = AHEAD;
      const pages = groups.map(async (group) => {
        const known = held.get(group.key);
        const wanted = known?.ids.length ?? (ahead > 0 ? FIRST_PAGE : 0);
        ahead -= group.total;
        if (wanted > 0 && group.state !== 'unreachable') await this.#page(group, Math.min(wanted, REFRESH_MAX));
      });
      await Promise.all(pages);
      this.#fresh.clear();
      const total = await this.#total(groups);
      this.state.set({ groups, total, isLoading: false, why: undefined, fresh: 0 });
    } catch (error) {
      this.#isStale = true;
      this.state.update((now) => ({ ...now, isLoading: false, why: asRefusal(error) }));
    }
  }

  /** Fetches the next page of a group. */
  async more(key: string): Promise<void> {
    const group = this.state.get().groups.find((each) => each.key === key);
    if (!group || group.state === 'loading' || group.state === 'done' || group.state === 'unreachable') return;
    const next: Group = { ...group, ids: [...group.ids], state: 'loading' };
    this.#replace(next);
    const loaded = { ...next };
    try {
      await this.#page(loaded, next.ids.length + (next.ids.length > 0 ? NEXT_PAGE : FIRST_PAGE));
    } catch (error) {
      loaded.state = 'failed';
      loaded.why = asRefusal(error);
    }
    this.#replace(loaded);
  }

  /** What the feed tells may concern this list. */
  note(event: FeedEvent, isOwn: boolean): void {
    const { id } = event.object;
    const isShown = this.state.get().groups.some((group) => group.ids.includes(id));
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

  #replace(group: Group): void {
    this.state.update((now) => ({
      ...now,
      groups: now.groups.map((each) => (each.key === group.key ? group : each)),
    }));
  }

  async #heads(): Promise<Group[]> {
    const { group } = this.view;
    const wanted = ask(this.view.filters, this.names);
    const empty = () => ({ ids: [], next: undefined, state: 'idle' as const });
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
      const request = { ...body, limit, ...(group.next ? { cursor: group.next } : {}) };
      const answer = await call('works.list', request, { revisions: true });
      const found = answer.works as Work[];
      found.forEach((work, at) => works.put(work, answer.revisions?.[at] ?? 0));
      const known = new Set(group.ids);
      group.ids.push(...found.map(({ id }) => id).filter((id) => !known.has(id)));
      group.next = answer.next_cursor;
    } while (group.next && group.ids.length < wanted);
    group.state = group.next ? 'idle' : 'done';
    delete group.why;
  }

  #body(key: string): (Wanted & { sort_by: string[] }) | null {
    const name = { stage: 'stage', owner: 'owner', part: 'part', none: undefined }[this.view.group];
    const filters: Filters = name ? { ...this.view.filters, [name]: [key] } : this.view.filters;
    const wanted = ask(filters, this.names);
    return wanted && { ...wanted, sort_by: sortBy(this.view.sort) };
  }
}
