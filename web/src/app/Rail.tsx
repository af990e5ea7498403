// The rail: where one can go, and how much is there.
import { Link, useLocation, useSearch } from 'wouter';
import { open } from '../commands/overlay';
import { asSummary, useCount, useSprints, useVistas } from '../store/asked';
import { useNames, useSignal } from '../store/hooks';
import { useUnread } from '../store/inbox';
import { standing, tryNow } from '../store/live';
import { preferences, prefer, type Theme } from '../store/preferences';
import { signOut, signedIn } from '../store/session';
import { Avatar, Kbd } from '../ui/bits';
import { Icon } from '../ui/Icon';
import { ActionMenu } from '../ui/Menu';
import { format, parse, type View } from '../works/filter';
import { nameOf } from '../works/work';
import { isMac } from '../commands/keys';
import { FIRST, PRODUCT, SET_UP, VIEWS, savedPlace, sprintPlace, type Place } from '../views/places';

export function Rail() {
  const { org, user } = signedIn();
  const { data: sprints = [] } = useSprints();
  const { data: vistas = [] } = useVistas();
  const active = sprints.filter((sprint) => sprint.state === 'active');
  const themes: Array<[Theme, string]> = [['auto', 'As the system has it'], ['light', 'Light'], ['dark', 'Dark']];
  return (
    <aside className="rail" aria-label="Worksmith">
      <ActionMenu
        label={`${org.display_name}: settings`} className="org"
        trigger={<><Icon name="mark" className="mark" /><span>{org.display_name}</span><Icon name="down" /></>}
        items={[
          ...themes.map(([theme, label]) => ({ id: theme, label: `Colours: ${label}`, run: () => prefer({ theme }) })),
          { id: 'density', label: `Rows: ${preferences.get().density}, switch`, run: switchDensity },
          { id: 'out', label: 'Sign out', run: () => void signOut() },
        ]}
      />
      <button type="button" className="ask" onClick={() => open({ kind: 'palette' })}>
        <Icon name="search" /><span>Find or do</span><Kbd>{isMac ? '⌘ K' : 'Ctrl K'}</Kbd>
      </button>
      <nav aria-label="Views">
        {FIRST.map((place) => <RailLink key={place.path} place={place} />)}
        <h2>Views</h2>
        {VIEWS.map((place) => <RailLink key={place.path} place={place} isHot={place.name === 'Support queue'} />)}
        {vistas.map((vista) => <RailLink key={vista.id} place={savedPlace(vista)} />)}
        {active.map((sprint) => <RailLink key={sprint.id} place={sprintPlace(sprint)} />)}
        <h2>Product</h2>
        {PRODUCT.map((place) => <RailLink key={place.path} place={place} />)}
        <h2>Set up</h2>
        {SET_UP.map((place) => <RailLink key={place.path} place={place} />)}
      </nav>
      <div className="end">
        <Avatar user={asSummary(user)} /><span className="me">{nameOf(asSummary(user))}</span><Live />
      </div>
    </aside>
  );
}

export function switchDensity(): void {
  const next = { compact: 'normal', normal: 'roomy', roomy: 'compact' } as const;
  prefer({ density: next[preferences.get().density] });
}

function RailLink({ place, isHot = false }: { place: Place; isHot?: boolean }) {
  const [path] = useLocation();
  const search = useSearch();
  const isHere = place.view && place.path.startsWith('/works')
    ? path === '/works' && format({ ...parse(search), layout: 'list' }) === format({ ...place.view, layout: 'list' })
    : path === place.path || path.startsWith(`${place.path}/`);
  return (
    <Link href={place.path} aria-current={isHere ? 'page' : undefined}>
      <Icon name={place.icon} /><span className="n">{place.name}</span>
      {place.view && <Count view={place.view} isHot={isHot} />}
      {place.counts && <Unread />}
    </Link>
  );
}

function Count({ view, isHot }: { view: View; isHot: boolean }) {
  const names = useNames();
  const { data } = useCount(view.filters, names);
  const { data: late = 0 } = useCount({ ...view.filters, kind: isHot ? view.filters.kind ?? [] : [], clock: ['breached'] }, names);
  if (isHot && late > 0) return <b className="late">{late} late</b>;
  return data === undefined ? null : <b>{data}</b>;
}

function Unread() {
  const { data = 0 } = useUnread();
  return data > 0 ? <b>{data}</b> : null;
}

function Live() {
  const now = useSignal(standing);
  if (now.kind === 'live') return <span className="live">Live</span>;
  if (now.kind === 'lost') return <button type="button" className="live off" onClick={tryNow}>Offline</button>;
  return <span className="live off">…</span>;
}
