// Issues from GitHub: chosen or pasted, looked through before anything is made, with what was lost in the end.
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { textOf } from '../../api/file';
import { asRefusal } from '../../api/errors';
import { importAll, type Progress as State, type Report } from '../../store/importer';
import { queries } from '../../store/queries';
import { en } from '../../text/en';
import { Icon } from '../../ui/Icon';
import { add, count, read, type Read } from '../../works/github';
import { Progress } from './Progress';

const NOTHING: Read = { issues: [], comments: [], wrong: [], lost: new Map() };
const SHOWN_MAX = 8;

export function Import({ onBack }: { onBack: () => void }) {
  const [found, find] = useState<Read>(NOTHING);
  const [names, setNames] = useState<readonly string[]>([]);
  const [pasted, paste] = useState('');
  const [wrong, say] = useState<string>();
  const [hasPulls, takePulls] = useState(false);
  const [state, tell] = useState<State>();
  const [report, setReport] = useState<Report>();
  const end = useRef<AbortController>(undefined);
  useEffect(() => () => end.current?.abort(), []);

  const take = (text: string, name: string): void => {
    try {
      const more = read(text);
      find((now) => add(now, more));
      setNames((now) => [...now, name]);
      say(undefined);
    } catch (error) {
      say(`${name}: ${(error as Error).message}`);
    }
  };
  const choose = async (files: Iterable<File>): Promise<void> => {
    for (const file of files) {
      try {
        take(await textOf(file), file.name);
      } catch (error) {
        say(`${file.name}: ${(error as Error).message}`);
      }
    }
  };
  const chosen = useMemo((): Read => {
    const issues = hasPulls ? found.issues : found.issues.filter(({ isPull }) => !isPull);
    const lost = new Map(found.lost);
    count(lost, 'pull requests', found.issues.length - issues.length);
    return { ...found, issues, lost };
  }, [found, hasPulls]);
  const start = async (): Promise<void> => {
    end.current = new AbortController();
    tell({ what: 'Beginning', done: 0, of: chosen.issues.length + chosen.comments.length });
    try {
      setReport(await importAll(chosen, tell, end.current.signal));
      queries.setQueryData(['any-work'], false);
    } catch (error) {
      if (!end.current.signal.aborted) say(`${en.refusal(asRefusal(error))} Import again: it goes on from there.`);
    }
    tell(undefined);
  };
  const pulls = found.issues.filter(({ isPull }) => isPull).length;
  const isReady = chosen.issues.length + chosen.comments.length > 0;

  if (report) return <Told report={report} onMore={() => { setReport(undefined); find(NOTHING); setNames([]); }} />;
  if (state) {
    return (
      <section className="bring">
        <h2>Importing</h2>
        <Progress state={state} />
        <button type="button" className="btn line" onClick={() => end.current?.abort()}>Stop</button>
        <p className="quiet">What is here stays. Import the same again to go on.</p>
      </section>
    );
  }
  return (
    <section
      className="bring" onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => { event.preventDefault(); void choose(event.dataTransfer.files); }}
    >
      <h2>Import from GitHub</h2>
      <p>Fetch the issues with GitHub’s own tool, and the comments, if you want them:</p>
      <pre tabIndex={0} aria-label="How to fetch them"><code>{'gh api --paginate \'repos/OWNER/NAME/issues?state=all&per_page=100\' > issues.json\ngh api --paginate \'repos/OWNER/NAME/issues/comments?per_page=100\' > comments.json'}</code></pre>
      <label className="drop">
        <Icon name="file" /><span><b>Choose files</b> or drop them here</span>
        <input type="file" multiple className="sr" accept=".json,.gz,application/json" onChange={(event) => { if (event.target.files) void choose([...event.target.files]); event.target.value = ''; }} />
      </label>
      <label className="pick"><span>Or paste the JSON</span>
        <textarea rows={3} value={pasted} spellCheck={false} dir="ltr" onChange={(event) => paste(event.target.value)} />
      </label>
      {pasted.trim() !== '' && <button type="button" className="btn line" onClick={() => { take(pasted, 'What was pasted'); paste(''); }}>Take it</button>}
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
      {names.length > 0 && (
        <div className="found" role="status">
          <p><b>{en.and([en.count(chosen.issues.length, 'issue', 'issues'), en.count(chosen.comments.length, 'comment', 'comments')])}</b>{chosen.issues.length > 0 && <> of {en.and([...new Set(chosen.issues.map(({ repository }) => repository))])}</>}, from {en.and([...names])}.</p>
          {pulls > 0 && <label className="tick"><input type="checkbox" checked={hasPulls} onChange={(event) => takePulls(event.target.checked)} />{en.count(pulls, 'pull request, too, as an issue', 'pull requests, too, as issues')}</label>}
          {found.wrong.length > 0 && <Wrong of={found.wrong} />}
        </div>
      )}
      <footer>
        <button type="button" className="btn" onClick={onBack}>Back</button>
        <button type="button" className="btn main" disabled={!isReady} onClick={() => void start()}>Import</button>
      </footer>
    </section>
  );
}

function Wrong({ of }: { of: Read['wrong'] }) {
  return (
    <>
      <p className="late">{en.count(of.length, 'can’t be taken', 'can’t be taken')}:</p>
      <ul>
        {of.slice(0, SHOWN_MAX).map(({ name, why }, at) => <li key={at}><bdi>{name}</bdi>: {why}</li>)}
        {of.length > SHOWN_MAX && <li className="quiet">and {en.number(of.length - SHOWN_MAX)} more</li>}
      </ul>
    </>
  );
}

function Told({ report, onMore }: { report: Report; onMore: () => void }) {
  const rows: Array<[number, string]> = [
    [report.created, 'issues made'], [report.unchanged, 'issues were here already, and stay as they are'],
    [report.comments, 'comments made'], [report.knownComments, 'comments were here already'],
  ];
  return (
    <section className="bring report" role="status">
      <h2>{report.isStopped ? 'Stopped' : report.failed.length > 0 ? 'Imported, but not all' : 'Imported'}</h2>
      <dl>{rows.filter(([n]) => n > 0).map(([n, what]) => <div key={what}><dt>{en.number(n)}</dt><dd>{what}</dd></div>)}</dl>
      {report.failed.length > 0 && <Wrong of={report.failed} />}
      {report.lost.size > 0 && (
        <>
          <h3>What was lost</h3>
          <dl>{[...report.lost].map(([what, n]) => <div key={what}><dt>{en.number(n)}</dt><dd>{what}</dd></div>)}</dl>
          <p className="quiet"><code>worksmith import github</code> on the server keeps days and authors, too.</p>
        </>
      )}
      <footer>
        <button type="button" className="btn" onClick={onMore}>Import more</button>
        <Link href="/works?kind=issue&state=" className="btn main">Look at them</Link>
      </footer>
    </section>
  );
}
