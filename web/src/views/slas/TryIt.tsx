// A sentence whose parts are picked: what is promised to a ticket that comes then.
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Sla, TicketSeverity } from '../../api/types.gen';
import { useCounted } from '../../store/promises';
import { Picker, type Choice } from '../../ui/Picker';
import { SEVERITIES } from '../../works/filter';
import { minutesText, policyFor } from '../../works/promise';
import { readDate } from '../../fields/dates';

/** What was tried, to be drawn. */
export interface Tried {
  schedule: string | undefined;
  from: number;
  spans: ReadonlyArray<{ from: number; to: number }>;
  due: number | undefined;
}

const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', hour: '2-digit', minute: '2-digit' });
const far = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const said = (at: number): string => (Math.abs(at - Date.now()) < 6 * 86_400_000 ? weekday : far).format(at).replace(',', '');
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const DOES: Record<string, string> = { 'First response time': 'be answered', 'Next response time': 'be answered again', 'Resolution time': 'be resolved' };

function quarter(at: number): number {
  return Math.floor(at / 900_000) * 900_000;
}

/** Days, from today on, each at some hours. */
function times(typed: string): Choice[] {
  const now = new Date();
  const clock = /(\d{1,2}):(\d{2})\s*$/.exec(typed);
  const day = readDate(typed.replace(/\s*\d{1,2}:\d{2}\s*$/, ''), now);
  const at = (days: number, hour: number, minute: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, minute);
  const choices = Array.from({ length: 7 }, (_, days) => (clock ? [at(days, Number(clock[1]), Number(clock[2]))] : [at(days, 8, 0), at(days, 15, 30), at(days, 22, 0)])).flat();
  if (day && clock) choices.unshift(new Date(day.getFullYear(), day.getMonth(), day.getDate(), Number(clock[1]), Number(clock[2])));
  return choices.map((date) => ({ id: String(date.getTime()), label: far.format(date).replace(',', ''), pick: () => undefined }));
}

type Part = 'severity' | 'metric' | 'time';

export function TryIt({ sla, onTried }: { sla: Sla; onTried: (tried: Tried | undefined) => void }) {
  const [severity, setSeverity] = useState<TicketSeverity>('high');
  const [from, setFrom] = useState(() => quarter(Date.now()));
  const [chosen, setMetric] = useState<string>();
  const [asked, ask] = useState<Part>();
  const [typed, setTyped] = useState('');
  const policy = policyFor(sla.policies, severity);
  const target = policy?.metrics.find((each) => each.metric?.id === chosen) ?? policy?.metrics[0];
  const counted = useCounted(target?.org_schedule?.id, from, target?.target);
  const schedule = target?.org_schedule?.id;
  const tried = useMemo(() => (counted.data ? { schedule, from, ...counted.data } : undefined), [counted.data, schedule, from]);
  useEffect(() => onTried(tried), [tried]);
  if (!sla.applies_to.includes('ticket') || sla.policies.length === 0) return null;
  const part = (name: Part, children: ReactNode) => <button type="button" className="blank-of" onClick={() => ask(name)}>{children}</button>;
  const done = (): void => { ask(undefined); setTyped(''); };
  const due = counted.data?.due;
  return (
    <section className="try" aria-label="Try it">
      <h2>Try it</h2>
      <p>{tried && schedule ? 'Drawn into the week below' : 'What is promised to a ticket'}</p>
      <p className="sentence">
        A {part('severity', upper(severity))} ticket that comes {part('time', said(from))}{' '}
        {!target ? 'is promised nothing.' : (
          <>
            has to {part('metric', DOES[target.metric?.name ?? ''] ?? `meet ${target.metric?.name ?? ''}`)} within {minutesText(target.target)}
            {due !== undefined && <>, by <b>{said(due)}</b></>}
            {counted.data && due === undefined && <>, which its hours do not reach</>}.
          </>
        )}
        {policy && <span className="quiet">By {policy.name}</span>}
      </p>
      {asked === 'severity' && (
        <Picker title="Severity" groups={[{ label: '', items: SEVERITIES.map((each) => ({ id: each, label: upper(each), isOn: each === severity, pick: () => setSeverity(each) })) }]} onClose={done} />
      )}
      {asked === 'metric' && policy && (
        <Picker
          title="What it has to" onClose={done}
          groups={[{ label: '', items: policy.metrics.flatMap(({ metric }) => (metric ? [{ id: metric.id, label: DOES[metric.name] ?? metric.name, isOn: metric.id === target?.metric?.id, pick: () => setMetric(metric.id) }] : [])) }]}
        />
      )}
      {asked === 'time' && (
        <Picker
          title="When it comes" placeholder="When: 3 Dec 14:00, 09:30" onClose={done} onQuery={setTyped} empty="Write a time, such as 3 Dec 14:00."
          groups={[{ label: '', isFound: true, items: [
            { id: 'now', label: 'Now', pick: () => setFrom(quarter(Date.now())) },
            ...times(typed).map((choice) => ({ ...choice, pick: () => setFrom(Number(choice.id)) })),
          ] }]}
        />
      )}
    </section>
  );
}
