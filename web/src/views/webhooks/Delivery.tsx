// One delivery whole: what was sent, and each attempt with its request and its answer.
import { useState } from 'react';
import type { WebhookDeliveryAttempt } from '../../api/types.gen';
import { asRefusal } from '../../api/errors';
import { useDelivery } from '../../store/webhooks';
import { en } from '../../text/en';
import { inFull } from '../../text/format';
import { Failed, Kbd } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { outcome, pretty, state } from '../../works/webhooks';

export function Delivery({ id, present, onAgain, onClose }: { id: string; present: number; onAgain: () => void; onClose: () => void }) {
  const query = useDelivery(id);
  const delivery = query.data;
  const [chosen, choose] = useState<number>();
  if (!delivery) return <aside className="side" aria-label="Delivery" aria-busy={!query.error}>{query.error && <Failed why={asRefusal(query.error)} onRetry={() => void query.refetch()} />}</aside>;
  const shown = chosen !== undefined && chosen < delivery.attempts.length ? chosen : delivery.attempts.length - 1;
  const attempt = delivery.attempts[shown];
  const { text, heat } = state(delivery, present);
  return (
    <aside className="side hook-delivery" aria-label="Delivery">
      <div className="sh">
        <span className={`said ${heat}`}>{en.sentence(text)}</span>
        <div className="tools">
          <button type="button" className="btn" onClick={onAgain}>Send again <Kbd>R</Kbd></button>
          <button type="button" className="btn" aria-label="Close the panel" onClick={onClose}><Icon name="x" /></button>
        </div>
      </div>
      <div className="in" tabIndex={0} role="region" aria-label="The delivery whole">
        <h2 className="ti"><code>{delivery.type}</code></h2>
        <p className="quiet"><time dateTime={delivery.created_date}>{inFull(delivery.created_date)}</time></p>
        {delivery.attempts.length > 1 && (
          <div className="tries" role="group" aria-label="Tries">
            {delivery.attempts.map((each, at) => (
              <button key={each.date} type="button" aria-pressed={at === shown} className={each.error ? 'bad' : ''} onClick={() => choose(at)}>{at + 1}<span className="sr">: {outcome(each)}</span></button>
            ))}
          </div>
        )}
        {attempt ? <Attempt attempt={attempt} n={shown + 1} /> : <p className="quiet">Nothing was sent yet.</p>}
        <h3>What is sent</h3>
        <pre tabIndex={0} aria-label="The body of the request"><code>{delivery.payload ? JSON.stringify(delivery.payload, null, 2) : 'It was not kept.'}</code></pre>
      </div>
    </aside>
  );
}

function Attempt({ attempt, n }: { attempt: WebhookDeliveryAttempt; n: number }) {
  return (
    <>
      <h3>Try {n}: {attempt.error ?? `answered ${attempt.response_status}`} <span className="quiet">{en.number(attempt.duration_ms)} ms, {new Date(attempt.date).toLocaleTimeString('en-GB')}</span></h3>
      {attempt.response_body !== undefined && (
        <>
          <h4>Answer</h4>
          <pre tabIndex={0} aria-label="The body of the answer"><code>{attempt.response_body === '' ? '(empty)' : pretty(attempt.response_body)}</code></pre>
        </>
      )}
      <h4>Request</h4>
      <dl className="headers">
        <dt>POST</dt><dd>{attempt.url}</dd>
        {attempt.headers.map(({ name, value }) => <div key={name}><dt>{name}</dt><dd>{value ?? <span className="quiet">not kept</span>}</dd></div>)}
      </dl>
    </>
  );
}
