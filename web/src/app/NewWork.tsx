// A new work: title and text first, the rest with what is usual.
import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { tell } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import type { Operations, WorkType } from '../api/types.gen';
import { useRequestKey } from '../store/act';
import { useAccounts, useParts, useUsers } from '../store/asked';
import { keepDraft, keptDraft } from '../store/keep';
import { signedIn } from '../store/session';
import { works } from '../store/works';
import { en } from '../text/en';
import { Icon } from '../ui/Icon';
import { Select } from '../ui/Sheet';
import { Kbd } from '../ui/bits';
import { TEXT_MAX, TITLE_MAX, usePasteLimit } from '../ui/paste';
import { toast } from '../ui/toast';
import { Writer } from '../ui/Writer';
import { PRIORITIES, SEVERITIES } from '../works/filter';
import { idOf, nameOf, type Work } from '../works/work';

const KINDS: readonly WorkType[] = ['issue', 'ticket', 'task'];
const LAST_PART = 'new work: part';
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export default function NewWork({ onClose }: { onClose: () => void }) {
  const me = signedIn().user;
  const [, go] = useLocation();
  const { data: parts = [] } = useParts();
  const { data: users = [] } = useUsers();
  const { data: accounts = [] } = useAccounts();
  const [kind, setKind] = useState<WorkType>('issue');
  const [title, setTitle] = useState('');
  const [body, setBody] = useState('');
  const [part, setPart] = useState('');
  const [owner, setOwner] = useState(me.id);
  const [urgency, setUrgency] = useState('');
  const [account, setAccount] = useState('');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isSending, setSending] = useState(false);
  const keyOf = useRequestKey();
  const [ofTitle, ofBody] = [usePasteLimit(TITLE_MAX), usePasteLimit(TEXT_MAX)];
  useDraft('new work: title', title, setTitle);
  useDraft('new work: body', body, setBody);
  useDraft(LAST_PART, part, setPart);
  const levels = kind === 'ticket' ? SEVERITIES : PRIORITIES;
  const level = (levels as readonly string[]).includes(urgency) ? urgency : kind === 'ticket' ? 'medium' : 'p2';
  const chosenPart = part || parts[0]?.id || '';
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setSending(true);
    setRefusal(null);
    const request = {
      type: kind, title: title.trim(), owned_by: [owner], ...(body ? { body } : {}),
      ...(chosenPart ? { applies_to_part: chosenPart } : {}),
      ...(kind === 'issue' ? { priority: level } : kind === 'ticket' ? { severity: level } : {}),
      ...(kind === 'ticket' && account ? { account } : {}),
    } as Operations['works.create']['body'];
    try {
      const { answer, revision } = await tell('works.create', request, { key: keyOf(request) });
      const work = answer.work as Work;
      works.put(work, revision ?? 1);
      for (const place of ['title', 'body']) keepDraft(me.id, `new work: ${place}`, '');
      onClose();
      toast(`${idOf(work)} was made.`, { label: 'Open', run: () => go(`/${idOf(work)}`) });
    } catch (error) {
      setRefusal(asRefusal(error));
      setSending(false);
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="sheet new" data-modal>
          <form
            onSubmit={(event) => void send(event)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
            }}
          >
            <header>
              <Dialog.Title>New</Dialog.Title>
              <div className="seg" role="group" aria-label="Kind">
                {KINDS.map((each) => (
                  <button key={each} type="button" aria-pressed={kind === each} onClick={() => setKind(each)}>{upper(each)}</button>
                ))}
              </div>
              <Dialog.Close className="btn" aria-label="Close; what you wrote is kept"><Icon name="x" /></Dialog.Close>
            </header>
            <input
              className="title" aria-label="Title" placeholder="What is it about?" value={title} autoFocus required maxLength={TITLE_MAX} dir="auto" onPaste={ofTitle.onPaste}
              onChange={(event) => setTitle(event.target.value)}
            />
            <Writer
              aria-label="Text" placeholder="Describe it. Markdown works." value={body} onWrite={setBody} rows={7} maxLength={TEXT_MAX} onPaste={ofBody.onPaste}
            />
            <div className="row-of">
              <Select label="Part" value={chosenPart} onChange={setPart} options={parts.map((each) => [each.id, each.name])} />
              <Select label="Owner" value={owner} onChange={setOwner} options={users.map((each) => [each.id, nameOf(each)])} />
              {kind !== 'task' && <Select label={kind === 'ticket' ? 'Severity' : 'Priority'} value={level} onChange={setUrgency} options={levels.map((each) => [each, upper(each)])} />}
              {kind === 'ticket' && <Select label="Customer" value={account} onChange={setAccount} options={[['', 'None'], ...accounts.map((each): [string, string] => [each.id, each.display_name])]} />}
            </div>
            {(ofTitle.tooLong || ofBody.tooLong) && <p className="wrong" role="alert">{ofTitle.tooLong || ofBody.tooLong}</p>}
            {refusal && <p className="wrong" role="alert">{en.refusal(refusal)}</p>}
            <footer>
              <span className="quiet">What you wrote is kept until it is made.</span>
              <button type="submit" className="btn main" disabled={isSending || title.trim() === ''}>Make it <Kbd>Ctrl ↵</Kbd></button>
            </footer>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Brings back what was written, and keeps what is. */
function useDraft(place: string, text: string, set: (text: string) => void): void {
  const me = signedIn().user.id;
  const [isRead, setRead] = useState(false);
  useEffect(() => {
    void keptDraft(me, place).then((kept) => {
      if (kept) set(kept);
      setRead(true);
    });
  // The place never changes.
  }, []);
  useEffect(() => { if (isRead) keepDraft(me, place, text); }, [isRead, text]);
}
