// Programs that are told of what happens: all webhooks, or one of them with what it was told.
import { useEffect, useMemo, useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import type { Webhook, WebhookDelivery } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { useRover } from '../../commands/rover';
import { useNewest, useWebhooks } from '../../store/webhooks';
import { en } from '../../text/en';
import { Avatar, Empty, Kbd, When } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Pending } from '../../ui/states';
import { STATES, lastAttempt, lastFailure, outcome, shortId, subjects } from '../../works/webhooks';
import { Code } from './Code';
import { Edit } from './Edit';
import { One } from './One';
import '../../styles/customers.css';
import '../../styles/webhooks.css';

export default function Webhooks() {
  const { id } = useParams<{ id?: string }>();
  const webhooks = useWebhooks();
  if (!id) return <All />;
  const one = webhooks.data?.find((each) => shortId(each.id) === id);
  if (one) return <One key={id} webhook={one} />;
  if (webhooks.data) return <main><Empty title="There is no such webhook"><p><a className="ref" href="/webhooks">All webhooks</a></p></Empty></main>;
  return (
    <main aria-busy={!webhooks.error}>
      <header className="head line"><nav className="crumb" aria-label="Where it is"><Link href="/webhooks">Webhooks</Link><Icon name="right" /><b>{id}</b></nav></header>
      <Pending of={[webhooks]} />
    </main>
  );
}

function All() {
  const [, go] = useLocation();
  const webhooks = useWebhooks();
  const { data: newest } = useNewest(webhooks.data);
  const [form, show] = useState<Webhook | 'new'>();
  useEffect(() => { document.title = 'Webhooks · Worksmith'; }, []);
  const rows = useMemo(() => [...(webhooks.data ?? [])].sort((a, b) => a.url.localeCompare(b.url)), [webhooks.data]);
  const keys = useMemo(() => rows.map(({ id }) => id), [rows]);
  const path = (id: string): string => `/webhooks/${shortId(id)}`;
  const rover = useRover(keys, { onOpen: (id) => go(path(id)), label: (id) => rows.find((each) => each.id === id)?.url ?? '' });
  const at = rows.find((each) => each.id === rover.at);
  useCommands('view', { 'hook.new': () => show('new'), 'hook.edit': at && (() => show(at)), 'open.full': at && (() => go(path(at.id))) });
  return (
    <main>
      <header className="head line">
        <h1>Webhooks</h1>
        {webhooks.data && webhooks.data.length > 0 && <span className="n">{en.number(webhooks.data.length)}</span>}
        <div className="tools"><button type="button" className="btn main" onClick={() => show('new')}><Icon name="plus" />New</button></div>
      </header>
      <Pending of={[webhooks]} />
      {webhooks.data && (rows.length === 0
        ? (
          <div className="page first" tabIndex={0} role="region" aria-label="The first webhook">
            <section>
              <h2>No program is told of anything yet</h2>
              <p>Give an address and what it shall be told of. The receiver first has to send back a challenge; then each change is posted to it as JSON, signed with a secret, until it is taken.</p>
              <button type="button" className="btn main" onClick={() => show('new')}><Icon name="plus" />Make the first <Kbd>N</Kbd></button>
            </section>
            <section>
              <h2>A receiver</h2>
              <p>It answers the challenge, and takes nothing that has no valid signature</p>
              <Code />
            </section>
          </div>
        )
        : (
          <div className="customers hooks">
            <div className="cols hgrid" aria-hidden="true">
              <span>Address</span><span>State</span><span className="wide">Told of</span><span>Last delivery</span><span className="wide">Owner</span>
            </div>
            <div
              className="rows" role="listbox" aria-label="Webhooks" tabIndex={0} ref={rover.ref} aria-activedescendant={rover.at ? `row-${rover.at}` : undefined}
              onClick={(event) => {
                const id = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset.key;
                if (id) go(path(id));
              }}
            >
              {rows.map((webhook) => <Row key={webhook.id} webhook={webhook} newest={newest?.get(webhook.id)} isAt={rover.at === webhook.id} />)}
            </div>
          </div>
        ))}
      <footer className="foot"><span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>Enter</Kbd> deliveries</span><span><Kbd>N</Kbd> new</span><span><Kbd>E</Kbd> edit</span><span><Kbd>?</Kbd> all keys</span></footer>
      {form && <Edit {...(form === 'new' ? {} : { webhook: form })} onClose={() => show(undefined)} onMade={(webhook) => go(path(webhook.id))} />}
    </main>
  );
}

function Row({ webhook, newest, isAt }: { webhook: Webhook; newest: readonly WebhookDelivery[] | undefined; isAt: boolean }) {
  const failure = newest && lastFailure(newest);
  const last = newest?.[0] && lastAttempt(newest[0]);
  const heat = failure && webhook.status !== 'inactive' ? ' hot' : webhook.status === 'unverified' ? ' warm' : '';
  return (
    <div id={`row-${webhook.id}`} data-key={webhook.id} role="option" aria-selected={isAt} className={`row hgrid${isAt ? ' cursor' : ''}${heat}`}>
      <span className="url" dir="ltr">{webhook.url}</span>
      <State of={webhook} />
      <span className="wide quiet cut">{subjects(webhook)}</span>
      <span className="cut">
        {failure
          ? <b className="late">{outcome(failure)}, <When at={failure.date} /></b>
          : last ? <span className="quiet">{outcome(last)} in {last.duration_ms} ms, <When at={last.date} /></span> : <span className="quiet">none yet</span>}
      </span>
      <span className="wide"><Avatar user={webhook.created_by} /></span>
    </div>
  );
}

export function State({ of: { status } }: { of: Webhook }) {
  return <span className={`hook-state ${status}`}>{STATES[status]}</span>;
}
