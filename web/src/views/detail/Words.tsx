// The title and the text of a work: shown, edited in place, and joined when two people wrote at once.
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { Markdown } from '../../markdown/Markdown';
import { edit } from '../../markdown/editor';
import { useCommands } from '../../commands/registry';
import { keepDraft, keptDraft } from '../../store/keep';
import { changes } from '../../store/merge';
import { useStanding } from '../../store/hooks';
import { signedIn } from '../../store/session';
import { setWords, settleConflict, works } from '../../store/works';
import { Kbd } from '../../ui/bits';
import type { Work } from '../../works/work';
import { RefusedAt } from './Refused';

type WordField = 'title' | 'body';

/** What is being written, on what was seen when it was begun. */
interface Writing {
  text: string;
  before: string;
  revision: number | undefined;
}

function useWriting(work: Work, field: WordField) {
  const me = signedIn().user.id;
  const place = `${field} ${work.id}`;
  const [writing, setWriting] = useState<Writing | null>(null);
  // A field that goes away may still tell that it has lost the focus.
  const isOver = useRef(false);
  useEffect(() => {
    let isThere = true;
    // What was not saved before a reload is still being written.
    void keptDraft(me, place).then((text) => {
      const before = works.base(work.id)?.[field] ?? '';
      if (isThere && text && text !== before) setWriting({ text, before, revision: works.revision(work.id) });
    });
    return () => { isThere = false; };
  }, [place]);
  const begin = (): void => {
    const before = works.get(work.id)?.[field] ?? '';
    isOver.current = false;
    setWriting((now) => now ?? { text: before, before, revision: works.revision(work.id) });
  };
  const write = (text: string): void => {
    setWriting((now) => now && { ...now, text });
    keepDraft(me, place, text);
  };
  const end = (): void => {
    isOver.current = true;
    setWriting(null);
    keepDraft(me, place, '');
  };
  const save = (): void => {
    if (!writing || isOver.current || (field === 'title' && writing.text.trim() === '')) return;
    const text = field === 'title' ? writing.text.trim() : writing.text;
    if (text !== writing.before) void setWords(work.id, field, text, writing.before, writing.revision);
    end();
  };
  return { writing, begin, write, save, end };
}

const isSave = (event: KeyboardEvent): boolean => event.key === 'Enter' && (event.ctrlKey || event.metaKey);

export function Title({ work, isPage }: { work: Work; isPage: boolean }) {
  const { writing, begin, write, save, end } = useWriting(work, 'title');
  const ref = useRef<HTMLTextAreaElement>(null);
  useCommands('detail', { 'edit.title': begin });
  useEffect(() => { if (writing) ref.current?.select(); }, [writing !== null]);
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div data-field="title" data-of={work.id}>
      {writing
        ? (
          <textarea
            ref={ref} className="ti write-title" aria-label="Title" value={writing.text} rows={1} maxLength={256} dir="auto"
            onChange={(event) => write(event.target.value.replace(/\n/g, ' '))} onBlur={save}
            onKeyDown={(event) => {
              if (event.key === 'Enter') { event.preventDefault(); save(); }
              if (event.key === 'Escape') { event.stopPropagation(); end(); }
            }}
          />
        )
        : <Heading className="ti" dir="auto" onDoubleClick={begin}>{work.title}</Heading>}
      <RefusedAt id={work.id} field="title" />
      <TwoVersions work={work} field="title" />
    </div>
  );
}

export function Body({ work }: { work: Work }) {
  const { writing, begin, write, save, end } = useWriting(work, 'body');
  const ref = useRef<HTMLTextAreaElement>(null);
  useCommands('detail', { 'edit.body': begin });
  useEffect(() => { if (writing) ref.current?.focus(); }, [writing !== null]);
  return (
    <div className="body" data-field="body" data-of={work.id}>
      {writing
        ? (
          <div className="editor">
            <textarea
              ref={ref} aria-label="Text" value={writing.text} dir="auto" maxLength={65_536} rows={Math.min(24, Math.max(6, writing.text.split('\n').length + 1))}
              onChange={(event) => write(event.target.value)}
              onKeyDown={(event) => {
                if (isSave(event)) { event.preventDefault(); save(); }
                else if (event.key === 'Escape') { event.stopPropagation(); ref.current?.blur(); }
                else edit(event, write);
              }}
            />
            <footer>
              <button type="button" className="btn main" onClick={save}>Save <Kbd>Ctrl ↵</Kbd></button>
              <button type="button" className="btn line" onClick={end}>Leave it as it was</button>
              <span className="quiet">Markdown works. What you write is kept.</span>
            </footer>
          </div>
        )
        : work.body
          ? <div onDoubleClick={begin}><Markdown text={work.body} /></div>
          : <button type="button" className="describe" onClick={begin}>Describe it <Kbd>E</Kbd></button>}
      <RefusedAt id={work.id} field="body" />
      <TwoVersions work={work} field="body" />
    </div>
  );
}

/** Somebody else changed the same words: both versions, and both joined where that is possible. */
function TwoVersions({ work, field }: { work: Work; field: WordField }) {
  const { conflict } = useStanding(work.id);
  const words = conflict?.change.words;
  if (!conflict || !words || words.field !== field) return null;
  const who = conflict.by.split(' ')[0] || 'Somebody';
  const row = (name: string, text: string) => (
    <div>
      <span>{name}</span>
      <span dir="auto" className="pre">
        {changes(words.before, text).map((piece, at) => (piece.isNew ? <ins key={at}>{piece.text}</ins> : <span key={at}>{piece.text}</span>))}
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
          <button type="button" className="btn main" onClick={() => settleConflict(work.id, conflict.merged.text)}>Save both</button>
        )}
        <button type="button" className="btn line" onClick={() => settleConflict(work.id, words.mine)}>Keep mine</button>
        <button type="button" className="btn line" onClick={() => settleConflict(work.id, conflict.theirs)}>Take theirs</button>
      </footer>
    </section>
  );
}
