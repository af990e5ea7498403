// The reply, which says who will read it. What is written is kept until it is sent.
import { useEffect, useRef, useState } from 'react';
import { call, uniqueKey } from '../../api/call';
import { asRefusal, type Refusal } from '../../api/errors';
import { useCommands } from '../../commands/registry';
import { keepDraft, keptDraft } from '../../store/keep';
import { queries } from '../../store/queries';
import { signedIn } from '../../store/session';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { AttachButton, Attachments, useAttachments } from '../../ui/Attachments';
import { Kbd } from '../../ui/bits';
import { TEXT_MAX, usePasteLimit } from '../../ui/paste';
import { Writer } from '../../ui/Writer';
import { nameOf, type Work } from '../../works/work';

export function Reply({ work }: { work: Work }) {
  const me = signedIn().user.id;
  const place = `reply ${work.id}`;
  const [text, setText] = useState('');
  const [isInternal, setInternal] = useState(work.type !== 'ticket');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isSending, setSending] = useState(false);
  const attaching = useAttachments();
  const { tooLong, onPaste } = usePasteLimit(TEXT_MAX);
  const ref = useRef<HTMLTextAreaElement>(null);
  /** One key for one text, however often it is sent. */
  const key = useRef({ text: '', key: '' });
  useEffect(() => {
    void keptDraft(me, place).then((kept) => {
      const draft = read(kept);
      key.current = draft.sent;
      setText((now) => now || draft.text);
    });
  }, [place]);
  const keep = (next: string): void => keepDraft(me, place, next && JSON.stringify({ text: next, sent: key.current }));
  const write = (next: string): void => {
    setText(next);
    keep(next);
  };
  const isTicket = work.type === 'ticket';
  useCommands('detail', {
    reply: () => { if (isTicket) setInternal(false); ref.current?.focus(); },
    note: () => { setInternal(true); ref.current?.focus(); },
  });
  const send = async (): Promise<void> => {
    const body = text.trim();
    const artifacts = attaching.files.flatMap((file) => file.id ?? []);
    if ((!body && artifacts.length === 0) || isSending || attaching.isBusy) return;
    const what = [body, ...artifacts].join();
    if (key.current.text !== what) key.current = { text: what, key: uniqueKey() };
    keep(text);
    setSending(true);
    setRefusal(null);
    try {
      const visibility = isInternal ? 'internal' : 'external';
      await call('timeline-entries.create', {
        type: 'timeline_comment', object: work.id, visibility, ...(body ? { body } : {}), ...(artifacts.length > 0 ? { artifacts } : {}),
      }, { key: key.current.key });
      write('');
      attaching.clear();
      await queries.invalidateQueries({ queryKey: ['timeline', work.id] });
    } catch (error) {
      setRefusal(asRefusal(error));
    }
    setSending(false);
  };
  const reader = work.reported_by?.find((user) => user.type === 'rev_user');
  const placeholder = isInternal || !reader ? 'Write to your colleagues' : `Reply to ${nameOf(reader)}`;
  return (
    <div
      className={text || attaching.files.length > 0 ? 'write open' : 'write'}
      onDragOver={(event) => { if (event.dataTransfer.types.includes('Files')) event.preventDefault(); }}
      onDrop={(event) => {
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        attaching.add(event.dataTransfer.files);
      }}
    >
      <Writer
        ref={ref} work={work} aria-label={placeholder} placeholder={placeholder} value={text} onWrite={write} maxLength={TEXT_MAX}
        rows={text ? Math.min(10, Math.max(2, text.split('\n').length)) : 1}
        onPaste={(event) => {
          if (event.clipboardData.files.length === 0) return onPaste(event);
          event.preventDefault();
          attaching.add(event.clipboardData.files);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void send(); }
          else if (event.key === 'Escape') { event.stopPropagation(); ref.current?.blur(); }
        }}
      />
      <Attachments attaching={attaching} />
      {tooLong && <p className="wrong" role="alert">{tooLong}</p>}
      {refusal && <p className="wrong" role="alert">{en.refusal(refusal)} What you wrote is kept.</p>}
      <div className="with">
        <AttachButton label="Add files" onChoose={attaching.add} />
        {isTicket && (
          <div className="seg" role="group" aria-label="Who reads it">
            <button type="button" aria-pressed={!isInternal} onClick={() => setInternal(false)}>To customer</button>
            <button type="button" aria-pressed={isInternal} onClick={() => setInternal(true)}><Icon name="lock" />Internal</button>
          </div>
        )}
        <button type="button" className="btn main" disabled={(text.trim() === '' && attaching.files.length === 0) || isSending || attaching.isBusy} onClick={() => void send()}>Send <Kbd>Ctrl ↵</Kbd></button>
      </div>
    </div>
  );
}

interface Draft {
  text: string;
  /** What was sent and may have arrived, and with which key. */
  sent: { text: string; key: string };
}

function read(kept: string): Draft {
  try {
    return JSON.parse(kept) as Draft;
  } catch {
    return { text: kept, sent: { text: '', key: '' } };
  }
}
