// Whom works are done for: all customers, or one of them.
import { useEffect, useMemo, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import type { Account } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { useRover } from '../../commands/rover';
import { useAccounts } from '../../store/asked';
import { keptShare, useFares, type Fare } from '../../store/customers';
import { useNames } from '../../store/hooks';
import { en } from '../../text/en';
import { Avatar, Empty, Kbd, Square, When } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { ChoiceMenu } from '../../ui/Menu';
import { Pending } from '../../ui/states';
import { Customer } from './Customer';
import { EditAccount } from './Edit';
import '../../styles/customers.css';

type Order = 'late' | 'open' | 'name' | 'kept';
const ORDERS: ReadonlyArray<{ id: Order; label: string }> = [
  { id: 'late', label: 'Late' }, { id: 'open', label: 'Open' }, { id: 'kept', label: 'Promises kept' }, { id: 'name', label: 'Name' },
];

export default function Customers() {
  const { id } = useParams<{ id?: string }>();
  return id ? <Customer key={id} name={id} /> : <All />;
}

function sorted(accounts: readonly Account[], fares: ReadonlyMap<string, Fare> | undefined, order: Order): Account[] {
  const rank = ({ id }: Account): number => {
    const fare = fares?.get(id);
    if (!fare || order === 'name') return 0;
    return order === 'late' ? -fare.late * 1e6 - fare.open : order === 'open' ? -fare.open : keptShare(fare) ?? 101;
  };
  return [...accounts].sort((a, b) => rank(a) - rank(b) || a.display_name.localeCompare(b.display_name));
}

function All() {
  const [, go] = useLocation();
  const accounts = useAccounts();
  const figures = useFares(useNames());
  const fares = figures.data;
  const [order, sortBy] = useState<Order>('late');
  const [isNew, makeNew] = useState(false);
  useEffect(() => { document.title = 'Customers · Worksmith'; }, []);
  const rows = useMemo(() => sorted(accounts.data ?? [], fares, order), [accounts.data, fares, order]);
  const keys = useMemo(() => rows.map(({ id }) => id), [rows]);
  const path = (id: string): string => `/customers/${rows.find((each) => each.id === id)?.display_id ?? id}`;
  const rover = useRover(keys, { onOpen: (id) => go(path(id)), label: (id) => rows.find((each) => each.id === id)?.display_name ?? '' });
  useCommands('view', { 'open.full': rover.at !== undefined && (() => go(path(rover.at ?? ''))) });
  return (
    <main>
      <header className="head line">
        <h1>Customers</h1>
        {accounts.data && <span className="n">{en.number(accounts.data.length)}</span>}
        <div className="tools">
          <ChoiceMenu label="Sort" value={order} options={ORDERS} onPick={sortBy} />
          <button type="button" className="btn main keep" onClick={() => makeNew(true)}><Icon name="plus" />New customer</button>
        </div>
      </header>
      <Pending of={[accounts]} />
      {/* Their order follows from the figures: so nothing moves when these come. */}
      {accounts.data && (fares || figures.isError) && (rows.length === 0
        ? (
          <Empty title="There are no customers yet">
            <p>Tickets come from people, people belong to workspaces, and those to customers.</p>
            <button type="button" className="btn main" onClick={() => makeNew(true)}>Make the first</button>
          </Empty>
        )
        : (
          <div className="customers">
            <div className="cols cgrid" aria-hidden="true">
              <span /><span>Customer</span><span className="wide">Tier</span><span className="r">Open</span><span className="r">Late</span><span className="r">Kept</span>
              <span className="wide">Owner</span><span className="r wide">Changed</span>
            </div>
            <div
              className="rows" role="listbox" aria-label="Customers" tabIndex={0} ref={rover.ref} aria-activedescendant={rover.at ? `account-${rover.at}` : undefined}
              onClick={(event) => {
                const id = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset.key;
                if (id) go(path(id));
              }}
            >
              {rows.map((account) => <Row key={account.id} account={account} fare={fares?.get(account.id)} isAt={rover.at === account.id} isTold={fares !== undefined} />)}
            </div>
          </div>
        ))}
      <footer className="foot"><span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>Enter</Kbd> open</span><span><Kbd>?</Kbd> all keys</span></footer>
      {isNew && <EditAccount onClose={() => makeNew(false)} onMade={(account) => go(`/customers/${account.display_id ?? account.id}`)} />}
    </main>
  );
}

function Row({ account, fare, isAt, isTold }: { account: Account; fare: Fare | undefined; isAt: boolean; isTold: boolean }) {
  const share = fare && keptShare(fare);
  const late = fare?.late ?? 0;
  return (
    <div
      id={`account-${account.id}`} data-key={account.id} role="option" aria-selected={isAt}
      className={`row cgrid${isAt ? ' cursor' : ''}${late > 0 ? ' hot' : ''}`}
    >
      <Square name={account.display_name} />
      <span className="t"><span className="ti" dir="auto">{account.display_name}</span></span>
      <span className="wide tier">{account.tier}</span>
      <span className="r">{isTold && (fare?.open ?? 0)}<span className="sr"> open</span></span>
      <span className="r">{late > 0 && <b className="late">{late}<span className="sr"> late</span></b>}</span>
      <span className="r">{share !== undefined && <>{share} %<span className="sr"> of promises kept</span></>}</span>
      <span className="wide">{account.owned_by[0] && <Avatar user={account.owned_by[0]} />}</span>
      <span className="r wide when"><When at={account.modified_date} /></span>
    </div>
  );
}
