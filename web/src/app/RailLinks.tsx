// Where one can go, and how much is there.
import { Link, useLocation, useSearch } from 'wouter';
import { useCount, useSprints, useVistas } from '../store/asked';
import { useNames } from '../store/hooks';
import { useUnread } from '../store/inbox';
import { Icon } from '../ui/Icon';
import { format, parse, type View } from '../works/filter';
import { FIRST, PRODUCT, SET_UP, VIEWS, savedPlace, sprintPlace, type Place } from '../views/places';

export function RailLinks() {
  const { data: sprints = [] } = useSprints();
  const { data: vistas = [] } = useVistas();
  const active = sprints.filter((sprint) => sprint.state === 'active');
  return (
    <>
      {FIRST.map((place) => <RailLink key={place.path} place={place} />)}
      <h2>Views</h2>
      {VIEWS.map((place) => <RailLink key={place.path} place={place} isHot={place.name === 'Support queue'} />)}
      {vistas.map((vista) => <RailLink key={vista.id} place={savedPlace(vista)} />)}
      {active.map((sprint) => <RailLink key={sprint.id} place={sprintPlace(sprint)} />)}
      <h2>Product</h2>
      {PRODUCT.map((place) => <RailLink key={place.path} place={place} />)}
      <h2>Set up</h2>
      {SET_UP.map((place) => <RailLink key={place.path} place={place} />)}
    </>
  );
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
