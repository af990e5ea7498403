// SLAs, their schedules, and what they make of a time. All arithmetic of hours is the server's.
import { useQuery } from '@tanstack/react-query';
import { call, uniqueKey, type Body } from '../api/call';
import type { MetricDefinition, OrgSchedule, Sla, SlaTracker } from '../api/types.gen';
import { asTime, pieceOf, type Piece } from '../works/daysoff';
import { workdays } from '../works/week';
import type { Work } from '../works/work';
import { all } from './asked';
import { LONG } from './queries';
import { each } from './tree';

/** A promise of more changes of hours than this is not drawn. */
const STEPS_MAX = 80;
const RECORD_MAX = 100;

export const useSlas = () => useQuery({
  queryKey: ['slas'], staleTime: LONG,
  queryFn: () => all('slas.list', { status: ['draft', 'published'] }, (answer): Sla[] => answer.slas),
});

export const useSchedules = () => useQuery({
  queryKey: ['schedules'], staleTime: LONG,
  queryFn: () => all('org-schedules.list', { status: ['draft', 'published'] }, (answer): OrgSchedule[] => answer.org_schedules),
});

export const useMetrics = () => useQuery({
  queryKey: ['metrics'], staleTime: LONG,
  queryFn: () => all('metric-definitions.list', { include_custom_metrics: true, status: ['active'] }, (answer): MetricDefinition[] => answer.metric_definitions),
});

/** The fragments of a schedule, which have its days off. */
export const usePieces = (schedule: OrgSchedule) => {
  const ids = schedule.org_schedule_fragments.map(({ id }) => id);
  return useQuery({
    queryKey: ['schedules', 'pieces', ...ids], staleTime: LONG,
    queryFn: async (): Promise<Piece[]> => {
      const found = new Map<string, Piece>();
      await each(ids, async (id) => { found.set(id, pieceOf((await call('org-schedule-fragments.get', { id })).org_schedule_fragment)); });
      return ids.flatMap((id) => found.get(id) ?? []);
    },
  });
};

export interface Counted {
  spans: Array<{ from: number; to: number }>;
  due: number | undefined;
}

/** Which time counts from a moment on until the minutes are used, as the schedule has it. */
export const useCounted = (schedule: string | undefined, from: number, minutes: number | undefined) => useQuery({
  queryKey: ['schedules', 'counted', schedule, from, minutes], enabled: minutes !== undefined, staleTime: LONG,
  queryFn: async (): Promise<Counted> => {
    const spans: Counted['spans'] = [];
    let [at, left] = [from, (minutes ?? 0) * 60_000];
    if (!schedule) return { spans: [{ from, to: from + left }], due: from + left };
    for (let step = 0; step < STEPS_MAX; step++) {
      const [now] = (await call('org-schedules.evaluate', { id: schedule, instants: [new Date(at).toISOString()] })).instant_evaluations;
      if (!now || now.definedness === 'undefined') return { spans, due: undefined };
      const next = now.next_transition ? Date.parse(now.next_transition) : undefined;
      if (now.is_active) {
        const to = Math.min(at + left, next ?? Infinity);
        spans.push({ from: at, to });
        left -= to - at;
        if (left <= 0) return { spans, due: to };
      }
      if (next === undefined) break;
      at = next;
    }
    return { spans, due: undefined };
  },
});

export interface Kept {
  tracker: SlaTracker;
  work: Work | undefined;
}

/** The promises that are over, the newest first. */
export const useRecord = () => useQuery({
  queryKey: ['count', 'record'],
  queryFn: async (): Promise<Kept[]> => {
    const { sla_trackers: trackers } = await call('sla-trackers.list', { status: ['hit', 'miss'], sort_by: ['modified_date:desc'], limit: RECORD_MAX });
    const ids = [...new Set(trackers.map((each) => each.applies_to_id))];
    const found = ids.length > 0 ? (await call('works.list', { ids, limit: RECORD_MAX })).works as Work[] : [];
    const held = new Map(found.map((work) => [work.id, work]));
    return trackers.map((tracker) => ({ tracker, work: held.get(tracker.applies_to_id) }));
  },
});

export async function changeSla(body: Body<'slas.update'>): Promise<void> {
  await call('slas.update', body, { key: uniqueKey() });
}

export const makeSla = async (body: Body<'slas.create'>): Promise<Sla> => (await call('slas.create', body, { key: uniqueKey() })).sla;

export async function moveSla(id: string, status: Sla['status']): Promise<void> {
  await call('slas.transition', { id, status }, { key: uniqueKey() });
}

/** Assigns an SLA to workspaces, and tells what was refused. */
export async function assignSla(id: string, workspaces: string[]): Promise<string[]> {
  const { results } = await call('slas.assign', { id, rev_orgs: workspaces }, { key: uniqueKey() });
  return results.flatMap(({ rev_org: workspace, error }) => (error ? [`${workspace?.display_name ?? 'A workspace'}: ${error.message ?? 'refused'}.`] : []));
}

export const makeSchedule = async (body: Body<'org-schedules.create'>): Promise<OrgSchedule> =>
  (await call('org-schedules.create', body, { key: uniqueKey() })).org_schedule;

export async function changeSchedule(body: Body<'org-schedules.update'>): Promise<void> {
  await call('org-schedules.update', body, { key: uniqueKey() });
}

export async function moveSchedule(id: string, status: OrgSchedule['status']): Promise<void> {
  await call('org-schedules.transition', { id, status }, { key: uniqueKey() });
}

/** Makes a fragment that schedules can use. */
export async function makePiece({ name, from, to, intervals }: Piece): Promise<string> {
  const { org_schedule_fragment: made } = await call('org-schedule-fragments.create', {
    name, from: asTime(from), to: asTime(to),
    intervals: intervals.map((one) => ({ name: one.name, from: asTime(one.from), to: asTime(one.to), is_excluded: one.isOff })),
  }, { key: uniqueKey() });
  await call('org-schedule-fragments.transition', { id: made.id, status: 'published' }, { key: uniqueKey() });
  return made.id;
}

/** Appends a fragment to a schedule that is published. */
export async function appendPiece(schedule: string, piece: Piece): Promise<void> {
  const id = await makePiece(piece);
  await call('org-schedules.set-future', { id: schedule, org_schedule_fragment_id: id }, { key: uniqueKey() });
}

export const PERIOD = 'regular';

/** A draft to begin with: four hours to answer, two days to resolve, from Monday to Friday, 9 to 17. */
export async function makeReady(metrics: readonly MetricDefinition[]): Promise<void> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const schedule = await makeSchedule({
    name: 'Office hours', timezone: timeZone, default_weekly_org_schedule: { period_name: PERIOD, intervals: workdays(9 * 60, 17 * 60) },
  });
  await moveSchedule(schedule.id, 'published');
  const target = (name: string, minutes: number, warning_target: number) => {
    const metric = metrics.find((each) => each.name === name && each.applies_to.includes('ticket'));
    return metric ? [{ metric: metric.id, target: minutes, warning_target, org_schedule_id: schedule.id }] : [];
  };
  await makeSla({
    name: 'Customer response', sla_type: 'external', applies_to: ['ticket'],
    policies: [{
      name: 'Everything', selector: { applies_to: 'ticket' },
      metrics: [...target('First response time', 240, 180), ...target('Resolution time', 960, 720)],
    }],
  });
}
