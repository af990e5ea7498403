// What a list shows: from the address to a view, from a view to a request, and back. One table says
// for each filter how it is asked for and which works fit it.
import type { WorksListRequest, WorkType } from '../api/types.gen';
import type { Work } from './work';

export const KINDS: readonly WorkType[] = ['issue', 'ticket', 'task', 'opportunity'];
export const PRIORITIES = ['p0', 'p1', 'p2', 'p3'] as const;
export const SEVERITIES = ['blocker', 'high', 'medium', 'low'] as const;
export const SORTS = ['urgency', 'due', 'changed', 'created', 'clock', 'title'] as const;
export const GROUPS = ['stage', 'owner', 'part', 'none'] as const;
export const LAYOUTS = ['list', 'board'] as const;

export type Sort = (typeof SORTS)[number];
export type Grouping = (typeof GROUPS)[number];
export type Layout = (typeof LAYOUTS)[number];

/** The members of a works.list that are about which works. */
export type Wanted = Omit<WorksListRequest, 'cursor' | 'limit' | 'mode' | 'sort_by'>;

/** What stands for ids that an address does not hold. */
export interface Names {
  me: string;
  /** The DON of the org. */
  org: string;
  /** For each part that is meant with all below it: the ids of all of these. */
  below?: ReadonlyMap<string, readonly string[]>;
}

interface FilterRule {
  label: string;
  /** The types of work that can have it; absent for all. */
  kinds?: (values: string[]) => WorkType[];
  ask(values: string[], names: Names): Wanted;
  /** What of the work is compared with the values. */
  of(work: Work): Array<string | undefined>;
}

const ids = (object: { id: string; display_id?: string } | undefined): Array<string | undefined> =>
  object ? [object.display_id, object.id] : [];
const me = (values: string[], names: Names): string[] => values.map((value) => (value === 'me' ? names.me : value));
/** `PROD-1..` is a part with all that is below it. */
const WITHIN = '..';
export const isWithin = (part: string): boolean => part.endsWith(WITHIN);
export const exact = (part: string): string => (isWithin(part) ? part.slice(0, -WITHIN.length) : part);
export const within = (part: string): string => exact(part) + WITHIN;
const parts = (values: string[], { below }: Names): string[] =>
  [...new Set(values.flatMap((value) => (isWithin(value) ? below?.get(value) ?? [exact(value)] : [value])))];
const isPriority = (value: string): boolean => (PRIORITIES as readonly string[]).includes(value);

/** All filters, in the order in which they are shown. */
export const FILTERS = {
  kind: {
    label: 'Kind',
    ask: (values) => ({ type: values as WorkType[] }),
    of: (work) => [work.type],
  },
  state: {
    label: 'State',
    ask: (values) => ({ state: values }),
    of: (work) => [work.state],
  },
  stage: {
    label: 'Stage',
    ask: (values) => ({ stage: { name: values } }),
    of: (work) => [work.stage?.name],
  },
  owner: {
    label: 'Owner',
    ask: (values, names) => ({ owned_by: me(values, names) }),
    of: (work) => work.owned_by.flatMap(ids),
  },
  part: {
    label: 'Part',
    ask: (values, names) => ({ applies_to_part: parts(values, names) }),
    of: (work) => ids(work.applies_to_part),
  },
  urgency: {
    label: 'Urgency',
    kinds: (values) => [
      ...(values.some(isPriority) ? ['issue' as const] : []),
      ...(values.some((value) => !isPriority(value)) ? ['ticket' as const] : []),
    ],
    ask: (values) => {
      const priority = values.filter(isPriority) as NonNullable<NonNullable<Wanted['issue']>['priority']>;
      const severity = values.filter((value) => !isPriority(value)) as NonNullable<NonNullable<Wanted['ticket']>['severity']>;
      return {
        ...(priority.length > 0 ? { issue: { priority } } : {}),
        ...(severity.length > 0 ? { ticket: { severity } } : {}),
      };
    },
    of: (work) => [work.priority, work.severity],
  },
  tag: {
    label: 'Tag',
    ask: (values) => ({ tags: values }),
    of: (work) => (work.tags ?? []).flatMap(({ tag }) => ids(tag)),
  },
  customer: {
    label: 'Customer',
    kinds: () => ['ticket', 'opportunity'],
    ask: (values) => ({ ticket: { account: values }, opportunity: { account: values } }),
    of: (work) => ids(work.account),
  },
  team: {
    label: 'Group',
    kinds: () => ['ticket'],
    ask: (values) => ({ ticket: { group: values } }),
    of: (work) => ids(work.group),
  },
  sprint: {
    label: 'Sprint',
    kinds: () => ['issue'],
    ask: (values, names) => ({ issue: { sprint: values.map((value) => sprintId(value, names.org)) } }),
    of: (work) => [work.sprint && shortSprint(work.sprint.id)],
  },
  clock: {
    label: 'Clock',
    kinds: () => ['issue', 'ticket'],
    ask: (values) => {
      const sla_summary = { stage: values as NonNullable<NonNullable<NonNullable<Wanted['ticket']>['sla_summary']>['stage']> };
      return { issue: { sla_summary }, ticket: { sla_summary } };
    },
    of: (work) => [work.sla_summary?.stage],
  },
  vista: {
    label: 'View',
    ask: ([vista]) => (vista === undefined ? {} : { vista }),
    // Only the server knows what a view shows.
    of: () => [],
  },
  reporter: {
    label: 'Reporter',
    ask: (values, names) => ({ reported_by: me(values, names) }),
    of: (work) => (work.reported_by ?? []).flatMap(ids),
  },
} satisfies Record<string, FilterRule>;

