// Signed in or not, and which view is shown.
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useEffect, type ReactNode } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { open } from '../commands/overlay';
import { letters, listenToKeys, useCommands } from '../commands/registry';
import { targets } from '../commands/targets';
import { useSignal } from '../store/hooks';
import { follow, standing, tryNow } from '../store/live';
import { prefer, preferences } from '../store/preferences';
import { queries } from '../store/queries';
import { enter, session, signOut, signedIn } from '../store/session';
import { useIsEmpty } from '../store/start';
import { changes, sendKept, setField, works } from '../store/works';
import { en } from '../text/en';
import { timeOfDay } from '../text/format';
import { uniqueKey } from '../api/call';
import { asSummary, useSprints } from '../store/asked';
import { announcement } from '../ui/announce';
import { Empty, Failed } from '../ui/bits';
import { Icon, Sprite } from '../ui/Icon';
import { ToastPlace, toast } from '../ui/toast';
import { SignIn } from '../views/signin/SignIn';
import { field } from '../works/fields';
import { idOf } from '../works/work';
import { ALL, sprintPlace } from '../views/places';
import { Rail, switchDensity } from './Rail';
import { Dashboard, Overlays, PAGES, WorkPage, Works, fetchAhead, workOf } from './routes';
import { Tabs } from './Tabs';

export function App() {
  const now = useSignal(session);
  return (
    <CSPProvider disableStyleElements>
      <Sprite />
      {now.kind === 'out' && <SignIn why={now.why} />}
      {now.kind === 'stranger' && (
        <main className="alone">
          <Empty title="This token belongs to no member">
            <p>The pages are for members of the org. Customers and service accounts use the API.</p>
            <button type="button" className="btn line" onClick={() => void signOut()}>Sign out</button>
          </Empty>
        </main>
      )}
      {now.kind === 'unreachable' && <main className="alone"><Failed why={now.why} onRetry={() => void enter('')} /></main>}
      {now.kind === 'in' && <QueryClientProvider client={queries}><Inside key={now.user.id} isEnded={now.ended !== undefined} /></QueryClientProvider>}
      {now.kind === 'in' && now.ended && <div className="over"><SignIn why={now.ended} isAgain /></div>}
    </CSPProvider>
  );
}

function Inside({ isEnded }: { isEnded: boolean }) {
  const { isRailHidden, hasLetters } = useSignal(preferences);
  useEffect(() => {
    if (isEnded) return undefined;
    const end = new AbortController();
    follow(end.signal);
    changes.wake();
    void sendKept();
    fetchAhead();
    const stop = listenToKeys();
    return () => { end.abort(); stop(); };
  }, [isEnded]);
  useEffect(() => letters.set(hasLetters), [hasLetters]);
  useGlobalCommands();
  useRefusals();
  return (
    <div className={isRailHidden ? 'app bare' : 'app'} inert={isEnded}>
      <Rail />
      <div className="stage">
        <Connection />
        <Suspense fallback={<main aria-busy="true" />}>
          <Switch>
            <Route path="/"><Begun><Dashboard /></Begun></Route>
            <Route path="/signin"><Redirect to="/works" replace /></Route>
            <Route path="/works"><Begun><Works /></Begun></Route>
            {PAGES.map(([path, View]) => <Route key={path} path={path}><View /></Route>)}
            <Route>{() => <Elsewhere />}</Route>
          </Switch>
        </Suspense>
        <Tabs />
      </div>
      <Suspense fallback={null}><Overlays /></Suspense>
      <ToastPlace />
      <Spoken />
    </div>
  );
}

/** An org without works is shown how to begin. */
function Begun({ children }: { children: ReactNode }) {
  return useIsEmpty().data ? <Redirect to="/start" replace /> : children;
}

function Elsewhere() {
  const [path] = useLocation();
  const work = workOf(path);
  if (work) return <WorkPage id={work} key={work} />;
  return (
    <main>
      <Empty title="There is nothing at this address"><p><a href="/works">Open work</a></p></Empty>
    </main>
  );
}

function useGlobalCommands(): void {
  const [, go] = useLocation();
  const { data: sprints = [] } = useSprints();
  const sprint = sprints.find((each) => each.state === 'active');
  const places = ALL.filter((place) => place.command);
  const edit = (name: string) => () => {
    const ids = targets();
    if (ids.length > 0) open({ kind: 'field', ids, field: name });
  };
  useCommands('app', {
    ...Object.fromEntries(places.map((place) => [place.command ?? '', () => go(place.path)])),
    'go.start': () => go('/start'),
    'go.sprint': () => go(sprint ? sprintPlace(sprint).path : '/sprints'),
    palette: () => open({ kind: 'palette' }),
    search: () => open({ kind: 'palette', isSearch: true }),
    keys: () => open({ kind: 'keys' }),
    'work.new': () => open({ kind: 'new' }),
    rail: () => prefer({ isRailHidden: !preferences.get().isRailHidden }),
    theme: () => {
      const isDark = preferences.get().theme === 'dark'
        || (preferences.get().theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
      prefer({ theme: isDark ? 'light' : 'dark' });
    },
    density: switchDensity,
    signout: () => void signOut(),
    undo: () => { if (!changes.undo(uniqueKey)) toast('Nothing can be undone now.'); },
  });
  useCommands('app', {
    'work.stage': edit('stage'), 'work.owner': edit('owned_by'), 'work.urgency': edit('urgency'), 'work.due': edit('target_close_date'),
    'work.tags': edit('tags'), 'work.part': edit('applies_to_part'), 'work.sprint': edit('sprint'),
    'work.mine': () => void setField(targets(), field('owned_by'), [asSummary(signedIn().user)]),
    'work.link': () => { const [id] = targets(); if (id) open({ kind: 'link', id }); },
    'work.follow': () => { const ids = targets(); void import('../commands/following').then(({ switchFollowing }) => switchFollowing(ids)); },
    'work.copy': () => void copyLinks(targets()),
    'work.delete': () => { const ids = targets(); if (ids.length > 0) open({ kind: 'delete', ids }); },
  });
}

async function copyLinks(ids: string[]): Promise<void> {
  const text = ids.flatMap((id) => works.get(id) ?? []).map((work) => `${location.origin}/${idOf(work)}`).join('\n');
  if (!text) return;
  try {
    // Plain HTTP from another machine has no clipboard.
    await navigator.clipboard.writeText(text);
    toast(ids.length === 1 ? 'Link copied.' : 'Links copied.');
  } catch {
    toast(text);
  }
}

/** A refusal whose field is out of sight is said below. */
function useRefusals(): void {
  const last = useSignal(changes.lastRefused);
  useEffect(() => {
    if (!last) return;
    const work = works.get(last.change.id);
    const place = document.querySelector(`[data-field="${CSS.escape(last.change.field)}"][data-of="${CSS.escape(last.change.id)}"]`);
    if (!place) toast(`${work ? `${idOf(work)}: ` : ''}${en.refusal(last.refusal)}`);
  }, [last]);
}

/** Says since when what is shown is old. */
function Connection() {
  const now = useSignal(standing);
  const waiting = useSignal(changes.waiting);
  if (now.kind !== 'lost') return null;
  return (
    <div className="strip-off" role="status">
      <Icon name="no" />
      <span>{en.lost(timeOfDay(now.since), waiting)}</span>
      <button type="button" className="btn" onClick={tryNow}>Try now</button>
    </div>
  );
}

function Spoken() {
  return <div className="sr" aria-live="polite">{useSignal(announcement)}</div>;
}
