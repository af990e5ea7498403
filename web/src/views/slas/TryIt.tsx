// A sentence whose parts are picked: what is promised to a work that comes then.
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Account, OrgSchedule, Sla, TagSummary, TicketSeverity } from '../../api/types.gen';
import { useAccounts } from '../../store/asked';
import { useCounted } from '../../store/promises';
import { en } from '../../text/en';
import { Picker, type Choice } from '../../ui/Picker';
import { SEVERITIES } from '../../works/filter';
import { isFor, minutesText, policyFor, readMinutes } from '../../works/promise';
import { instant, wall } from '../../works/week';
import { readDate } from '../../fields/dates';

/** What was tried, to be drawn. */
export interface Tried {
  schedule: string | undefined;
  from: number;
  spans: ReadonlyArray<{ from: number; to: number }>;
  due: number | undefined;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const DOES: Record<string, string> = {
  'First response time': 'be answered', 'Next response time': 'be answered again', 'Resolution time': 'be resolved', 'Issue resolution time': 'be resolved',
};
const DAYS_NEAR = 6;

/** A moment as the clocks of a zone have it: by its weekday if that is near, with the day if not. */
function said(at: number, zone: string, isNear = Math.abs(at - Date.now()) < DAYS_NEAR * 86_400_000): string {
  const day: Intl.DateTimeFormatOptions = isNear ? { weekday: 'long' } : { weekday: 'short', day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat('en-GB', { ...day, hour: '2-digit', minute: '2-digit', timeZone: zone }).format(at).replace(',', '').replace(/ at /, ' ');
}

function quarter(at: number): number {
  return Math.floor(at / 900_000) * 900_000;
}

/** Days, from today on, each at some hours. */
function times(typed: string, zone: string): Choice[] {
  const now = wall(Date.now(), zone);
  const clock = /(\d{1,2}):(\d{2})\s*$/.exec(typed);
  const day = readDate(typed.replace(/\s*\d{1,2}:\d{2}\s*$/, ''), new Date(now.year, now.month - 1, now.day));
  const at = (date: Date, hour: number, minute: number): number =>
    instant({ year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate(), minute: hour * 60 + minute }, zone);
  const ahead = Array.from({ length: 7 }, (_, days) => new Date(now.year, now.month - 1, now.day + days));
  const hours: ReadonlyArray<readonly [number, number]> = clock ? [[Number(clock[1]), Number(clock[2])]] : [[8, 0], [15, 30], [22, 0]];
  const found = [...(day ? [day] : []), ...ahead].flatMap((date) => hours.map(([hour, minute]) => at(date, hour, minute)));
  return [...new Set(found)].map((moment) => ({ id: String(moment), label: said(moment, zone, false), pick: () => undefined }));
}

/** What was typed, else what the policy says and what may be tried beside it. */
function durations(typed: string, promised: number): number[] {
  const written = readMinutes(typed);
  if (typed.trim() !== '') return written === undefined ? [] : [written];
  return [promised, ...LONG_TRIED.filter((each) => each !== promised)];
}

/** How long is tried beside what the policy says, in minutes. */
const LONG_TRIED = [30, 60, 120, 240, 480, 960, 1440, 2400];

type Part = 'severity' | 'tag' | 'customer' | 'metric' | 'time' | 'within';

export function TryIt({ sla, schedules, onTried }: { sla: Sla; schedules: readonly OrgSchedule[]; onTried: (tried: Tried | undefined) => void }) {
  const [severity, setSeverity] = useState<TicketSeverity>('high');
  const [customer, setCustomer] = useState<Account>();
  const [tag, setTag] = useState<TagSummary>();
  const [from, setFrom] = useState(() => quarter(Date.now()));
  const [chosen, setMetric] = useState<string>();
  const [within, setWithin] = useState<number>();
  const [asked, ask] = useState<Part>();
  const [typed, setTyped] = useState('');
  const { data: accounts = [] } = useAccounts();
  const kind = sla.applies_to.includes('ticket') ? 'ticket' : sla.applies_to.includes('issue') ? 'issue' : undefined;
  const isExternal = sla.sla_type === 'external' && kind === 'ticket';
  const isHeld = !customer || isFor(sla, customer) !== false;
  const policy = kind && isHeld ? policyFor(sla.policies, kind, severity, tag?.id) : undefined;
  const target = policy?.metrics.find((each) => each.metric?.id === chosen) ?? policy?.metrics[0];
  const schedule = target?.org_schedule?.id;
  const zone = schedules.find(({ id }) => id === schedule)?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const minutes = target && (within ?? target.target);
  const counted = useCounted(schedule, from, minutes);
  const tried = useMemo(() => (counted.data ? { schedule, from, ...counted.data } : undefined), [counted.data, schedule, from]);
  useEffect(() => onTried(tried), [tried]);
  if (!kind || sla.policies.length === 0) return null;
  const tags = [...new Map(sla.policies.flatMap(({ selector }) => selector.tags ?? []).map((each) => [each.id, each])).values()];
  const part = (name: Part, children: ReactNode) => <button type="button" className="blank-of" onClick={() => ask(name)}>{children}</button>;
  const done = (): void => { ask(undefined); setTyped(''); };
  const due = counted.data?.due;
  const any = (label: string, isOn: boolean, pick: () => void): Choice => ({ id: 'any', label, isOn, pick });
  return (
    <section className="try" aria-label="Try it">
      <h2>Try it</h2>
      <p>{tried && schedule ? 'Drawn into the week below' : `What is promised to ${en.aType[kind]}`}</p>
      <p className="sentence">
        {kind === 'ticket' ? <>A {part('severity', upper(severity))} ticket</> : 'An issue'}
        {tags.length > 0 && <> {part('tag', tag ? <>tagged <bdi>{tag.name}</bdi></> : 'without a tag')}</>}
        {isExternal && <> of {part('customer', <bdi>{customer?.display_name ?? 'any customer'}</bdi>)}</>}
        {' '}that comes {part('time', said(from, zone))}{' '}
        {!target ? (isHeld ? 'is promised nothing.' : 'has no promise by this SLA.') : (
          <>
            has to {part('metric', DOES[target.metric?.name ?? ''] ?? `meet ${target.metric?.name ?? ''}`)} within {part('within', minutesText(minutes ?? 0))}
            {due !== undefined && <>, by <b>{said(due, zone)}</b></>}
            {counted.data && due === undefined && <>, which its hours do not reach</>}.
          </>
        )}
        {policy && <span className="quiet">Policy: <bdi>{policy.name}</bdi>{target && minutes !== target.target && `, which says ${minutesText(target.target)}`}</span>}
      </p>
      {asked === 'severity' && (
        <Picker title="Severity" groups={[{ label: '', items: SEVERITIES.map((each) => ({ id: each, label: upper(each), isOn: each === severity, pick: () => setSeverity(each) })) }]} onClose={done} />
      )}
      {asked === 'tag' && (
        <Picker
          title="Tag" onClose={done} groups={[{ label: '', items: [
            any('Without a tag', !tag, () => setTag(undefined)),
            ...tags.map((each) => ({ id: each.id, label: each.name, isOn: each.id === tag?.id, pick: () => setTag(each) })),
          ] }]}
        />
      )}
      {asked === 'customer' && (
        <Picker
          title="Customer" onClose={done} groups={[{ label: '', items: [
            any('Any customer', !customer, () => setCustomer(undefined)),
            ...accounts.map((each) => ({ id: each.id, label: each.display_name, hint: each.tier, isOn: each.id === customer?.id, pick: () => setCustomer(each) })),
          ] }]}
        />
      )}
      {asked === 'metric' && policy && (
        <Picker
          title="What it has to" onClose={done}
          groups={[{ label: '', items: policy.metrics.flatMap(({ metric }) => (metric ? [{ id: metric.id, label: upper(DOES[metric.name] ?? metric.name), isOn: metric.id === target?.metric?.id, pick: () => setMetric(metric.id) }] : [])) }]}
        />
      )}
      {asked === 'within' && target && (
        <Picker
          title="Within" placeholder="Within: 4 h, 45 min, 1 h 30" onClose={done} onQuery={setTyped} empty="Write how long, such as 45 min or 4 h."
          groups={[{ label: '', isFound: true, items: durations(typed, target.target).map((each) => ({
            id: String(each), label: minutesText(each), isOn: each === minutes, pick: () => setWithin(each === target.target ? undefined : each),
            ...(each === target.target ? { hint: 'as the policy says' } : {}),
          })) }]}
        />
      )}
      {asked === 'time' && (
        <Picker
          title="When it comes" placeholder="When: 3 Dec 14:00, 09:30" onClose={done} onQuery={setTyped} empty="Write a time, such as 3 Dec 14:00."
          groups={[{ label: '', isFound: true, items: [
            { id: 'now', label: 'Now', pick: () => setFrom(quarter(Date.now())) },
            ...times(typed, zone).map((choice) => ({ ...choice, pick: () => setFrom(Number(choice.id)) })),
          ] }]}
        />
      )}
    </section>
  );
}
