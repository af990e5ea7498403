// A form over the page: what is written, what the server refused, and how to send it.
import { Dialog } from '@base-ui/react/dialog';
import { useRef, type FormEvent, type ReactNode } from 'react';
import type { Refusal } from '../api/errors';
import { en } from '../text/en';
import { Icon } from './Icon';
import { Kbd } from './bits';

/** What is written first, or what is done if there is nothing to write. */
const first = (form: HTMLFormElement | null): HTMLElement | null | undefined =>
  form?.querySelector<HTMLElement>('input:focus, textarea:focus') ?? form?.querySelector<HTMLElement>('input:not([type=checkbox]), textarea, select, [type=submit]');

export function Sheet({ title, why, isBusy, submit, note, isWide, canSend = true, onSend, onClose, children }: {
  title: string;
  why?: Refusal | undefined;
  isBusy?: boolean;
  /** What the button says; without it there is nothing to send. */
  submit?: string;
  note?: string;
  isWide?: boolean;
  canSend?: boolean;
  onSend?: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (canSend && !isBusy) onSend?.();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className={isWide ? 'sheet' : 'sheet small'} data-modal
          initialFocus={() => first(form.current) ?? true}
        >
          <form
            ref={form} onSubmit={send}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
            }}
          >
            <header>
              <Dialog.Title>{title}</Dialog.Title>
              <Dialog.Close className="btn" aria-label="Close"><Icon name="x" /></Dialog.Close>
            </header>
            {children}
            {why && <p className="wrong" role="alert">{en.refusal(why)}</p>}
            {submit && (
              <footer>
                {note && <span className="quiet">{note}</span>}
                <button type="submit" className="btn main" disabled={isBusy || !canSend}>{submit} <Kbd>Ctrl ↵</Kbd></button>
              </footer>
            )}
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

export function Select({ label, value, options, onChange }: {
  label: string;
  value: string;
  options: ReadonlyArray<readonly [string, string]>;
  onChange: (value: string) => void;
}) {
  return (
    <label className="pick">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([id, name]) => <option key={id} value={id}>{name}</option>)}
      </select>
    </label>
  );
}

export function Input({ label, value, onChange, type = 'text', placeholder, required, isFirst, max = 256 }: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'email' | 'date' | 'number';
  placeholder?: string;
  required?: boolean;
  /** Whether it has the focus when the form comes. */
  isFirst?: boolean;
  max?: number;
}) {
  return (
    <label className="pick">
      <span>{label}</span>
      <input
        type={type} value={value} placeholder={placeholder} required={required ?? false} autoFocus={isFirst ?? false} dir="auto"
        {...(type === 'text' ? { maxLength: max } : {})} onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
