// The views that there are, each fetched when it is first shown or when nothing else is to do.
import { lazy, type ComponentType } from 'react';

const chunks = {
  works: () => import('../views/works/Works'),
  work: () => import('../views/detail/WorkPage'),
  dashboard: () => import('../views/dashboard/Dashboard'),
  panel: () => import('../views/works/Panel'),
  board: () => import('../views/works/Board'),
  overlays: () => import('./Overlays'),
  parts: () => import('../views/parts/Parts'),
  sprint: () => import('../views/sprint/Sprint'),
  sprints: () => import('../views/sprint/Sprints'),
  customers: () => import('../views/customers/Customers'),
  slas: () => import('../views/slas/Slas'),
  schema: () => import('../views/schema/Schema'),
  people: () => import('../views/people/People'),
  inbox: () => import('../views/inbox/Inbox'),
  webhooks: () => import('../views/webhooks/Webhooks'),
  start: () => import('../views/start/Start'),
};

/** The views that have an address of their own. */
export const PAGES: ReadonlyArray<readonly [string, ComponentType]> = [
  ['/parts', lazy(chunks.parts)],
  ['/sprints', lazy(chunks.sprints)],
  ['/sprints/:id', lazy(chunks.sprint)],
  ['/customers/:id?', lazy(chunks.customers)],
  ['/slas/:page?', lazy(chunks.slas)],
  ['/schema/:kind?/:page?', lazy(chunks.schema)],
  ['/people/:page?', lazy(chunks.people)],
  ['/inbox/:page?', lazy(chunks.inbox)],
  ['/webhooks/:id?', lazy(chunks.webhooks)],
  ['/start', lazy(chunks.start)],
];

export const Works = lazy<ComponentType>(chunks.works);
export const WorkPage = lazy<ComponentType<{ id: string }>>(chunks.work);
export const Dashboard = lazy<ComponentType>(chunks.dashboard);
export const Overlays = lazy<ComponentType>(chunks.overlays);

/** Fetches the other views while nothing else is to do. */
export function fetchAhead(): void {
  const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 500));
  idle(() => { for (const chunk of Object.values(chunks)) void chunk(); });
}

/** Whether a path is that of a work: `/ISS-1`. */
export function workOf(path: string): string | undefined {
  return /^\/((?:ISS|TKT|TASK|OPP)-\d+)$/i.exec(path)?.[1]?.toUpperCase();
}
