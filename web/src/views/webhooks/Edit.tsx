// A webhook: where it is, what it is told of, and what goes with its requests.
import { useState } from 'react';
import type { Webhook, WebhookEventType } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { changeWebhook, makeWebhook } from '../../store/webhooks';
import { Icon } from '../../ui/Icon';
import { Input, Sheet } from '../../ui/Sheet';
import { TOPICS, USUAL } from '../../works/webhooks';

interface Header { name: string; value: string }

export function Edit({ webhook, onClose, onMade }: { webhook?: Webhook; onClose: () => void; onMade?: (webhook: Webhook) => void }) {
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [types, setTypes] = useState<ReadonlySet<WebhookEventType>>(new Set(webhook?.event_types.filter((type) => type !== 'verify') ?? USUAL));
  const [headers, setHeaders] = useState<readonly Header[]>(webhook?.headers ?? []);
  const act = useAct();
  const flip = (some: readonly WebhookEventType[], on: boolean): void => setTypes((now) => {
    const next = new Set(now);
    for (const type of some) if (on) next.add(type); else next.delete(type);
    return next;
  });
  const send = async (): Promise<void> => {
    const given = headers.filter(({ name }) => name.trim() !== '').map(({ name, value }) => ({ name: name.trim(), value }));
    const event_types = [...types];
    let made: Webhook | undefined;
    const isDone = await act.run(async () => {
      if (webhook) {
        await changeWebhook({
          id: webhook.id, event_types: { set: event_types }, ...(url.trim() === webhook.url ? {} : { url: url.trim() }),
          ...(JSON.stringify(given) === JSON.stringify(webhook.headers ?? []) ? {} : { headers: { set: given } }),
        });
      } else {
        made = await makeWebhook({ url: url.trim(), event_types, ...(given.length > 0 ? { headers: given } : {}) });
      }
    }, 'webhooks', 'deliveries');
    if (!isDone) return;
    onClose();
    if (made) onMade?.(made);
  };
  const all = TOPICS.flatMap(({ events }) => events.map(({ type }) => type));
  return (
    <Sheet
      title={webhook ? 'Edit the webhook' : 'New webhook'} submit={webhook ? 'Save' : 'Make it'} isWide why={act.why} isBusy={act.isBusy} canSend={url.trim() !== ''}
      note={webhook && url.trim() === webhook.url ? '' : 'The receiver is asked to prove itself'} onSend={() => void send()} onClose={onClose}
    >
      <Input label="Address" value={url} onChange={setUrl} isFirst required placeholder="https://example.org/worksmith" max={4096} />
      <fieldset className="topics">
        <legend>What it is told of</legend>
        <label className="tick whole"><input type="checkbox" checked={all.every((type) => types.has(type))} onChange={(event) => flip(all, event.target.checked)} />Everything</label>
        <div className="of">
          {TOPICS.map(({ name, events }) => (
            <div key={name} role="group" aria-label={name}>
              <b>{name}</b>
              {events.map(({ type, verb }) => (
                <label key={type} className="tick"><input type="checkbox" checked={types.has(type)} onChange={(event) => flip([type], event.target.checked)} />{verb}</label>
              ))}
            </div>
          ))}
        </div>
      </fieldset>
      {headers.map((header, at) => {
        const change = (some: Partial<Header>): void => setHeaders((now) => now.map((each, place) => (place === at ? { ...each, ...some } : each)));
        return (
          <div key={at} className="header-of">
            <Input label="Header" value={header.name} onChange={(name) => change({ name })} placeholder="X-Api-Key" isFirst={header.name === ''} />
            <Input label="Value" value={header.value} onChange={(value) => change({ value })} max={4096} />
            <button type="button" className="btn" aria-label={`Take header ${at + 1} away`} onClick={() => setHeaders((now) => now.filter((_, place) => place !== at))}><Icon name="x" /></button>
          </div>
        );
      })}
      {headers.length < 8 && <button type="button" className="btn add" onClick={() => setHeaders((now) => [...now, { name: '', value: '' }])}><Icon name="plus" />Header</button>}
    </Sheet>
  );
}
