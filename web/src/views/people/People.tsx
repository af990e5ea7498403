// Who works here, and the tokens with which programs and people call.
import { useEffect, useMemo, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import type { DevUser } from '../../api/types.gen';
import { useRover } from '../../commands/rover';
import { useAct } from '../../store/act';
import { asSummary } from '../../store/asked';
import { invite, setAccess, useLastChanges, useLoads, usePeople } from '../../store/people';
import { signedIn } from '../../store/session';
import { en } from '../../text/en';
import { Avatar, Kbd, When } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { ActionMenu } from '../../ui/Menu';
import { PageTabs } from '../../ui/PageTabs';
import { Input, Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { Sure } from '../../ui/Sure';
import { toast } from '../../ui/toast';
import { OPEN_WORK, pathOf } from '../../works/filter';
import { nameOf } from '../../works/work';
import { Tokens } from './Tokens';
import '../../styles/people.css';

const TABS = [{ name: 'People', path: '/people' }, { name: 'Tokens', path: '/people/tokens' }];

export default function People() {
  const { page } = useParams<{ page?: string }>();
  const people = usePeople();
  const [isInviting, inviteOne] = useState(false);
  const [isMaking, makeToken] = useState(false);
  const isTokens = page === 'tokens';
  useEffect(() => { document.title = 'People and tokens · Worksmith'; }, []);
  const active = people.data?.filter(({ state }) => state === 'active').length;
  return (
    <main>
      <header className="head">
        <h1>People and tokens</h1>
        {active !== undefined && <span className="n">{en.count(active, 'member', 'members')}</span>}
        <div className="tools">
          {isTokens
            ? <button type="button" className="btn main keep" onClick={() => makeToken(true)}><Icon name="plus" />New token</button>
            : <button type="button" className="btn main keep" onClick={() => inviteOne(true)}><Icon name="plus" />Invite</button>}
        </div>
      </header>
      <PageTabs label="People and tokens" tabs={TABS} here={isTokens ? '/people/tokens' : '/people'} />
      <Pending of={[people]} />
      {people.data && (isTokens ? <Tokens people={people.data} isMaking={isMaking} onMade={() => makeToken(false)} /> : <Members people={people.data} />)}
      {isInviting && <Invite onClose={() => inviteOne(false)} />}
    </main>
  );
}

const STATES: Record<string, string> = { active: 'member', shadow: 'no access yet', deactivated: 'no access any more', locked: 'locked' };

function Members({ people }: { people: readonly DevUser[] }) {
  const [, go] = useLocation();
  const me = signedIn().user.id;
  const { data: loads } = useLoads();
  const { data: lasts } = useLastChanges(people);
  const [leaving, ask] = useState<DevUser>();
  const act = useAct();
  const rows = useMemo(() => [...people].sort((a, b) =>
    Number(a.state !== 'active') - Number(b.state !== 'active') || nameOf(a).localeCompare(nameOf(b))), [people]);
  const keys = useMemo(() => rows.map(({ id }) => id), [rows]);
  const path = (id: string): string => {
    const user = rows.find((each) => each.id === id);
    return pathOf({ ...OPEN_WORK, filters: { ...OPEN_WORK.filters, kind: ['issue', 'ticket', 'task'], owner: [user?.display_id ?? id] } });
  };
  const rover = useRover(keys, { onOpen: (id) => go(path(id)), label: (id) => { const user = rows.find((each) => each.id === id); return user ? nameOf(user) : ''; } });
  const access = async (user: DevUser, may: boolean): Promise<void> => {
    if (await act.run(() => setAccess(user.id, may), 'people', 'users')) toast(may ? `${nameOf(user)} has access.` : `${nameOf(user)} has no access any more.`);
  };
  useEffect(() => { if (act.why) toast(en.refusal(act.why)); }, [act.why]);
  return (
    <>
      <div className="page flush" ref={rover.ref} tabIndex={0} role="region" aria-label="People">
        <table className="facts people">
          <thead><tr><th scope="col">Name</th><th scope="col" className="wide">Address</th><th scope="col">Access</th><th scope="col" className="r">Open works</th><th scope="col" className="r wide" title="When they last changed a work">Last change</th><th scope="col" className="r wide">Joined</th><th scope="col"><span className="sr">What can be done</span></th></tr></thead>
          <tbody>
            {rows.map((user) => (
              <tr key={user.id} data-key={user.id} className={`${rover.at === user.id ? 'cursor' : ''}${user.state === 'active' ? '' : ' away'}`} onClick={() => rover.move(user.id)}>
                <td><span className="who"><Avatar user={asSummary(user)} /><span dir="auto">{nameOf(user)}</span>{user.id === me && <span className="quiet">you</span>}</span></td>
                <td className="wide quiet">{user.email}</td>
                <td>{STATES[user.state] ?? user.state}</td>
                <td className="r">{loads && <a href={path(user.id)} onClick={(event) => { event.preventDefault(); go(path(user.id)); }}>{en.number(loads.get(user.id) ?? 0)}</a>}</td>
                <td className="r wide quiet">{lasts?.get(user.id) ? <When at={lasts.get(user.id)} /> : '–'}</td>
                <td className="r wide quiet"><When at={user.created_date} /></td>
                <td className="r">
                  {user.id !== me && (
                    <ActionMenu
                      label={`${nameOf(user)}: what can be done`} trigger={<Icon name="more" />}
                      items={user.state === 'active' ? [{ id: 'off', label: 'End access', run: () => ask(user) }] : [{ id: 'on', label: 'Give access', run: () => void access(user, true) }]}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 1 && <p className="note-here">You are alone here. Invite somebody.</p>}
      </div>
      <footer className="foot"><span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>Enter</Kbd> their work</span><span><Kbd>?</Kbd> all keys</span></footer>
      {leaving && (
        <Sure
          title={`End the access of ${nameOf(leaving)}?`} does="End access" onClose={() => ask(undefined)} onDo={() => void access(leaving, false)}
          text="Their tokens stop working at once. Their works stay theirs, and access can be given again."
        />
      )}
    </>
  );
}

function Invite({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const act = useAct();
  const send = async (): Promise<void> => {
    if (!await act.run(() => invite(email.trim(), name.trim()), 'people', 'users')) return;
    toast(`${name.trim() || email.trim()} has access. Give them a token to sign in with.`);
    onClose();
  };
  return (
    <Sheet title="Invite" submit="Give access" note="No mail is sent" why={act.why} isBusy={act.isBusy} canSend={/.@./.test(email)} onSend={() => void send()} onClose={onClose}>
      <Input label="E-mail" type="email" value={email} onChange={setEmail} isFirst required />
      <Input label="Name" value={name} onChange={setName} />
    </Sheet>
  );
}
