// The bar below on phones.
import { Link, useLocation } from 'wouter';
import { open } from '../commands/overlay';
import { useUnread } from '../store/inbox';
import { Icon, type IconName } from '../ui/Icon';

export function Tabs() {
  const [path] = useLocation();
  const { data: unread = 0 } = useUnread();
  const link = (name: string, icon: IconName, to: string, count = 0) => (
    <Link href={to} aria-current={path === to || (path.startsWith('/inbox') && to === '/inbox') ? 'page' : undefined}>
      <Icon name={icon} />{name}{count > 0 && <b className="count">{count > 99 ? '99+' : count}<span className="sr"> unread</span></b>}
    </Link>
  );
  return (
    <nav className="tabs" aria-label="Places">
      {link('Work', 'list', '/works')}
      {link('Inbox', 'inbox', '/inbox', unread)}
      <button type="button" className="add" aria-label="New work" onClick={() => open({ kind: 'new' })}><Icon name="plus" /></button>
      {link('Dashboard', 'gauge', '/')}
      <button type="button" className="tab" onClick={() => open({ kind: 'places' })}><Icon name="person" />Me</button>
    </nav>
  );
}
