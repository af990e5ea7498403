// One customer: what is open, what was promised, workspaces and people.
import { useEffect, useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { asRefusal } from '../../api/errors';
import type { Account, RevOrg, RevUser } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { useRover } from '../../commands/rover';
import { setTargets } from '../../commands/targets';
import { keptShare, useAccount, useContacts, useFares, useKeptTo, useTickets, useWorkspaces } from '../../store/customers';
import { useNames, useWork } from '../../store/hooks';
import { useSlas } from '../../store/promises';
import { works } from '../../store/works';
import { en } from '../../text/en';
import { Avatar, Clock, Empty, Square, Track, Urgency, When } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Pending } from '../../ui/states';
import { idOf, initials, nameOf } from '../../works/work';
import { outcome, slaFor } from '../../works/promise';
import { OPEN_WORK, pathOf } from '../../works/filter';
import { EditAccount, NewContact, NewWorkspace } from './Edit';

export function Customer({ name }: { name: string }) {
  const account = useAccount(name);
  const [, go] = useLocation();
  useCommands('view', { back: () => go('/customers') });
  useEffect(() => { document.title = `${account.data?.display_name ?? name} · Worksmith`; }, [account.data?.display_name]);
  if (account.data) return <Shown account={account.data} />;
  const why = account.error && asRefusal(account.error);
  if (why?.status === 404 || why?.kind === 'invalid_id') return <main><Empty title={`There is no customer ${name}`}><p><Link href="/customers" className="ref">All customers</Link></p></Empty></main>;
  return (
    <main>
      <header className="head line"><nav className="crumb" aria-label="Where it is"><Link href="/customers">Customers</Link><Icon name="right" /><b>{name}</b></nav></header>
      <Pending of={[account]} />
    </main>
  );
}

type Form = 'account' | 'workspace' | 'contact';

function Shown({ account }: { account: Account }) {
  const [form, open] = useState<Form>();
  const fare = useFares(useNames()).data?.get(account.id);
  const tickets = useTickets(account.id);
  const workspaces = useWorkspaces(account.id);
  const contacts = useContacts(workspaces.data);
  const close = (): void => open(undefined);
  const share = fare && keptShare(fare);
  const all = pathOf({ ...OPEN_WORK, filters: { ...OPEN_WORK.filters, kind: ['ticket'], customer: [account.display_id ?? account.id] }, sort: 'clock' });
  return (
    <main>
      <header className="head line">
        <nav className="crumb" aria-label="Where it is"><Link href="/customers">Customers</Link><Icon name="right" /><b>{account.display_name}</b></nav>
        <div className="tools">
          <Link href={all} className="btn"><Icon name="list" />Its tickets</Link>
          <button type="button" className="btn line words" onClick={() => open('account')}>Edit</button>
        </div>
      </header>
      <div className="doc customer">
        <div className="read">
          <div className="flow" tabIndex={0} role="region" aria-label={account.display_name}>
            <h1 className="ti" dir="auto">{account.display_name}</h1>
            {account.description && <p className="by" dir="auto">{account.description}</p>}
            <dl className="strip">
              <div><dt>open</dt><dd>{fare?.open ?? 0}</dd></div>
              <div className={fare && fare.late > 0 ? 'hot' : undefined}><dt>late</dt><dd>{fare?.late ?? 0}</dd></div>
              <div><dt>{fare && share !== undefined ? `kept of ${en.count(fare.kept + fare.broken, 'promise', 'promises')}` : 'no promise is over yet'}</dt><dd>{share === undefined ? '–' : `${share} %`}</dd></div>
            </dl>
            <h2>Open tickets</h2>
            <Pending of={[tickets]} />
            {tickets.data && <Tickets ids={tickets.data} />}
            <Over account={account.id} />
          </div>
        </div>
        <div className="props all" role="complementary" aria-label="Properties" tabIndex={0}>
          <dl>
            <dt>Tier</dt><dd>{account.tier ?? <span className="quiet">None</span>}</dd>
            <dt>Promised</dt><dd><Promised account={account} /></dd>
            <dt>Owner</dt><dd>{account.owned_by.map((user) => <span key={user.id} className="who"><Avatar user={user} /> {nameOf(user)}</span>)}</dd>
            <dt>Domains</dt><dd>{account.domains?.join(', ') || <span className="quiet">None</span>}</dd>
            <dt>Id</dt><dd>{account.display_id}</dd>
          </dl>
          <Workspaces workspaces={workspaces.data} contacts={contacts.data} onNew={open} />
        </div>
      </div>
      {form === 'account' && <EditAccount account={account} onClose={close} />}
      {form === 'workspace' && <NewWorkspace account={account} onClose={close} />}
      {form === 'contact' && <NewContact workspaces={workspaces.data ?? []} onClose={close} />}
    </main>
  );
}

