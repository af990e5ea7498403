// Sends again what was told within a span of time.
import { useState } from 'react';
import type { Webhook, WebhookDeliveryStatus } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { sendAgain } from '../../store/webhooks';
import { en } from '../../text/en';
import { Select, Sheet } from '../../ui/Sheet';
import { toast } from '../../ui/toast';

const HOUR = 3_600_000;
const SPANS: ReadonlyArray<readonly [string, string]> = [['1', 'The last hour'], ['24', 'The last day'], ['168', 'The last week'], ['720', 'All 30 days'], ['', 'From and to']];
const WHICH: ReadonlyArray<readonly [WebhookDeliveryStatus | 'all', string]> = [['failed', 'Those given up'], ['delivered', 'Those delivered'], ['all', 'All']];

/** A time of this zone, as `<input type="datetime-local">` has it. */
const local = (at: number): string => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export function Range({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [hours, setHours] = useState('24');
  const [which, setWhich] = useState<string>('failed');
  const [from, setFrom] = useState(local(Date.now() - 24 * HOUR));
  const [to, setTo] = useState(local(Date.now()));
  const act = useAct();
  const send = async (): Promise<void> => {
    const span = hours === ''
      ? { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
      : { from: new Date(Date.now() - Number(hours) * HOUR).toISOString(), to: new Date().toISOString() };
    let count = 0;
    const isDone = await act.run(async () => {
      count = await sendAgain({ webhook: webhook.id, ...span, ...(which === 'all' ? {} : { status: [which as WebhookDeliveryStatus] }) });
    }, 'deliveries');
    if (!isDone) return;
    onClose();
    toast(count === 0 ? 'There was nothing to send again.' : `${en.count(count, 'delivery is', 'deliveries are')} sent again.`);
  };
  return (
    <Sheet
      title="Send a range again" submit="Send again" note="In the order in which they happened" why={act.why} isBusy={act.isBusy}
      canSend={hours !== '' || (from !== '' && to !== '' && from < to)} onSend={() => void send()} onClose={onClose}
    >
      <div className="row-of">
        <Select label="When" value={hours} onChange={setHours} options={SPANS} />
        <Select label="Which" value={which} onChange={setWhich} options={WHICH} />
      </div>
      {hours === '' && (
        <div className="row-of">
          <label className="pick"><span>From</span><input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
          <label className="pick"><span>To</span><input type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} /></label>
        </div>
      )}
    </Sheet>
  );
}
