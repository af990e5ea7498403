// The promises that are over: what was kept, and what was not.
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useRover } from '../../commands/rover';
import { useRecord } from '../../store/promises';
import { en } from '../../text/en';
import { Empty, When } from '../../ui/bits';
import { Pending } from '../../ui/states';
import { idOf } from '../../works/work';

export function Record() {
  const [, go] = useLocation();
  const record = useRecord();
  const rows = record.data ?? [];
  const keys = useMemo(() => rows.map(({ tracker }) => tracker.id), [record.data]);
  const named = (id: string) => rows.find(({ tracker }) => tracker.id === id)?.work;
  const rover = useRover(keys, { onOpen: (id) => { const work = named(id); if (work) go(`/${idOf(work)}`); }, label: (id) => named(id)?.title ?? '' });
  if (!record.data) return <Pending of={[record]} />;
  if (rows.length === 0) return <Empty title="No promise is over yet"><p>What was kept and what was not is told here.</p></Empty>;
  const kept = rows.filter(({ tracker }) => tracker.status === 'hit').length;
  return (
    <div className="page" ref={rover.ref} tabIndex={0} role="region" aria-label="Record">
      <h2>{kept === rows.length ? 'Every promise was kept' : `${en.number(kept)} of the last ${en.number(rows.length)} promises were kept`}</h2>
      <p>The newest first</p>
      <table className="facts record">
        <thead><tr><th scope="col">Work</th><th scope="col">Title</th><th scope="col">SLA</th><th scope="col">What was missed</th><th scope="col" className="r">Changed</th></tr></thead>
        <tbody>
          {rows.map(({ tracker, work }) => (
            <tr key={tracker.id} data-key={tracker.id} className={rover.at === tracker.id ? 'cursor' : undefined} onClick={() => work && go(`/${idOf(work)}`)}>
              <td className="quiet">{work ? idOf(work) : '–'}</td>
              <td dir="auto">{work?.title ?? 'It was deleted'}</td>
              <td>{tracker.sla?.name}</td>
              <td>{tracker.status === 'hit' ? 'Kept' : <b className="late">{tracker.metric_target_summaries.filter((each) => each.status === 'miss' || each.breached_at).map((each) => each.metric_definition.name).join(', ') || 'Missed'}</b>}</td>
              <td className="r quiet"><When at={tracker.modified_date} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
