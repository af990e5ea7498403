// Files that are being added: chosen, pasted or dropped.
import { useState } from 'react';
import { upload } from '../api/call';
import { asRefusal } from '../api/errors';
import { en } from '../text/en';
import { fileSize } from '../text/format';
import { Icon } from './Icon';

export interface Attachment {
  key: number;
  name: string;
  size: number;
  /** The artifact, once its bytes are stored. */
  id?: string;
  wrong?: string;
}

let count = 0;

export interface Attaching {
  files: readonly Attachment[];
  /** Whether bytes are still on their way. */
  isBusy: boolean;
  add: (files: Iterable<File>) => void;
  remove: (key: number) => void;
  clear: () => void;
}

export function useAttachments(): Attaching {
  const [files, setFiles] = useState<readonly Attachment[]>([]);
  const change = (key: number, some: Partial<Attachment>): void =>
    setFiles((now) => now.map((file) => (file.key === key ? { ...file, ...some } : file)));
  return {
    files,
    isBusy: files.some((file) => file.id === undefined && file.wrong === undefined),
    add(chosen) {
      for (const file of chosen) {
        const key = count++;
        setFiles((now) => [...now, { key, name: file.name, size: file.size }]);
        upload(file).then((id) => change(key, { id }), (error: unknown) => change(key, { wrong: wording(error) }));
      }
    },
    remove: (key) => setFiles((now) => now.filter((file) => file.key !== key)),
    clear: () => setFiles([]),
  };
}

function wording(error: unknown): string {
  const refusal = asRefusal(error);
  return refusal.kind === 'unknown' ? refusal.message : en.refusal(refusal);
}

export function Attachments({ attaching }: { attaching: Attaching }) {
  if (attaching.files.length === 0) return null;
  return (
    <ul className="attachments" aria-label="Files">
      {attaching.files.map((file) => (
        <li key={file.key} className={file.wrong ? 'attach bad' : 'attach'}>
          <Icon name="file" /><span dir="auto">{file.name}</span>
          <small>{file.wrong ?? (file.id ? fileSize(file.size) : 'on its way')}</small>
          <button type="button" className="btn" aria-label={`Leave out ${file.name}`} onClick={() => attaching.remove(file.key)}><Icon name="x" /></button>
        </li>
      ))}
    </ul>
  );
}

/** A button that chooses files. */
export function AttachButton({ onChoose, label }: { onChoose: (files: FileList) => void; label: string }) {
  return (
    <label className="btn clip" title={label}>
      <Icon name="clip" /><span className="sr">{label}</span>
      <input
        type="file" multiple className="sr" aria-label={label}
        onChange={(event) => {
          if (event.target.files) onChoose(event.target.files);
          event.target.value = '';
        }}
      />
    </label>
  );
}
