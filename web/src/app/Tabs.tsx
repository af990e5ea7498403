// The bar below on phones.
import { Link, useLocation, useSearch } from 'wouter';
import { open } from '../commands/overlay';
import { Icon } from '../ui/Icon';
import { OPEN_WORK, format, parse } from '../works/filter';
import { BOARD, MINE } from '../views/places';

export function Tabs() {
  const [path] = useLocation();
  const search = useSearch();
  const here = path === '/works' ? format(parse(search)) : undefined;
  const link = (name: string, icon: 'list' | 'person' | 'board' | 'search', query: string) => (
    <Link href={query ? `/works?${query}` : '/works'} aria-current={here === query ? 'page' : undefined}>
      <Icon name={icon} />{name}
    </Link>
  );
  return (
    <nav className="tabs" aria-label="Places">
      {link('Work', 'list', format(OPEN_WORK))}
      {link('Mine', 'person', format(MINE))}
      <button type="button" className="add" aria-label="New work" onClick={() => open({ kind: 'new' })}><Icon name="plus" /></button>
      {link('Board', 'board', format(BOARD))}
      <button type="button" className="tab" onClick={() => open({ kind: 'palette' })}><Icon name="search" />Find</button>
    </nav>
  );
}
