// The clock of a work, opened: what is due and when, the days with counted and open time, and the
// spans in words. All of it is what the server explains.
import type { SlaExplainedMetric } from '../../api/types.gen';
import { useExplanation } from '../../store/asked';
import { useSignal } from '../../store/hooks';
import { moment, span, timeOfDay } from '../../text/format';
import { useClock } from '../../ui/bits';
import { now } from '../../ui/now';
import type { Work } from '../../works/work';
import { Ruler } from './Ruler';

export function Promised({ work }: { work: Work }) {
  const state = useClock(work);
  const at = useSignal(now);
  const { data } = useExplanation(work.sla_tracker?.id, work.id);
  if (!state || !work.sla_summary) return null;
  const target = work.sla_summary.target_time;
  const metric = data?.metrics.find((each) => each.metric_definition?.name === work.sla_summary?.closest_to_breach_metric) ?? data?.metrics[0];
  const due = target ? Date.parse(target) : undefined;
  const title = state.isPaused ? 'Paused'
    : due === undefined ? 'Running'
      : due <= at ? `Late since ${moment(due, at)}`
        : `Due ${new Date(due).toDateString() === new Date(at).toDateString() ? 'today at' : ''} ${moment(due, at)}`;
  return (
    <section className={`promise ${state.heat}`} aria-label="Clock">
      <header>
        <b>{title}</b>
        {due !== undefined && !state.isPaused && <span>{due > at ? `${span(due - at)} left` : `${span(at - due)} late`}</span>}
        <span className="r">{[metric?.metric_definition?.name, data?.policy, metric?.org_schedule?.name].filter(Boolean).join(', ')}</span>
      </header>
      {metric && <Ruler metric={metric} due={due} at={at} />}
      {metric && <Spans metric={metric} at={at} />}
    </section>
  );
}

/** The server says what began a span; names of stages have lines in them. */
const cause = (rule: string): string => rule.replaceAll('_', ' ');

function Spans({ metric, at }: { metric: SlaExplainedMetric; at: number }) {
  const rows = metric.spans.flatMap((each, nth) => each.intervals.map((interval, part) => ({
    ...interval,
    by: cause(each.started_by.rule),
    isOpen: !each.stopped_by && nth === metric.spans.length - 1 && part === each.intervals.length - 1,
  })));
  const shown = rows.slice(-4);
  return (
    <ul className="spans">
      {shown.map((row) => {
        const [from, to] = [Date.parse(row.from), Date.parse(row.to)];
        const isOneDay = new Date(from).toDateString() === new Date(to).toDateString();
        return (
          <li key={row.from}>
            <span>{moment(from, at)} to {row.isOpen ? 'now' : isOneDay ? timeOfDay(to) : moment(to, at)}</span>
            <span>{span(row.seconds * 1000)}</span>
            <span>since {row.by}</span>
          </li>
        );
      })}
      <li className="sum">
        <span>Counted so far</span>
        <span>{span(metric.elapsed_seconds * 1000)}</span>
        <span>{metric.target_seconds === undefined ? '' : `of ${span(metric.target_seconds * 1000)}`}</span>
      </li>
    </ul>
  );
}

