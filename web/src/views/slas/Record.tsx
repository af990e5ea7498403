// The promises that are over: what was kept, and what was not.
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useRover } from '../../commands/rover';
import { useRecord } from '../../store/promises';
import { en } from '../../text/en';
import { Empty, When } from '../../ui/bits';
import { Pending } from '../../ui/states';
import { outcome } from '../../works/promise';
import { idOf } from '../../works/work';
import type { SlaTracker } from '../../api/types.gen';

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
        <thead><tr><th scope="col">Work</th><th scope="col">Title</th><th scope="col">SLA</th><th scope="col">How it went</th><th scope="col" className="r">Over</th></tr></thead>
        <tbody>
          {rows.map(({ tracker, work }) => (
            <tr key={tracker.id} data-key={tracker.id} className={rover.at === tracker.id ? 'cursor' : undefined} onClick={() => work && go(`/${idOf(work)}`)}>
              <td className="quiet">{work ? idOf(work) : '–'}</td>
              <td><bdi>{work?.title ?? 'It was deleted'}</bdi></td>
              <td>{tracker.sla?.name}</td>
              <td><Outcome tracker={tracker} /></td>
              <td className="r quiet"><When at={tracker.modified_date} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Outcome({ tracker }: { tracker: SlaTracker }) {
  const { isKept, text } = outcome(tracker);
  return isKept ? text : <b className="late">{text}</b>;
}
