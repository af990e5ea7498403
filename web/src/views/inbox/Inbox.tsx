// What concerns whoever looks: one line per work, with the newest reason; done, later, unread by a key.
import { useEffect, useMemo, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import type { Notification } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { useRover } from '../../commands/rover';
import { setTargets } from '../../commands/targets';
import { useUsers } from '../../store/asked';
import { mark, useInbox, useUnread, type Mark } from '../../store/inbox';
import { loadWork, works } from '../../store/works';
import { en } from '../../text/en';
import { moment } from '../../text/format';
import { Avatar, Empty, Kbd, When } from '../../ui/bits';
import { Icon, type IconName } from '../../ui/Icon';
import { PageTabs } from '../../ui/PageTabs';
import { Picker } from '../../ui/Picker';
import { Pending } from '../../ui/states';
import { toast } from '../../ui/toast';
import { held, newest, reason, untils, type Box } from '../../works/inbox';
import { objectPath } from '../../works/references';
import { nameOf } from '../../works/work';
import { Told } from './Told';
import '../../styles/inbox.css';

const TABS = [
  { name: 'Now', path: '/inbox' }, { name: 'Later', path: '/inbox/later' }, { name: 'Done', path: '/inbox/done' },
  { name: 'What you are told of', path: '/inbox/settings' },
];
const BOX: Record<string, Box> = { later: 'later', done: 'done' };

export default function Inbox() {
  const { page = '' } = useParams<{ page?: string }>();
  const { data: unread } = useUnread();
  useEffect(() => { document.title = unread ? `(${unread}) Inbox · Worksmith` : 'Inbox · Worksmith'; }, [unread]);
  const isTold = page === 'settings';
  const box = BOX[page] ?? 'now';
  return (
    <main>
      <header className="head">
        <h1>Inbox</h1>
        {unread !== undefined && unread > 0 && <span className="n">{en.number(unread)} unread</span>}
      </header>
      <PageTabs label="Inbox" tabs={TABS} here={isTold ? '/inbox/settings' : page === '' ? '/inbox' : `/inbox/${page}`} />
      {isTold ? <Told /> : <Rows key={box} box={box} />}
    </main>
  );
}

const EMPTY: Record<Box, [string, string]> = {
  now: ['Nothing waits for you', 'What is given to you, said to you or happens to what you follow comes here.'],
  later: ['Nothing was put off', 'H puts off what can wait; it comes back by itself.'],
  done: ['Nothing is done yet', 'E puts away what is done. It comes back only with news.'],
};

function Rows({ box }: { box: Box }) {
  const [, go] = useLocation();
  const inbox = useInbox(box);
  const { data: users = [] } = useUsers();
  const names = useMemo(() => new Map(users.map((user) => [user.id, nameOf(user)])), [users]);
  const found = useMemo(() => inbox.data ?? [], [inbox.data]);
  const [shown, show] = useState<readonly string[]>([]);
  const { rows: keys, fresh } = useMemo(() => held(shown, found.map(({ id }) => id)), [shown, found]);
  // Those that go keep their place, so that they come back to it.
  useEffect(() => { if (keys.length > 0 && !shown.some((id) => keys.includes(id))) show(keys); }, [keys, shown]);
  const byId = useMemo(() => new Map(found.map((each) => [each.id, each])), [found]);
  const showAll = (): void => show(found.map(({ id }) => id));
  const [later, putOff] = useState<Notification>();

  const open = (id: string): void => {
    const one = byId.get(id);
    if (!one) return;
    if (one.state === 'unread') void mark([one], { state: 'read' });
    const path = one.parent && objectPath({ kind: one.parent.type, id: idOf(one) });
    const url = newest(one)?.url;
    if (path) go(path);
    else if (url) window.open(url, '_blank', 'noopener,noreferrer');
    else toast('It leads nowhere: what it was about has no page here.');
  };
  const rover = useRover(keys, { onOpen: open, label: (id) => { const one = byId.get(id); return one ? heading(one) : ''; } });
  const at = rover.at === undefined ? undefined : byId.get(rover.at);
  const work = at?.parent && WORKS.has(at.parent.type) ? at.parent.id : undefined;
  useEffect(() => {
    if (work && !works.get(work)) void loadWork(work).catch(() => undefined);
    return setTargets(() => (work && works.get(work) ? [work] : []));
  }, [work]);
  useEffect(() => () => { undone = undefined; }, []);

  const put = (some: Notification[], how: Mark, said: string): void => {
    // The cursor goes on to what follows.
    const rest = keys.filter((key) => !some.some(({ id }) => id === key));
    const next = keys.slice(keys.indexOf(rover.at ?? '')).find((key) => rest.includes(key)) ?? rest.at(-1);
    const leaves = how.state === 'done' ? box !== 'done' : how.state === 'later' ? box !== 'later' : box !== 'now';
    if (leaves && next) rover.move(next);
    void mark(some, how).then((why) => {
      if (why) toast(en.refusal(why));
      else if (said) toast(said, { label: 'Undo', run: () => back(some) });
    });
    undone = () => back(some);
  };
  const back = (some: Notification[]): void => {
    undone = undefined;
    for (const state of ['unread', 'read', 'done'] as const) {
      const those = some.filter((each) => each.state === state);
      if (those.length > 0) void mark(those, { state });
    }
    for (const each of some) if (each.state === 'later' && each.remind_at) void mark([each], { state: 'later', until: each.remind_at });
  };
  const name = (some: Notification[]): string => (some.length === 1 && some[0] ? idOf(some[0]) : en.count(some.length, 'line', 'lines'));
  const done = (some: Notification[]): void => put(some, { state: 'done' }, `${name(some)} is done.`);
  useCommands('view', {
    'inbox.done': at && box !== 'done' && (() => done([at])),
    'inbox.done.all': box === 'now' && found.length > 0 && (() => done([...found])),
    'inbox.later': at && (() => putOff(at)),
    'inbox.unread': at && (() => put([at], { state: at.state === 'unread' ? 'read' : 'unread' }, box === 'now' ? '' : `${idOf(at)} is back.`)),
    fresh: fresh.length > 0 && showAll,
    undo: undone && (() => undone?.()),
  });

  if (inbox.data === undefined) return <Pending of={[inbox]} />;
  return (
    <>
      {fresh.length > 0 && (
        <button type="button" className="btn fresh news" onClick={showAll}>{en.fresh(fresh.length)} <Kbd>.</Kbd></button>
      )}
      {keys.length === 0
        ? <Empty title={EMPTY[box][0]}><p>{EMPTY[box][1]}</p></Empty>
        : (
          <div className="inbox">
            <div
              className="rows" role="listbox" aria-label="Inbox" tabIndex={0} ref={rover.ref} aria-activedescendant={rover.at ? `row-${rover.at}` : undefined}
              onClick={(event) => {
                const id = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset.key;
                if (id) { rover.move(id); open(id); }
              }}
            >
              {keys.map((id) => { const one = byId.get(id); return one && <Row key={id} one={one} names={names} isAt={rover.at === id} />; })}
            </div>
            {at && (
              <div className="acts" role="toolbar" aria-label={`What to do with ${idOf(at)}`}>
                {box !== 'done' && <button type="button" className="btn" onClick={() => done([at])}><Icon name="check" />Done</button>}
                <button type="button" className="btn" onClick={() => putOff(at)}><Icon name="clock" />Later</button>
                <button type="button" className="btn" onClick={() => open(at.id)}><Icon name="arrow" />Open</button>
              </div>
            )}
          </div>
        )}
      <footer className="foot">
        <span><Kbd>J</Kbd><Kbd>K</Kbd> move</span><span><Kbd>Enter</Kbd> open</span>
        {box !== 'done' && <span><Kbd>E</Kbd> done</span>}
        <span><Kbd>H</Kbd> later</span><span><Kbd>U</Kbd> {box === 'now' ? 'read or unread' : 'back to now'}</span><span><Kbd>?</Kbd> all keys</span>
      </footer>
      {later && (
        <Picker
          title="Come back" about={idOf(later)} onClose={() => putOff(undefined)}
          groups={[{
            label: '',
            items: untils(Date.now()).map(({ id, label, at: time }) => ({
              id, label, hint: moment(time), mark: <Icon name="clock" />,
              pick: () => put([later], { state: 'later', until: new Date(time).toISOString() }, `${idOf(later)} comes back ${moment(time)}.`),
            })),
          }]}
        />
      )}
    </>
  );
}

/** What `Ctrl+Z` takes back here. */
let undone: (() => void) | undefined;

const WORKS = new Set(['issue', 'ticket', 'task', 'opportunity']);
const ICONS: Record<string, IconName> = { mention: 'chat', assignment: 'person', alert: 'bell', reminder: 'clock', update: 'list' };

interface Parent { id: string; display_id?: string; title?: string; name?: string; display_name?: string }
const parentOf = (one: Notification): Parent | undefined => one.parent as Parent | undefined;
const idOf = (one: Notification): string => parentOf(one)?.display_id ?? one.display_id ?? 'it';
const titleOf = (one: Notification): string => {
  const parent = parentOf(one);
  return parent?.title ?? parent?.name ?? parent?.display_name ?? newest(one)?.title ?? '';
};
const heading = (one: Notification): string => [idOf(one), titleOf(one)].filter(Boolean).join(' ');

function Row({ one, names, isAt }: { one: Notification; names: ReadonlyMap<string, string>; isAt: boolean }) {
  const event = newest(one);
  const why = event && reason(event, names);
  const isNew = one.state === 'unread';
  return (
    <div id={`row-${one.id}`} data-key={one.id} role="option" aria-selected={isAt} className={`row igrid${isAt ? ' cursor' : ''}${isNew ? ' unread' : ''}`}>
      <span className="mark">{isNew && <span className="sr">Unread</span>}</span>
      <span className="by">{event?.actor ? <Avatar user={event.actor} /> : <Icon name={ICONS[one.event_type] ?? 'bell'} />}</span>
      <span className="id">{parentOf(one)?.display_id}</span>
      <span className="t"><span className="ti" dir="auto">{titleOf(one)}</span></span>
      <span className="why" dir="auto">{why?.who && <b dir="auto">{why.who} </b>}{why?.text}</span>
      <span className="many">{one.total_events > 1 && <>{en.number(one.total_events)}<span className="sr"> things happened</span></>}</span>
      <span className="r when">{one.remind_at ? moment(one.remind_at) : <When at={one.last_event_date} />}</span>
    </div>
  );
}
