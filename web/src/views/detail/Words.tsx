// The words of a work, which are its title, its text and the long fields of the org: shown, edited in place, and joined
// when two people wrote at once.
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Markdown } from '../../markdown/Markdown';
import { useCommands } from '../../commands/registry';
import { keepDraft, keptDraft } from '../../store/keep';
import { changes as pieces, type Piece } from '../../store/merge';
import { wordsOf } from '../../store/changes';
import { useCustomFields } from '../../store/schema';
import { useStanding } from '../../store/hooks';
import { signedIn } from '../../store/session';
import { changes, placeOf, setWords, settleConflict, works, type Writing } from '../../store/works';
import { Kbd } from '../../ui/bits';
import { TEXT_MAX, TITLE_MAX, usePasteLimit } from '../../ui/paste';
import { Writer } from '../../ui/Writer';
import type { Work } from '../../works/work';
import { RefusedAt } from './Refused';

function useWriting(work: Work, field: string) {
  const me = signedIn().user.id;
  const place = placeOf(work.id, field);
  const { refused, conflicts } = useStanding(work.id);
  const isOpen = conflicts.some(({ change }) => change.field === field);
  const lost = refused.find(({ change }) => change.field === field && change.words)?.change.words;
  const [writing, setWriting] = useState<Writing | null>(null);
  // A field that goes away may still tell that it has lost the focus.
  const isOver = useRef(false);
  useEffect(() => {
    let isThere = true;
    // What was not saved before a reload is still being written.
    void keptDraft(me, place).then((kept) => {
      const draft = read(kept);
      if (!isThere || !draft || draft.text === wordsOf(works.base(work.id) ?? {}, field)) return;
      setWriting((now) => (now && now.text !== now.before ? now : draft));
    });
    return () => { isThere = false; };
  }, [place]);
  // What was refused is being written again.
  useEffect(() => {
    if (!lost) return;
    isOver.current = false;
    setWriting((now) => now ?? { text: lost.mine, before: lost.before, revision: lost.revision });
  }, [lost]);
  const begin = (): void => {
    // First it has to be said which version counts.
    if (isOpen) return;
    const before = wordsOf(works.get(work.id) ?? {}, field);
    isOver.current = false;
    setWriting((now) => now ?? { text: before, before, revision: works.revision(work.id) });
  };
  const write = (text: string): void => {
    if (!writing) return;
    const next = { ...writing, text };
    setWriting(next);
    keepDraft(me, place, JSON.stringify(next));
  };
  const end = (): void => {
    isOver.current = true;
    setWriting(null);
    keepDraft(me, place, '');
    changes.dismiss(work.id, field);
  };
  const save = (): void => {
    if (!writing || isOver.current || (field === 'title' && writing.text.trim() === '')) return;
    const text = field === 'title' ? writing.text.trim() : writing.text;
    if (text !== writing.before) void setWords(work.id, field, text, writing.before, writing.revision);
    end();
  };
  return { writing, begin, write, save, end };
}

/** A draft as it was kept, with what its writer saw. */
function read(kept: string): Writing | undefined {
  try {
    return kept ? JSON.parse(kept) as Writing : undefined;
  } catch {
    return undefined;
  }
}

const isSave = (event: KeyboardEvent): boolean => event.key === 'Enter' && (event.ctrlKey || event.metaKey);

export function Title({ work, isPage }: { work: Work; isPage: boolean }) {
  const { writing, begin, write, save, end } = useWriting(work, 'title');
  const ref = useRef<HTMLTextAreaElement>(null);
  const { tooLong, onPaste } = usePasteLimit(TITLE_MAX);
  useCommands('detail', { 'edit.title': begin });
  useEffect(() => { if (writing) ref.current?.select(); }, [writing !== null]);
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div data-field="title" data-of={work.id}>
      {writing
        ? (
          <textarea
            ref={ref} className="ti write-title" aria-label="Title" value={writing.text} rows={1} maxLength={TITLE_MAX} dir="auto" onPaste={onPaste}
            onChange={(event) => write(event.target.value.replace(/\n/g, ' '))} onBlur={save}
            onKeyDown={(event) => {
              if (event.key === 'Enter') { event.preventDefault(); save(); }
              if (event.key === 'Escape') { event.stopPropagation(); end(); }
            }}
          />
        )
        : <Heading className="ti" dir="auto" onDoubleClick={begin}>{work.title}</Heading>}
      {writing && tooLong && <p className="wrong" role="alert">{tooLong}</p>}
      <RefusedAt id={work.id} field="title" />
      <TwoVersions work={work} field="title" />
    </div>
  );
}

export function Body({ work }: { work: Work }) {
  return (
    <div className="body" data-field="body" data-of={work.id}>
      <Prose work={work} field="body" label="Text" isMarkdown command="edit.body" empty={<>Describe it <Kbd>E</Kbd></>} />
    </div>
  );
}