export type FilterName = keyof typeof FILTERS;
export const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];
const rule = (name: FilterName): FilterRule => FILTERS[name];

export type Filters = Partial<Record<FilterName, string[]>>;

export interface View {
  filters: Filters;
  sort: Sort;
  group: Grouping;
  layout: Layout;
}

/** What `/works` shows. */
export const OPEN_WORK: View = {
  filters: { kind: ['issue', 'ticket'], state: ['open', 'in_progress'] },
  sort: 'urgency',
  group: 'stage',
  layout: 'list',
};

const pick = <T extends string>(value: string | null, known: readonly T[], otherwise: T): T =>
  known.find((each) => each === value) ?? otherwise;

/** The view that an address stands for. What it does not name is as in `/works`; an empty value is no filter. */
export function parse(search: string): View {
  const params = new URLSearchParams(search);
  const filters: Filters = {};
  for (const name of FILTER_NAMES) {
    const text = params.get(name);
    const values = text === null
      ? OPEN_WORK.filters[name] ?? []
      : [...new Set(text.split(',').map((value) => value.trim()).filter(Boolean))];
    if (values.length > 0) filters[name] = values;
  }
  return {
    filters,
    sort: pick(params.get('sort'), SORTS, OPEN_WORK.sort),
    group: pick(params.get('group'), GROUPS, OPEN_WORK.group),
    layout: pick(params.get('layout'), LAYOUTS, OPEN_WORK.layout),
  };
}

/** The address of a view, which names only what differs from `/works`. */
export function format(view: View): string {
  const parts: string[] = [];
  for (const name of FILTER_NAMES) {
    const values = view.filters[name] ?? [];
    if (values.join() === (OPEN_WORK.filters[name] ?? []).join()) continue;
    parts.push(`${name}=${values.map(encodeURIComponent).join(',')}`);
  }
  for (const name of ['sort', 'group', 'layout'] as const) {
    if (view[name] !== OPEN_WORK[name]) parts.push(`${name}=${view[name]}`);
  }
  return parts.join('&');
}

/** The works that an address shows, `/works?…`, and the one that is open beside them. */
export function pathOf(view: View, open?: string): string {
  const query = [format(view), ...(open ? [`open=${open}`] : [])].filter(Boolean).join('&');
  return query ? `/works?${query}` : '/works';
}

/** The types of work that can fit: a filter that a type does not have leaves it out. */
function kinds(filters: Filters): WorkType[] {
  const wanted = (filters.kind as WorkType[] | undefined) ?? KINDS;
  return wanted.filter((kind) => FILTER_NAMES.every((name) => {
    const values = filters[name];
    return !values || (rule(name).kinds?.(values).includes(kind) ?? true);
  }));
}

/** The filter of a works.list; `null` where nothing can fit. */
export function ask(filters: Filters, names: Names): Wanted | null {
  const type = kinds(filters);
  if (type.length === 0) return null;
  const wanted: Wanted = {};
  for (const name of FILTER_NAMES) {
    const values = filters[name];
    if (!values || name === 'kind') continue;
    const { issue, ticket, opportunity, ...rest } = rule(name).ask(values, names);
    Object.assign(wanted, rest);
    if (issue && type.includes('issue')) wanted.issue = { ...wanted.issue, ...issue };
    if (ticket && type.includes('ticket')) wanted.ticket = { ...wanted.ticket, ...ticket };
    if (opportunity && type.includes('opportunity')) wanted.opportunity = { ...wanted.opportunity, ...opportunity };
  }
  return { ...wanted, type };
}

/** Whether a work fits, as far as can be said without the server. */
export function fits(work: Work, filters: Filters, names: Names): boolean {
  return FILTER_NAMES.every((name) => {
    const values = filters[name];
    if (!values) return true;
    const known = new Set(name === 'part' ? parts(values, names) : me(values, names));
    return rule(name).of(work).some((value) => value !== undefined && known.has(value));
  });
}

const SORTED: Record<Sort, string[]> = {
  urgency: ['priority:asc', 'severity:asc', 'target_close_date:asc', 'modified_date:desc'],
  due: ['target_close_date:asc', 'priority:asc', 'severity:asc'],
  changed: ['modified_date:desc'],
  created: ['created_date:desc'],
  clock: ['sla_summary.target_time:asc', 'severity:asc'],
  title: ['title:asc'],
};

export const sortBy = (sort: Sort): string[] => SORTED[sort];

/** A sprint in an address: the numbers of its board and of itself. */
export function shortSprint(id: string): string {
  const found = /vista\/(\d+):vista_group_item\/(\d+)$/.exec(id);
  return found ? `${found[1]}.${found[2]}` : id;
}

/** The id of a sprint that an address names. */
export function sprintId(short: string, org: string): string {
  const found = /^(\d+)\.(\d+)$/.exec(short);
  return found ? `${org.replace(':identity:', ':core:')}:vista/${found[1]}:vista_group_item/${found[2]}` : short;
}
