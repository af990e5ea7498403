// One webhook: how it fares, what it was told, and each attempt whole.
import { useEffect, useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Webhook, WebhookDelivery, WebhookDeliveryStatus } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { useRover } from '../../commands/rover';
import { useAct } from '../../store/act';
import { signedIn } from '../../store/session';
import { changeWebhook, deleteWebhook, sendAgain, useDeliveries, verifyAgain } from '../../store/webhooks';
import { en } from '../../text/en';
import { moment, when } from '../../text/format';
import { Empty, Kbd } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { ActionMenu, ChoiceMenu } from '../../ui/Menu';
import { useSeconds } from '../../ui/now';
import { Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { Sure } from '../../ui/Sure';
import { toast } from '../../ui/toast';
import { about, lastAttempt, outcome, state, subjects } from '../../works/webhooks';
import { Code, copy } from './Code';
import { Delivery } from './Delivery';
import { Edit } from './Edit';
import { Range } from './Range';
import { State } from './Webhooks';

type Status = WebhookDeliveryStatus | 'all';
const STATUSES: ReadonlyArray<{ id: Status; label: string }> = [
  { id: 'all', label: 'All' }, { id: 'pending', label: 'Pending' }, { id: 'failed', label: 'Given up' }, { id: 'delivered', label: 'Delivered' },
];
type Form = 'edit' | 'range' | 'secret' | 'code' | 'delete';

export function One({ webhook }: { webhook: Webhook }) {
  const [, go] = useLocation();
  const [status, only] = useState<Status>('all');
  const pages = useDeliveries(webhook.id, status);
  const [form, show] = useState<Form>();
  const [isOpen, open] = useState(innerWidth >= 1100);
  const act = useAct();
  const isMine = webhook.created_by?.id === signedIn().user.id;
  const deliveries = useMemo(() => pages.data?.pages.flatMap((page) => page.deliveries) ?? [], [pages.data]);
  const keys = useMemo(() => deliveries.map(({ id }) => id), [deliveries]);
  const rover = useRover(keys, { onOpen: () => open(true), label: (id) => deliveries.find((each) => each.id === id)?.type.replaceAll('_', ' ') ?? '' });
  const at = deliveries.find(({ id }) => id === rover.at);
  const present = useSeconds(deliveries.some((each) => each.status === 'pending'));
  useEffect(() => { document.title = `${webhook.url} · Webhooks · Worksmith`; }, [webhook.url]);
  useEffect(() => { if (act.why) toast(en.refusal(act.why)); }, [act.why]);
  // The end of the list brings what came before.
  useEffect(() => { if (rover.at === keys.at(-1) && pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage(); }, [rover.at, keys, pages]);

  const isPaused = webhook.status === 'inactive';
  const pause = (): void => void act.run(async () => {
    await changeWebhook({ id: webhook.id, action: isPaused ? 'activate' : 'deactivate' });
    toast(isPaused ? 'The receiver is asked to prove itself; then it goes on.' : 'It is paused: nothing more is sent, and what happens now is not told.');
  }, 'webhooks', 'deliveries');
  const verify = (): void => void act.run(() => verifyAgain(webhook), 'webhooks', 'deliveries');
  const again = (): void => {
    if (at) void act.run(async () => { toast(await sendAgain({ id: at.id }) > 0 ? 'It is sent again.' : 'It is tried again by itself; nothing has to be done.'); }, 'deliveries');
  };
  useCommands('view', {
    back: () => { if (isOpen && innerWidth < 1100) open(false); else go('/webhooks'); },
    panel: () => open(!isOpen),
    'hook.again': at && again,
    'hook.range': () => show('range'),
    'hook.edit': isMine && (() => show('edit')),
    'hook.pause': pause,
    'hook.verify': isMine && verify,
    'hook.secret': isMine && (() => show('secret')),
    'hook.delete': () => show('delete'),
  });
  return (
    <main>
      <header className="head line hook-head">
        <nav className="crumb" aria-label="Where it is"><Link href="/webhooks">Webhooks</Link><Icon name="right" /><b dir="ltr">{webhook.url}</b></nav>
        <State of={webhook} />
        <div className="tools">
          <ChoiceMenu label="Show" value={status} options={STATUSES} onPick={only} />
          <button type="button" className="btn line" onClick={() => show('range')}>Send again</button>
          <ActionMenu
            label="What can be done with the webhook" trigger={<Icon name="more" />}
            items={[
              ...(isMine ? [{ id: 'edit', label: 'Edit', run: () => show('edit') }, { id: 'verify', label: 'Verify again', run: verify }] : []),
              { id: 'pause', label: isPaused ? 'Go on' : 'Pause', run: pause },
              { id: 'range', label: 'Send a range again', run: () => show('range') },
              ...(isMine ? [{ id: 'secret', label: 'Secret', run: () => show('secret') }, { id: 'code', label: 'A receiver', run: () => show('code') }] : []),
              { id: 'delete', label: 'Delete', run: () => show('delete') },
            ]}
          />
        </div>
      </header>
      <p className="hook-about">
        {webhook.status === 'unverified' && <b>It has not proved itself yet: the receiver must answer <code>verify</code> with its challenge. </b>}
        Told of {subjects(webhook)}.
        {webhook.old_secret_expires_date && Date.parse(webhook.old_secret_expires_date) > Date.now() && <> The old secret signs, too, until {moment(webhook.old_secret_expires_date)}.</>}
      </p>
      <div className={isOpen && at ? 'split' : 'split one'}>
        <div className="customers hooks">
          <Pending of={[pages]} />
          {pages.data && (deliveries.length === 0
            ? <Empty title={status === 'all' ? 'It was told nothing yet' : 'None of these'}><p>Deliveries come here by themselves, and stay for 30 days.</p></Empty>
            : (
              <>
                <div className="cols dgrid" aria-hidden="true"><span>Event</span><span>About</span><span>How it went</span><span className="r">Tries</span><span className="r">Answer</span><span className="r ms">ms</span><span className="r">At</span></div>
                <div
                  className="rows" role="listbox" aria-label="Deliveries" tabIndex={0} ref={rover.ref} aria-activedescendant={rover.at ? `row-${rover.at}` : undefined}
                  onClick={(event) => {
                    const id = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset.key;
                    if (id) { rover.move(id); open(true); }
                  }}
                >
                  {deliveries.map((delivery) => <Row key={delivery.id} delivery={delivery} isAt={delivery.id === rover.at} present={present} />)}
                </div>
              </>
            ))}
        </div>
        {isOpen && at && <Delivery id={at.id} present={present} onAgain={again} onClose={() => open(false)} />}
      </div>
      <footer className="foot"><span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>R</Kbd> send again</span><span><Kbd>⇧ R</Kbd> a range</span><span><Kbd>U</Kbd> {isPaused ? 'go on' : 'pause'}</span><span><Kbd>]</Kbd> panel</span><span><Kbd>?</Kbd> all keys</span></footer>
      {form === 'edit' && <Edit webhook={webhook} onClose={() => show(undefined)} />}
      {form === 'range' && <Range webhook={webhook} onClose={() => show(undefined)} />}
      {form === 'secret' && <Secret webhook={webhook} onClose={() => show(undefined)} />}
      {form === 'code' && <Sheet title="A receiver" isWide onClose={() => show(undefined)}><Code /></Sheet>}
      {form === 'delete' && (
        <Sure
          title="Delete this webhook?" does="Delete" onClose={() => show(undefined)} text={`Nothing more is sent to ${webhook.url}, and what it was told is forgotten.`}
          onDo={() => void act.run(() => deleteWebhook(webhook.id), 'webhooks').then((isDone) => { if (isDone) go('/webhooks'); })}
        />
      )}
    </main>
  );
}

function Row({ delivery, isAt, present }: { delivery: WebhookDelivery; isAt: boolean; present: number }) {
  const { text, heat } = state(delivery, present);
  const last = lastAttempt(delivery);
  const isToday = when(delivery.created_date).includes(':');
  return (
    <div id={`row-${delivery.id}`} data-key={delivery.id} role="option" aria-selected={isAt} className={`row dgrid${isAt ? ' cursor' : ''}${heat ? ` ${heat}` : ''}`}>
      <span className="cut"><code>{delivery.type}</code></span>
      <span className="quiet cut">{about(delivery.object)}</span>
      <span className={`cut said ${heat}`}>{text}</span>
      <span className="r">{delivery.attempts.length}<span className="sr"> tries</span></span>
      <span className="r cut" title={last && outcome(last)}>{last?.response_status ?? (last ? 'none' : '')}</span>
      <span className="r ms quiet">{last && en.number(last.duration_ms)}</span>
      <span className="r when"><time dateTime={delivery.created_date}>{isToday ? new Date(delivery.created_date).toLocaleTimeString('en-GB') : moment(delivery.created_date)}</time></span>
    </div>
  );
}

function Secret({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [isShown, reveal] = useState(false);
  const [own, setOwn] = useState('');
  const act = useAct();
  const renew = async (): Promise<void> => {
    if (await act.run(() => changeWebhook({ id: webhook.id, secret: own.trim() }), 'webhooks', 'deliveries')) { setOwn(''); reveal(true); }
  };
  return (
    <Sheet
      title="The secret" submit={own.trim() ? 'Use this one' : 'Make a new one'} note="The old one signs, too, for a day" why={act.why} isBusy={act.isBusy} onSend={() => void renew()} onClose={onClose}
    >
      <p className="quiet">Requests are signed with it. Whoever knows it can pretend to be this server.</p>
      <div className="secret">
        <output aria-label="The secret">{isShown ? webhook.secret : '•'.repeat(24)}</output>
        <button type="button" className="btn" onClick={() => reveal(!isShown)}>{isShown ? 'Hide' : 'Show'}</button>
        <button type="button" className="btn" onClick={() => void copy(webhook.secret)}>Copy</button>
      </div>
      <label className="pick"><span>One of your own, 8 to 32 bytes in base64; empty for one by chance</span><input value={own} onChange={(event) => setOwn(event.target.value)} autoComplete="off" spellCheck={false} /></label>
    </Sheet>
  );
}
