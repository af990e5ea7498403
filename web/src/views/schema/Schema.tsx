// What a kind of work has and how it moves: fields, subtypes, stages, conditions.
import { useEffect, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import type { WorkType } from '../../api/types.gen';
import { useAct } from '../../store/act';
import { en } from '../../text/en';
import { ChoiceMenu } from '../../ui/Menu';
import { PageTabs } from '../../ui/PageTabs';
import { Sheet } from '../../ui/Sheet';
import { toast } from '../../ui/toast';
import { KINDS } from '../../works/filter';
import { Conditions } from './Conditions';
import { Fields } from './Fields';
import { Stages } from './Stages';
import { Subtypes } from './Subtypes';
import '../../styles/schema.css';

/** What was changed and not published yet. */
export interface Pending {
  /** Each in words, and how many works it touches. */
  changes: ReadonlyArray<{ text: string; works: number }>;
  /** In how many works it changes something. */
  touched: string;
  publish: () => Promise<void>;
  discard: () => void;
}

export interface PageProps {
  kind: WorkType;
  onPending: (pending: Pending | undefined) => void;
}

const PAGES = { fields: Fields, subtypes: Subtypes, stages: Stages, conditions: Conditions };
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export default function Schema() {
  const { kind: named, page: at } = useParams<{ kind?: string; page?: string }>();
  const [, go] = useLocation();
  const kind = KINDS.find((each) => each === named) ?? 'issue';
  const page = at && at in PAGES ? at as keyof typeof PAGES : 'fields';
  const [pending, setPending] = useState<Pending>();
  const [isAsked, ask] = useState(false);
  const act = useAct();
  useEffect(() => { document.title = 'Fields and stages · Worksmith'; }, []);
  // Another page has changes of its own.
  useEffect(() => setPending(undefined), [kind, page]);
  const Page = PAGES[page];
  const publish = async (): Promise<void> => {
    if (pending && await act.run(pending.publish, 'schema', 'diagram', 'stages')) {
      toast('Published.');
      setPending(undefined);
      ask(false);
    }
  };
  const said = pending && en.count(pending.changes.length, 'change', 'changes');
  return (
    <main>
      <header className="head more">
        <h1>Fields and stages</h1>
        <span className="n">{upper(kind)}{pending && `; ${pending.touched}`}</span>
        <div className="tools">
          <ChoiceMenu label="Kind" value={kind} options={KINDS.map((id) => ({ id, label: upper(id) }))} onPick={(next) => go(`/schema/${next}/${page}`, { replace: true })} />
          {pending && (
            <>
              <button type="button" className="btn line" onClick={pending.discard}>Discard</button>
              <button type="button" className="btn main keep" onClick={() => { act.forget(); ask(true); }}>Publish {said}</button>
            </>
          )}
        </div>
      </header>
      <PageTabs
        label="Fields and stages" here={`/schema/${kind}/${page}`}
        tabs={Object.keys(PAGES).map((name) => ({ name: upper(name), path: `/schema/${kind}/${name}` }))}
      />
      <Page key={`${kind} ${page}`} kind={kind} onPending={setPending} />
      {isAsked && pending && (
        <Sheet title={`Publish ${said}`} submit="Publish" note={pending.touched} why={act.why} isBusy={act.isBusy} onSend={() => void publish()} onClose={() => ask(false)}>
          <ul className="changes">
            {pending.changes.map(({ text, works }) => <li key={text}><span dir="auto">{text}</span><span className="quiet">{works === 0 ? `no ${kind}` : en.count(works, kind, en.plural(kind))}</span></li>)}
          </ul>
        </Sheet>
      )}
    </main>
  );
}
