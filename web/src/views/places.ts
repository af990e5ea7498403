// Where one can go, and what is there.
import type { IconName } from '../ui/Icon';
import { OPEN_WORK, format, parse, pathOf, shortSprint, type View } from '../works/filter';

export interface Place {
  name: string;
  path: string;
  icon: IconName;
  /** What it lists, if it is a list. */
  view?: View;
  command?: string;
  /** What is counted there, if it is no list of works. */
  counts?: 'unread';
}

const view = (change: Partial<View>): View => ({ ...OPEN_WORK, ...change });
const open = ['open', 'in_progress'];

export const MINE = view({ filters: { kind: ['issue', 'ticket', 'task'], state: open, owner: ['me'] } });
export const SUPPORT = view({ filters: { kind: ['ticket'], state: open }, sort: 'clock' });
export const TRIAGE = view({ filters: { kind: ['issue', 'ticket'], stage: ['triage', 'queued'] } });
export const BOARD = view({ filters: { kind: ['issue'], state: open }, layout: 'board' });

const list = (name: string, icon: IconName, what: View, command?: string): Place =>
  ({ name, icon, view: what, path: pathOf(what), ...(command ? { command } : {}) });

/** The first places of the rail. */
export const FIRST: readonly Place[] = [
  { name: 'Inbox', path: '/inbox', icon: 'inbox', command: 'go.inbox', counts: 'unread' },
  list('My work', 'person', MINE, 'go.mine'),
  { name: 'Dashboard', path: '/', icon: 'gauge', command: 'go.dashboard' },
];

/** The views that every org has. */
export const VIEWS: readonly Place[] = [
  list('Open work', 'list', OPEN_WORK, 'go.list'),
  list('Support queue', 'list', SUPPORT),
  list('To triage', 'list', TRIAGE),
  list('Issue board', 'board', BOARD, 'go.board'),
];

/** What works are about, and for whom. */
export const PRODUCT: readonly Place[] = [
  { name: 'Parts', path: '/parts', icon: 'tree', command: 'go.parts' },
  { name: 'Customers', path: '/customers', icon: 'building', command: 'go.customers' },
];

/** How the org works. */
export const SET_UP: readonly Place[] = [
  { name: 'SLAs and hours', path: '/slas', icon: 'clock', command: 'go.slas' },
  { name: 'Fields and stages', path: '/schema', icon: 'fields', command: 'go.schema' },
  { name: 'Webhooks', path: '/webhooks', icon: 'hook', command: 'go.webhooks' },
  { name: 'People and tokens', path: '/people', icon: 'people', command: 'go.people' },
];

export const ALL: readonly Place[] = [...FIRST, ...VIEWS, ...PRODUCT, ...SET_UP];

/** The name of a view that is shown, if it is one of those above. */
export function nameOfView(shown: View): string | undefined {
  const query = format({ ...shown, layout: 'list' });
  return [...FIRST, ...VIEWS].find((place) => place.view && format({ ...place.view, layout: 'list' }) === query)?.name;
}

export function sprintPlace(sprint: { id: string; name: string }): Place {
  const view: View = { ...OPEN_WORK, filters: { kind: ['issue'], sprint: [shortSprint(sprint.id)] }, layout: 'board' };
  return { name: sprint.name, path: `/sprints/${shortSprint(sprint.id)}`, icon: 'board', view };
}

/** A view that somebody has saved: as its author saw it, or, if another client made it, as the server lists it. */
export function savedPlace(vista: { id: string; display_id?: string; name: string; description?: string }): Place {
  const [, query] = /^\/works\?(\S*)$/.exec(vista.description ?? '') ?? [];
  const filters = { vista: [vista.display_id ?? vista.id] };
  const view = query === undefined ? { ...OPEN_WORK, filters } : parse(query);
  return { name: vista.name, path: pathOf(view), icon: view.layout === 'board' ? 'board' : 'list', view };
}
