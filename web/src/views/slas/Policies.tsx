// The policies of an SLA, in the order in which they are tried.
import { useState } from 'react';
import type { MetricDefinition, OrgSchedule, SetSlaPolicy, Sla, TicketSeverity } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { useTags } from '../../store/asked';
import { changeSla, useMetrics } from '../../store/promises';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { ActionMenu } from '../../ui/Menu';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { SEVERITIES } from '../../works/filter';
import { asSet, forWhom, minutesText, readMinutes } from '../../works/promise';

/** What metrics are called in a heading. */
const short = (name: string): string => ({
  'First response time': 'First answer', 'Next response time': 'Next answer', 'Resolution time': 'Resolution', 'Issue resolution time': 'Resolution',
}[name] ?? name);

export function Policies({ sla, schedules }: { sla: Sla; schedules: readonly OrgSchedule[] }) {
  const [edited, edit] = useState<number>();
  const act = useAct();
  const isDraft = sla.status === 'draft';
  const metrics = [...new Map(sla.policies.flatMap((policy) => policy.metrics).flatMap(({ metric }) => (metric ? [[metric.id, metric.name] as const] : [])))];
  const write = (policies: SetSlaPolicy[]): void => void act.run(() => changeSla({ id: sla.id, policies }), 'slas');
  const set = sla.policies.map(asSet);
  const swap = (at: number, by: number): void => {
    const next = [...set];
    const [moved] = next.splice(at, 1);
    if (moved) next.splice(at + by, 0, moved);
    write(next);
  };
  return (
    <>
      <div className="scroller" tabIndex={0} role="region" aria-label="Policies">
        <table className="facts policies">
          <thead>
            <tr>
              <th scope="col">Policy</th><th scope="col">For</th>
              {metrics.map(([id, name]) => <th key={id} scope="col">{short(name)}</th>)}
              <th scope="col">Hours</th>{isDraft && <th scope="col"><span className="sr">What can be done</span></th>}
            </tr>
          </thead>
          <tbody>
            {sla.policies.map((policy, at) => (
              <tr key={at}>
                <td>{isDraft ? <button type="button" className="as-text" onClick={() => edit(at)}>{policy.name}</button> : policy.name}</td>
                <td className="for">{forWhom(policy.selector)}</td>
                {metrics.map(([id]) => {
                  const target = policy.metrics.find((each) => each.metric?.id === id);
                  return <td key={id}>{target ? <>{minutesText(target.target)}{target.warning_target ? `, warm at ${minutesText(target.warning_target)}` : null}</> : <span className="quiet">–</span>}</td>;
                })}
                <td className="hrs">{[...new Set(policy.metrics.map((each) => each.org_schedule?.name ?? 'All hours'))].join(', ')}</td>
                {isDraft && (
                  <td className="r">
                    <ActionMenu
                      label={`${policy.name}: what can be done`} trigger={<Icon name="more" />}
                      items={[
                        { id: 'edit', label: 'Edit', run: () => edit(at) },
                        ...(at > 0 ? [{ id: 'up', label: 'Try earlier', run: () => swap(at, -1) }] : []),
                        ...(at < set.length - 1 ? [{ id: 'down', label: 'Try later', run: () => swap(at, 1) }] : []),
                        { id: 'off', label: 'Take away', run: () => write(set.filter((_, index) => index !== at)) },
                      ]}
                    />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {act.why && <p className="wrong" role="alert">{en.refusal(act.why)}</p>}
      {sla.policies.length === 0 && <p className="note-here">There is no policy yet, so nothing is promised.</p>}
      {isDraft && <button type="button" className="btn add" onClick={() => edit(set.length)}><Icon name="plus" />Policy</button>}
      {edited !== undefined && (
        <PolicySheet
          sla={sla} policy={set[edited]} schedules={schedules} onClose={() => edit(undefined)}
          onWrite={(policy) => { const next = [...set]; next[edited] = policy; return changeSla({ id: sla.id, policies: next }); }}
        />
      )}
    </>
  );
}

interface Target {
  target: string;
  warning: string;
}

function PolicySheet({ sla, policy, schedules, onWrite, onClose }: {
  sla: Sla;
  policy: SetSlaPolicy | undefined;
  schedules: readonly OrgSchedule[];
  onWrite: (policy: SetSlaPolicy) => Promise<void>;
  onClose: () => void;
}) {
  const kind = policy?.selector.applies_to ?? sla.applies_to[0] ?? 'ticket';
  const metrics: MetricDefinition[] = (useMetrics().data ?? []).filter((each) => each.applies_to.includes(kind));
  const { data: tags = [] } = useTags();
  const [name, setName] = useState(policy?.name ?? '');
  const [severity, setSeverity] = useState<readonly TicketSeverity[]>(policy?.selector.severity ?? []);
  const [tag, setTag] = useState(policy?.selector.tags?.[0] ?? '');
  const [targets, setTargets] = useState<ReadonlyMap<string, Target>>(() => new Map((policy?.metrics ?? []).map((each) => [each.metric, {
    target: minutesText(each.target), warning: each.warning_target ? minutesText(each.warning_target) : '',
  }])));
  const usable = schedules.filter(({ status }) => status === 'published');
  const [schedule, setSchedule] = useState(policy ? policy.metrics?.[0]?.org_schedule_id ?? '' : usable[0]?.id ?? '');
  const act = useAct();
  const wrong = [...targets.values()].some(({ target, warning }) => (target !== '' && !readMinutes(target)) || (warning !== '' && !readMinutes(warning)));
  const put = (id: string, some: Partial<Target>): void => setTargets((now) => new Map(now).set(id, { target: '', warning: '', ...now.get(id), ...some }));
  const send = async (): Promise<void> => {
    const { severity: _, tags: __, ...rest } = policy?.selector ?? { applies_to: kind };
    const written: SetSlaPolicy = {
      name: name.trim(),
      selector: { ...rest, ...(severity.length > 0 ? { severity: [...severity] } : {}), ...(tag ? { tags: [tag, ...(policy?.selector.tags ?? []).slice(1)] } : {}) },
      metrics: [...targets].flatMap(([metric, { target, warning }]) => {
        const minutes = readMinutes(target);
        const warn = readMinutes(warning);
        return minutes ? [{ metric, target: minutes, ...(warn ? { warning_target: warn } : {}), ...(schedule ? { org_schedule_id: schedule } : {}) }] : [];
      }),
    };
    if (await act.run(() => onWrite(written), 'slas')) onClose();
  };
  return (
    <Sheet title={policy ? policy.name : 'New policy'} submit="Save" why={act.why} isBusy={act.isBusy} canSend={name.trim() !== '' && !wrong} onSend={() => void send()} onClose={onClose} isWide>
      <Input label="Name" value={name} onChange={setName} isFirst required />
      {kind === 'ticket' && (
        <fieldset className="ticks"><legend>Severity; none is any</legend>
          {SEVERITIES.map((each) => (
            <label key={each} className="tick">
              <input type="checkbox" checked={severity.includes(each)} onChange={(event) => setSeverity(event.target.checked ? [...severity, each] : severity.filter((one) => one !== each))} />{each}
            </label>
          ))}
        </fieldset>
      )}
      <div className="row-of">
        <Select label="Tag" value={tag} onChange={setTag} options={[['', 'Any'], ...tags.map((each): [string, string] => [each.id, each.name])]} />
        <Select label="Hours" value={schedule} onChange={setSchedule} options={[['', 'All hours'], ...usable.map((each): [string, string] => [each.id, each.name])]} />
      </div>
      {metrics.map((metric) => {
        const { target = '', warning = '' } = targets.get(metric.id) ?? {};
        return (
          <div key={metric.id} className="row-of target">
            <span>{metric.name}</span>
            <Input label="Within" value={target} onChange={(value) => put(metric.id, { target: value })} placeholder="not promised" />
            <Input label="Warm at" value={warning} onChange={(value) => put(metric.id, { warning: value })} placeholder="never" />
          </div>
        );
      })}
      {wrong && <p className="wrong">Write how long as 45 min, 4 h or 1 h 30.</p>}
    </Sheet>
  );
}