function Tickets({ ids }: { ids: readonly string[] }) {
  const [, go] = useLocation();
  const known = useMemo(() => ids.filter((id) => !works.isGone(id)), [ids]);
  const rover = useRover(known, { onOpen: (id) => { const work = works.get(id); if (work) go(`/${idOf(work)}`); }, label: (id) => works.get(id)?.title ?? '' });
  useEffect(() => setTargets(() => (rover.at ? [rover.at] : [])), [rover.at]);
  if (known.length === 0) return <p className="note-here">Nothing is open. That is how it should be.</p>;
  return (
    <div
      className="few" role="listbox" aria-label="Open tickets" tabIndex={0} ref={rover.ref} aria-activedescendant={rover.at ? `ticket-${rover.at}` : undefined}
      onClick={(event) => {
        const id = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset.key;
        const work = id && works.get(id);
        if (work) go(`/${idOf(work)}`);
      }}
    >
      {known.map((id) => <Ticket key={id} id={id} isAt={rover.at === id} />)}
    </div>
  );
}

const SHOWN_MAX = 10;

/** What was promised to it and is over. */
function Over({ account }: { account: string }) {
  const { data = [] } = useKeptTo(account);
  if (data.length === 0) return null;
  return (
    <>
      <h2>Promises that are over</h2>
      <ul className="over-list">
        {data.slice(0, SHOWN_MAX).map(({ tracker, work }) => {
          const { isKept, text } = outcome(tracker);
          return work && (
            <li key={tracker.id}>
              <Link href={`/${idOf(work)}`}><span className="id">{idOf(work)}</span><span className="ti" dir="auto">{work.title}</span></Link>
              <span className={isKept ? 'quiet' : 'late'}>{text}</span>
              <span className="quiet when"><When at={tracker.modified_date} /></span>
            </li>
          );
        })}
      </ul>
      {data.length > SHOWN_MAX && <p className="note-here">And {en.number(data.length - SHOWN_MAX)} before them.</p>}
    </>
  );
}

/** By which SLA. */
function Promised({ account }: { account: Account }) {
  const { data } = useSlas();
  if (!data) return null;
  const sla = slaFor(data, account);
  if (sla === 'none') return <span className="quiet">Nothing</span>;
  return sla ? <Link href="/slas" className="ref" title="A workspace can be assigned another one">{sla.name}</Link> : <span className="quiet">can’t be told from the tier</span>;
}

function Ticket({ id, isAt }: { id: string; isAt: boolean }) {
  const work = useWork(id);
  if (!work) return null;
  const stage = work.sla_summary?.stage;
  const heat = stage === 'breached' ? ' hot' : stage === 'warning' ? ' warm' : '';
  return (
    <div id={`ticket-${id}`} data-key={id} role="option" aria-selected={isAt} className={`row kgrid${isAt ? ' cursor' : ''}${heat}`}>
      <span className="cell-u"><Urgency work={work} /></span>
      <span className="id">{idOf(work)}</span>
      <span className="t"><Track stage={work.stage} label={work.stage?.display_name ?? ''} /><span className="ti" dir="auto">{work.title}</span></span>
      <span className="lasts"><Clock work={work} /></span>
      <Avatar user={work.owned_by[0]} />
    </div>
  );
}

function Workspaces({ workspaces, contacts, onNew }: {
  workspaces: readonly RevOrg[] | undefined;
  contacts: readonly RevUser[] | undefined;
  onNew: (form: Form) => void;
}) {
  const of = (id: string): RevUser[] => contacts?.filter((each) => each.rev_org?.id === id) ?? [];
  return (
    <section className="links">
      <h2>Workspaces <span className="adds"><button type="button" className="btn" onClick={() => onNew('workspace')}><Icon name="plus" />Workspace</button><button type="button" className="btn" onClick={() => onNew('contact')}><Icon name="plus" />Person</button></span></h2>
      {workspaces?.map((workspace) => (
        <div key={workspace.id} className="workspace">
          <h3><Square name={workspace.display_name} /><bdi>{workspace.display_name}</bdi></h3>
          {workspace.description && <p className="quiet" dir="auto">{workspace.description}</p>}
          <ul>
            {of(workspace.id).map((person) => (
              <li key={person.id}><span className="av">{initials(nameOf(person))}</span><span className="n"><bdi>{nameOf(person)}</bdi></span>{person.email && <a className="quiet" href={`mailto:${person.email}`}>{person.email}</a>}</li>
            ))}
          </ul>
          {contacts && of(workspace.id).length === 0 && <p className="quiet">Nobody yet</p>}
        </div>
      ))}
    </section>
  );
}