/** The long fields of the org, each below its name. */
export function LongTexts({ work }: { work: Work }) {
  const fields = useCustomFields(work).filter(({ edit: editor }) => editor === 'long');
  return fields.map(({ name, label, isMarkdown = false }) => (
    <section key={name} className="own-text" aria-label={label} data-field={name} data-of={work.id}>
      <h2 dir="auto">{label}</h2>
      <Prose work={work} field={name} label={label} isMarkdown={isMarkdown} empty="Write it" />
    </section>
  ));
}

function Prose({ work, field, label, isMarkdown, command, empty }: {
  work: Work;
  field: string;
  label: string;
  isMarkdown: boolean;
  /** The command that begins to edit it; without one, a button does. */
  command?: string;
  empty: ReactNode;
}) {
  const { writing, begin, write, save, end } = useWriting(work, field);
  const ref = useRef<HTMLTextAreaElement>(null);
  const { tooLong, onPaste } = usePasteLimit(TEXT_MAX);
  const [isShown, setShown] = useState(false);
  const text = wordsOf(work, field);
  useCommands('detail', command ? { [command]: begin } : {});
  useEffect(() => { if (writing && !isShown) ref.current?.focus(); }, [writing !== null, isShown]);
  return (
    <>
      {writing
        ? (
          <div
            className="editor"
            onKeyDown={(event) => {
              if (!isMarkdown || event.key.toLowerCase() !== 'p' || !event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              setShown(!isShown);
            }}
          >
            {isShown && <div className="preview" tabIndex={0} role="region" aria-label="Preview"><Markdown text={writing.text} /></div>}
            <Writer
              hidden={isShown} ref={ref} work={work} isPlain={!isMarkdown} aria-label={label} value={writing.text} onWrite={write} maxLength={TEXT_MAX} onPaste={onPaste}
              rows={Math.min(24, Math.max(command ? 6 : 3, writing.text.split('\n').length + 1))}
              onKeyDown={(event) => {
                if (isSave(event)) { event.preventDefault(); save(); }
                else if (event.key === 'Escape') { event.stopPropagation(); ref.current?.blur(); }
              }}
            />
            {tooLong && <p className="wrong" role="alert">{tooLong}</p>}
            <footer>
              <button type="button" className="btn main" onClick={save}>Save <Kbd>Ctrl ↵</Kbd></button>
              <button type="button" className="btn line" onClick={end}>Leave it as it was</button>
              {isMarkdown && <button type="button" className="btn" aria-pressed={isShown} onClick={() => setShown(!isShown)}>{isShown ? 'Write on' : 'Preview'}</button>}
              <span className="quiet">{isMarkdown && 'Markdown works. '}What you write is kept.</span>
            </footer>
          </div>
        )
        : text
          ? (
            <div className="said-of" onDoubleClick={begin}>
              {isMarkdown ? <Markdown text={text} /> : <p className="pre" dir="auto">{text}</p>}
              {!command && <button type="button" className="btn" onClick={begin}>Edit<span className="sr"> {label.toLowerCase()}</span></button>}
            </div>
          )
          : <button type="button" className="describe" onClick={begin}>{empty}{!command && <span className="sr">: {label.toLowerCase()}</span>}</button>}
      <RefusedAt id={work.id} field={field} />
      <TwoVersions work={work} field={field} />
    </>
  );
}

/** The lines in which something is new; all of them, if something was only taken away. */
function changedLines(all: Piece[]): Piece[] {
  const lines = all.flatMap(({ text, isNew }) => (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((part) => ({ text: part, isNew })))
    .reduce<Piece[][]>((found, piece) => {
      const last = found.at(-1);
      if (last && !last.at(-1)?.text.endsWith('\n')) last.push(piece);
      else found.push([piece]);
      return found;
    }, []);
  const changed = lines.filter((line) => line.some(({ isNew, text }) => isNew && text.trim() !== ''));
  return (changed.length > 0 ? changed : lines).flat();
}

/** Somebody else changed the same words: both versions, and both joined where that is possible. */
function TwoVersions({ work, field }: { work: Work; field: string }) {
  const conflict = useStanding(work.id).conflicts.find(({ change }) => change.field === field);
  const words = conflict?.change.words;
  if (!conflict || !words) return null;
  const who = conflict.by.split(' ')[0] || 'Somebody';
  const row = (name: string, text: string) => (
    <div>
      <span>{name}</span>
      <span dir="auto" className="pre">
        {changedLines(pieces(words.before, text)).map((piece, at) => (piece.isNew ? <ins key={at}>{piece.text}</ins> : <span key={at}>{piece.text}</span>))}
      </span>
    </div>
  );
  return (
    <section className="both" role="alert" aria-label="Two versions">
      <header>{who} changed this while you wrote</header>
      {row(who, conflict.theirs)}
      {row('You', words.mine)}
      {conflict.merged.isClean && row('Both', conflict.merged.text)}
      <footer>
        {conflict.merged.isClean && (
          <button type="button" className="btn main" onClick={() => settleConflict(conflict, conflict.merged.text)}>Save both</button>
        )}
        <button type="button" className="btn line" onClick={() => settleConflict(conflict, words.mine)}>Keep mine</button>
        <button type="button" className="btn line" onClick={() => settleConflict(conflict, conflict.theirs)}>Take theirs</button>
      </footer>
    </section>
  );
}
