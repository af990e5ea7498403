// The clock of a work, opened: what is due and when, the days with counted and open time, and the
// spans in words. All of it is what the server explains.
import type { SlaExplainedMetric } from '../../api/types.gen';
import { useExplanation, useStages } from '../../store/asked';
import { useSignal } from '../../store/hooks';
import { moment, span, timeOfDay } from '../../text/format';
import { useClock } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { now } from '../../ui/now';
import { spansOf, warmSince, type Span } from '../../works/clock';
import type { Work } from '../../works/work';
import { Ruler } from './Ruler';

export function Promised({ work }: { work: Work }) {
  const state = useClock(work);
  const at = useSignal(now);
  const { data } = useExplanation(work.sla_tracker?.id, work.id);
  if (!state || !work.sla_summary) return null;
  const target = work.sla_summary.target_time;
  const metric = data?.metrics.find((each) => each.metric_definition?.name === work.sla_summary?.closest_to_breach_metric) ?? data?.metrics[0];
  const spans = metric ? spansOf(metric, at) : [];
  const due = target ? Date.parse(target) : undefined;
  const warm = metric && state.heat === 'warm' ? warmSince(metric) : undefined;
  const title = state.isPaused ? 'Paused'
    : due === undefined ? 'Running'
      : due <= at ? `Late since ${moment(due, at)}`
        : `Due ${new Date(due).toDateString() === new Date(at).toDateString() ? 'today at ' : ''}${moment(due, at)}`;
  return (
    <section className={`promise ${state.heat}`} aria-label="Clock">
      <header>
        <b>{title}</b>
        {due !== undefined && !state.isPaused && <span>{due > at ? `${span(due - at)} left` : `${span(at - due)} late`}</span>}
        <span className="r">{[metric?.metric_definition?.name, data?.policy].filter(Boolean).join(', ')}</span>
      </header>
      {metric && <Ruler spans={spans} warm={warm} due={due} at={at} hasHours={metric.org_schedule !== undefined} />}
      {metric && <Spans spans={spans} warm={warm} metric={metric} policy={data?.policy} at={at} />}
      <Ended metrics={(data?.metrics ?? []).filter((each) => each !== metric)} />
    </section>
  );
}

/** The server says what began or ended a span, with the name of a stage. */
function cause(rule: string, stage: (name: string) => string): string {
  const found = /^entered (?:final )?stage ([^,]+)/.exec(rule)?.[1];
  if (found) return `in ${stage(found)}`;
  if (rule.startsWith('needs_response')) return rule.endsWith('set') ? 'a question waits' : 'it was answered';
  return rule.replace('metric-action.execute ', 'told to ').replaceAll('_', ' ');
}

const SHOWN = 5;

function Spans({ spans, warm, metric, policy, at }: {
  spans: Span[];
  warm: number | undefined;
  metric: SlaExplainedMetric;
  policy: string | undefined;
  at: number;
}) {
  const { data: stages } = useStages();
  const stage = (name: string): string => stages?.get(name)?.display_name ?? name.replaceAll('_', ' ');
  const target = metric.target_seconds;
  return (
    <ul className="spans">
      {spans.slice(-SHOWN).map((each) => {
        const isOneDay = new Date(each.from).toDateString() === new Date(each.to).toDateString();
        return (
          <li key={`${each.from} ${each.isPaused}`} className={each.isPaused ? 'off' : ''}>
            <span>{moment(each.from, at)} to {each.isOpen ? 'now' : isOneDay ? timeOfDay(each.to) : moment(each.to, at)}</span>
            <span>{each.isPaused ? 'paused' : span(each.ms)}</span>
            <span>
              {each.isPaused ? 'while' : each.isOpen ? 'counting,' : 'counted,'} {cause(each.why, stage)}
              {each.isOpen && !each.isPaused && warm !== undefined && `; warm since ${moment(warm, at)}`}
            </span>
          </li>
        );
      })}
      <li className="sum">
        <span>Counted so far</span>
        <span>{span(metric.elapsed_seconds * 1000)}</span>
        <span>{[
          target === undefined ? '' : `of the ${span(target * 1000)}${policy ? ` that policy ${policy} gives` : ''}`,
          metric.org_schedule ? `in ${metric.org_schedule.name}` : '',
        ].filter(Boolean).join(', ')}</span>
      </li>
    </ul>
  );
}

/** The other promises of the same policy that have ended. */
function Ended({ metrics }: { metrics: SlaExplainedMetric[] }) {
  const ended = metrics.filter((metric) => metric.target_seconds !== undefined && metric.spans.length > 0 && metric.spans.at(-1)?.stopped_by);
  return ended.map((metric) => {
    const isKept = metric.elapsed_seconds <= (metric.target_seconds ?? 0);
    return (
      <p key={metric.metric_definition?.id} className={isKept ? 'ended' : 'ended bad'}>
        <Icon name={isKept ? 'check' : 'no'} />
        {metric.metric_definition?.name} {isKept ? 'kept' : 'broken'}: {span(metric.elapsed_seconds * 1000)} of {span((metric.target_seconds ?? 0) * 1000)}
      </p>
    );
  });
}
