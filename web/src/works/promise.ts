// Policies in words, and which one is for a ticket. How long is written and read as people do.
import type { Account, SetSlaPolicy, Sla, SlaAppliesTo, SlaPolicy, SlaSelector, SlaTracker, TicketSeverity } from '../api/types.gen';
import { en } from '../text/en';

/** "45 min", "4 h", "1 h 30". */
export function minutesText(minutes: number): string {
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${String(rest).padStart(2, '0')}`;
}

/** "4 h", "45 min", "1 h 30", "1:30", "2 days" as minutes; a bare number is hours. */
export function readMinutes(text: string): number | undefined {
  const typed = text.trim().toLowerCase();
  const clock = /^(\d+)\s*(?:h\w*\s*|:)(\d{1,2})\s*(?:m\w*)?$/.exec(typed);
  if (clock) return Number(clock[2]) < 60 ? Number(clock[1]) * 60 + Number(clock[2]) : undefined;
  const one = /^(\d+(?:[.,]\d+)?)\s*(m|min|minutes?|h|hours?|d|days?)?$/.exec(typed);
  if (!one) return undefined;
  const unit = (one[2] ?? 'h').charAt(0);
  const minutes = Number((one[1] ?? '').replace(',', '.')) * (unit === 'm' ? 1 : unit === 'h' ? 60 : 1440);
  return Number.isInteger(minutes) && minutes > 0 ? minutes : undefined;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "Ticket, severity Blocker or High, tag customer-impact". */
export function forWhom(selector: SlaSelector): string {
  const said = (name: string, values: readonly string[] | undefined): string[] =>
    values && values.length > 0 ? [`${name} ${en.or([...values])}`] : [];
  const named = (of: ReadonlyArray<{ name?: string; display_name?: string; id: string }> | undefined): string[] | undefined =>
    of?.map((each) => each.name ?? each.display_name ?? each.id);
  const parts = [
    ...said('severity', selector.severity?.map(upper)),
    ...said('priority', selector.priority?.map(upper)),
    ...said('tag', named(selector.tags)),
    ...said('part', named(selector.parts)),
    ...said('owner', named(selector.owners)),
    ...said('group', named(selector.groups)),
    ...said('subtype', selector.subtype),
    ...said('from', selector.source_channel ?? selector.ticket_source_channel),
    ...Object.keys(selector.custom_fields ?? {}).map((name) => `a certain ${name.replace(/^(tnt|ctype|app)__/, '')}`),
    ...(selector.issue_selector && Object.keys(selector.issue_selector).length > 0 ? ['certain issues'] : []),
  ];
  return [upper(selector.applies_to), ...(parts.length > 0 ? parts : ['any'])].join(', ');
}

/** The first policy that holds for a work of which nothing else is known than this. */
export function policyFor(policies: readonly SlaPolicy[], kind: SlaAppliesTo, severity: TicketSeverity, tag?: string): SlaPolicy | undefined {
  return policies.find(({ selector }) => {
    const { applies_to, severity: wanted, tags, ...rest } = selector;
    const isPlain = Object.values(rest).every((value) => value === undefined || Object.keys(value as object).length === 0);
    return applies_to === kind && isPlain && (!wanted?.length || (kind === 'ticket' && wanted.includes(severity)))
      && (!tags?.length || tags.some(({ id }) => id === tag));
  });
}

const filterOf = (sla: Sla): { tier?: string[] } => (sla.account_filter ?? {}) as { tier?: string[] };

/** Whether an SLA is for a customer; undefined if it looks at more than the tier. */
export function isFor(sla: Sla, account: Pick<Account, 'tier'>): boolean | undefined {
  const { tier, ...more } = filterOf(sla);
  if (tier?.length && !tier.includes(account.tier ?? '')) return false;
  return Object.keys(more).length > 0 ? undefined : true;
}

/**
 * The SLA that holds for the tickets of a customer, of those that are published, the oldest first; undefined if that
 * can't be told here. A workspace can be assigned another one.
 */
export function slaFor(slas: readonly Sla[], account: Pick<Account, 'tier'>): Sla | 'none' | undefined {
  const all = slas.filter((sla) => sla.status === 'published' && sla.sla_type === 'external' && sla.applies_to.includes('ticket'))
    .sort((a, b) => Date.parse(a.created_date ?? '') - Date.parse(b.created_date ?? ''));
  const isPicky = (sla: Sla): boolean => Object.keys(filterOf(sla)).length > 0;
  for (const sla of all.filter(isPicky)) {
    const fits = isFor(sla, account);
    if (fits === undefined) return undefined;
    if (fits) return sla;
  }
  return all.find((sla) => !isPicky(sla)) ?? 'none';
}

const ids = (of: ReadonlyArray<{ id: string }> | undefined) => of?.map(({ id }) => id);

/** A policy as it is written, from what was read. */
export function asSet({ name, selector, metrics }: SlaPolicy): SetSlaPolicy {
  const { tags, parts, owners, groups, issue_selector: issues, ...plain } = selector;
  const written = {
    ...plain, tags: ids(tags), parts: ids(parts), owners: ids(owners), groups: ids(groups),
    issue_selector: issues && { ...issues, owners: ids(issues.owners), parts: ids(issues.parts), rev_orgs: ids(issues.rev_orgs), tags: ids(issues.tags) },
  };
  return {
    name,
    // What is not there is left out, also where it is deeper.
    selector: JSON.parse(JSON.stringify(written)) as SetSlaPolicy['selector'],
    metrics: metrics.flatMap(({ metric, target, warning_target: warning, org_schedule: schedule, performance }) => (metric ? [{
      metric: metric.id, target, ...(warning === undefined ? {} : { warning_target: warning }),
      ...(schedule ? { org_schedule_id: schedule.id } : {}), ...(performance === undefined ? {} : { performance }),
    }] : [])),
  };
}

/** What became of a promise: kept, or which of its metrics were missed. */
export function outcome({ status, metric_target_summaries: metrics }: Pick<SlaTracker, 'status' | 'metric_target_summaries'>): { isKept: boolean; text: string } {
  if (status === 'hit') return { isKept: true, text: 'Kept' };
  const missed = metrics.filter((each) => each.status === 'miss' || each.breached_at).map((each) => each.metric_definition.name.replace(/ time$/, ''));
  return { isKept: false, text: missed.length > 0 ? `${en.sentence(en.and(missed.map((each) => each.toLowerCase())))} missed` : 'Missed' };
}

/** For whom an SLA is, in words. */
export function customersOf(sla: Sla): string {
  if (sla.sla_type === 'internal') return 'For everything that no promise to a customer is for';
  const { tier: tiers = [], ...rest } = filterOf(sla);
  const more = Object.keys(rest).length > 0;
  if (tiers.length > 0) return `For customers of tier ${en.or(tiers)}${more ? ', and further conditions' : ''}`;
  return more ? 'For certain customers' : 'For every customer that no other SLA is for';
}
