// The first run: an empty org greets with three ways to begin, each one key.
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useCommands } from '../../commands/registry';
import { asRefusal, type Refusal } from '../../api/errors';
import type { Progress as State } from '../../store/importer';
import { makeSample } from '../../store/sample';
import { signedIn } from '../../store/session';
import { useIsEmpty } from '../../store/start';
import { queries } from '../../store/queries';
import { en } from '../../text/en';
import { Kbd } from '../../ui/bits';
import { Icon, type IconName } from '../../ui/Icon';
import { First } from './First';
import { Import } from './Import';
import { Progress } from './Progress';
import '../../styles/start.css';

type Way = 'sample' | 'import' | 'first';

export default function Start() {
  const [, go] = useLocation();
  const { data: isEmpty } = useIsEmpty();
  const [way, take] = useState<Way>();
  useEffect(() => { document.title = 'Begin · Worksmith'; }, []);
  const isBusy = way === 'sample';
  useCommands('view', {
    'start.sample': isEmpty === true && !isBusy && (() => take('sample')),
    'start.import': !isBusy && (() => take('import')),
    'start.first': !isBusy && (() => take('first')),
    back: way === 'import' ? () => take(undefined) : () => go('/works'),
  });
  return (
    <main>
      <div className="start page" tabIndex={0} role="region" aria-label="Begin">
        <header>
          <Icon name="mark" className="mark" />
          <h1>{isEmpty === false ? 'Bring more in' : <>Welcome to <bdi>{signedIn().org.display_name}</bdi></>}</h1>
          <p>{isEmpty === false ? 'The org has works already. An import adds to them.' : 'There is no work here yet. Choose how to begin; you can do the others later.'}</p>
        </header>
        {way === 'import'
          ? <Import onBack={() => take(undefined)} />
          : way === 'sample'
            ? <Sample onBack={() => take(undefined)} />
            : (
              <div className="begins" role="group" aria-label="Ways to begin">
                <Choice n="1" icon="board" title="The sample org" isShut={isEmpty !== true} onPick={() => take('sample')}>
                  {isEmpty === false ? 'Only for an org without works.' : 'A maker of buoys with some sixty works, customers, a sprint half done and promises that run out. To look around in.'}
                </Choice>
                <Choice n="2" icon="file" title="Import from GitHub" onPick={() => take('import')}>Issues and their comments, from a file or pasted. What has no place here is told.</Choice>
                <Choice n="3" icon="plus" title="The first issue" onPick={() => take('first')}>A title is enough. All else can wait.</Choice>
              </div>
            )}
      </div>
      {way === 'first' && <First onClose={() => take(undefined)} />}
    </main>
  );
}

function Choice({ n, icon, title, isShut = false, onPick, children }: {
  n: string; icon: IconName; title: string; isShut?: boolean; onPick: () => void; children: string;
}) {
  return (
    <button type="button" className="begin" disabled={isShut} onClick={onPick}>
      <Icon name={icon} /><b>{title}</b><Kbd>{n}</Kbd><span>{children}</span>
    </button>
  );
}

function Sample({ onBack }: { onBack: () => void }) {
  const [, go] = useLocation();
  const [state, tell] = useState<State>({ what: 'Filling it', done: 0, of: 1 });
  const [why, fail] = useState<Refusal>();
  const [tries, retry] = useState(0);
  useEffect(() => {
    const end = new AbortController();
    fail(undefined);
    makeSample(tell, end.signal).then(() => {
      if (end.signal.aborted) return;
      queries.setQueryData(['any-work'], false);
      go('/works', { replace: true });
    }, (error: unknown) => { if (!end.signal.aborted) fail(asRefusal(error)); });
    return () => end.abort();
  }, [tries]);
  return (
    <section className="bring">
      <h2>The sample org comes</h2>
      <Progress state={state} />
      {why && (
        <div className="wrong" role="alert">
          <p>{en.refusal(why)}</p>
          <button type="button" className="btn line" onClick={() => retry(tries + 1)}>Try again from there</button>{' '}
          <button type="button" className="btn" onClick={onBack}>Leave it</button>
        </div>
      )}
      <p className="quiet">What was said and done in it is of today here: the API makes no past. <code>worksmith demo</code> has two weeks of it.</p>
    </section>
  );
}
