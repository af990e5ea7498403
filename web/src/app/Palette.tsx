// Find or do: every command that can be done now, every view, people, parts, customers, and works.
import { useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { asRefusal, type Refusal } from '../api/errors';
import type { Stage } from '../api/types.gen';
import { aim, targets } from '../commands/targets';
import { shown } from '../commands/keys';
import { open } from '../commands/overlay';
import { handler, version } from '../commands/registry';
import { COMMANDS } from '../commands/table';
import { useAccounts, useFound, useParts, useSprints, useStages, useUsers, asSummary, type FoundWork } from '../store/asked';
import { useSignal, useWork } from '../store/hooks';
import { useCustomFields } from '../store/schema';
import { loadWork, setField, works } from '../store/works';
import { en } from '../text/en';
import { Avatar, Kbd, Track } from '../ui/bits';
import { Icon, type IconName } from '../ui/Icon';
import { Picker, type Choice, type ChoiceGroup } from '../ui/Picker';
import { field, fieldsOf } from '../works/fields';
import { OPEN_WORK, parse, pathOf, within, type Filters, type View } from '../works/filter';
import { rank, type Piece } from '../text/rank';
import { idOf, nameOf, type UserSummary, type Work } from '../works/work';
import { ALL, sprintPlace, type Place } from '../views/places';

const FOUND_MAX = 6;

/** What Tab asks more about: a work, or where works are listed. */
type Subject = { kind: 'work'; id: string; name: string } | { kind: 'list'; name: string; filters: Filters; user?: UserSummary };

interface Props {
  isSearch: boolean;
  onClose: () => void;
}

export function Palette(props: Props) {
  const [query, setQuery] = useState('');
  const [subject, setSubject] = useState<Subject>();
  if (!subject) return <Everything {...props} query={query} onQuery={setQuery} onMore={setSubject} />;
  const back = (): void => setSubject(undefined);
  return subject.kind === 'work'
    ? <MoreOfWork subject={subject} onBack={back} onClose={props.onClose} />
    : <MoreOfList subject={subject} onBack={back} onClose={props.onClose} />;
}

interface Looking {
  query: string;
  go: (path: string) => void;
  onMore: (subject: Subject) => void;
}

function Everything({ isSearch, query, onQuery, onMore, onClose }: Props & { query: string; onQuery: (query: string) => void; onMore: (subject: Subject) => void }) {
  const [, go] = useLocation();
  useSignal(version);
  const ids = targets();
  const looking = { query, go, onMore };
  const [commands, places, found] = [useCommandChoices(ids, looking), usePlaces(looking), useWorks(looking)];
  const groups = isSearch ? [found, places, commands] : [commands, places, found];
  const first = ids[0] && works.get(ids[0]);
  const about = ids.length > 1 ? en.works(ids.length) : first ? idOf(first) : undefined;
  const empty = found.why && !found.why.isTemporary ? en.refusal(found.why)
    : found.isLooking ? 'Looking …'
      : 'Nothing fits. Works are found by their words, those of their comments, and their ids.';
  return (
    <Picker
      title={isSearch ? 'Search' : 'Find or do'} about={isSearch ? undefined : about} groups={query.trim() === '' && isSearch ? [] : groups} initial={query}
      onClose={onClose} onQuery={onQuery} empty={query.trim() === '' ? 'Words, “a phrase”, an id, or owner:me state:open' : empty}
    />
  );
}

interface MoreProps<T> {
  subject: T;
  onBack: () => void;
  onClose: () => void;
}

/** Closes the palette with what is picked, and goes back to it without. */
function More({ about, groups, onQuery, onBack, onClose }: { about: string; groups: ChoiceGroup[]; onQuery?: (query: string) => void; onBack: () => void; onClose: () => void }) {
  const closing = groups.map((group) => ({ ...group, items: group.items.map((item) => ({ ...item, pick: () => { onClose(); item.pick(); } })) }));
  return <Picker key={about} title={`More for ${about}`} placeholder="What to do with it" about={about} groups={closing} isStep onClose={onBack} {...(onQuery ? { onQuery } : {})} />;
}

function MoreOfWork({ subject: { id, name }, onBack, onClose }: MoreProps<Extract<Subject, { kind: 'work' }>>) {
  const [query, setQuery] = useState('');
  const [path, go] = useLocation();
  const search = useSearch();
  const work = useWork(id);
  useEffect(() => { if (!works.get(id)) void loadWork(id).catch(() => undefined); }, [id]);
  const commands = useCommandChoices([id], { query }, true);
  const open = [{ id: 'page', label: 'Open on a page', mark: <Icon name="expand" />, pick: () => go(`/${name}`) }];
  if (path === '/works') open.push({ id: 'beside', label: 'Open beside the list', mark: <Icon name="list" />, pick: () => go(pathOf(parse(search), name)) });
  return <More about={name} groups={[{ label: 'Open', items: open }, ...(work ? [commands] : [])]} onQuery={setQuery} onBack={onBack} onClose={onClose} />;
}

function MoreOfList({ subject: { name, filters, user }, onBack, onClose }: MoreProps<Extract<Subject, { kind: 'list' }>>) {
  const [, go] = useLocation();
  const ids = targets();
  const view = (label: string, icon: IconName, some: Partial<View>): Choice => ({
    id: label, label, mark: <Icon name={icon} />, pick: () => go(pathOf({ ...OPEN_WORK, ...some })),
  });
  const { state: _, ...closedToo } = { ...OPEN_WORK.filters, ...filters };
  const open = { ...OPEN_WORK.filters, ...filters };
  const items = [
    view('Open work', 'list', { filters: open }),
    view('Open work on a board', 'board', { filters: open, layout: 'board' }),
    view('All of it, closed too', 'list', { filters: closedToo }),
    view('What changed last', 'sort', { filters: closedToo, group: 'none', sort: 'changed' }),
    view('What is late', 'clock', { filters: { ...open, clock: ['breached'] } }),
  ];
  const assign = user && ids.length > 0 ? [{ label: 'Do', items: assignments(ids, user) }] : [];
  return <More about={name} groups={[{ label: 'Go to', items }, ...assign]} onBack={onBack} onClose={onClose} />;
}

/** Whom to give works to: instead of who has them, or beside. */
function assignments(ids: string[], user: UserSummary): Choice[] {
  const owner = field('owned_by');
  const owners = [...new Set(ids.map((id) => works.get(id)?.owned_by.map(nameOf).join(', ')))];
  const instead = owners.length === 1 && owners[0] ? `instead of ${owners[0]}` : 'instead of who has it';
  return [{
    id: `assign ${user.id}`, label: `Assign to ${nameOf(user)}`, mark: <Avatar user={user} />,
    hint: instead, pick: () => { void setField(ids, owner, [user]); },
  }, {
    id: `also ${user.id}`, label: `Assign also to ${nameOf(user)}`, mark: <Avatar user={user} />, hint: 'keeps who is there',
    pick: () => {
      void setField(ids, owner, (work: Work) =>
        (work.owned_by.some((each) => each.id === user.id) ? work.owned_by : [...work.owned_by, user]));
    },
  }];
}

const workOf = (user: UserSummary): Subject => ({ kind: 'list', name: nameOf(user), filters: { owner: [user.display_id ?? user.id] }, user });

/** What can be done now or, about works that the view is not about, what can be done with every work. */
function useCommandChoices(ids: string[], { query, onMore }: Pick<Looking, 'query'> & Partial<Looking>, isAimed = false): ChoiceGroup {
  const { data: users = [] } = useUsers();
  const custom = useCustomFields(ids[0] === undefined ? undefined : works.get(ids[0]));
  const items = COMMANDS.filter((command) => !command.isMove && !['palette', 'search'].includes(command.id)).flatMap((command): Choice[] => {
    const act = handler(command.id);
    if (!act || (isAimed && command.place !== 'works')) return [];
    return [{
      id: command.id, label: command.label, mark: <Icon name={command.icon ?? 'arrow'} />,
      hint: command.keys[0] ? shown(command.keys[0]).map((key) => <Kbd key={key}>{key}</Kbd>) : null,
      // What it opens must come after this has closed.
      pick: () => { setTimeout(isAimed ? () => aim(ids, act) : act); },
    }];
  });
  // Fields without a key.
  const first = ids[0] && works.get(ids[0]);
  if (first && query.trim() !== '') {
    items.push(...[...fieldsOf(first.type), ...custom].filter((each) => !each.command && each.edit !== 'long').map((each): Choice => ({
      id: `field ${each.name}`, label: `Change ${each.label.toLowerCase()}`, mark: <Icon name="fields" />,
      pick: () => { setTimeout(() => open({ kind: 'field', ids, field: each.name })); },
    })));
  }
  // Whom to assign to is asked only when it was typed.
  if (ids.length > 0 && query.trim().length > 2) {
    for (const user of users.map(asSummary)) {
      items.push(...assignments(ids, user).map((each) => ({ ...each, ...(onMore ? { more: () => onMore(workOf(user)) } : {}) })));
    }
  }
  return { label: 'Do', items };
}

function usePlaces({ go, query, onMore }: Looking): ChoiceGroup {
  const { data: users = [] } = useUsers();
  const { data: parts = [] } = useParts();
  const { data: accounts = [] } = useAccounts();
  const { data: sprints = [] } = useSprints();
  const place = (each: Place): Choice => ({
    id: each.path, label: each.name, mark: <Icon name={each.icon} />, pick: () => go(each.path),
  });
  const works = (filters: Filters): string => pathOf({ ...OPEN_WORK, filters: { ...OPEN_WORK.filters, ...filters } });
  const items = [...ALL, ...sprints.map(sprintPlace)].map(place);
  if (query.trim() !== '') {
    items.push(
      ...users.map((user): Choice => ({
        id: user.id, label: `${nameOf(user)}’s work`, mark: <Icon name="person" />,
        pick: () => go(works({ owner: [user.display_id ?? user.id] })), more: () => onMore(workOf(asSummary(user))),
      })),
      ...parts.map((part): Choice => ({
        id: part.id, label: `Part ${part.name}`, hint: part.type, mark: <Icon name="tree" />,
        pick: () => go(works({ part: [within(part.display_id ?? part.id)] })),
        more: () => onMore({ kind: 'list', name: part.name, filters: { part: [within(part.display_id ?? part.id)] } }),
      })),
      ...accounts.map((account): Choice => ({
        id: account.id, label: `Customer ${account.display_name}`, hint: account.tier, mark: <Icon name="building" />,
        pick: () => go(works({ kind: ['ticket'], customer: [account.display_id ?? account.id] })),
        more: () => onMore({ kind: 'list', name: account.display_name, filters: { kind: ['ticket'], customer: [account.display_id ?? account.id] } }),
      })),
    );
  }
  const most = items.filter((item) => rank(query, item.label) > 0).slice(0, query ? 8 : 10);
  return { label: 'Go to', items: most };
}

function useWorks({ go, query, onMore }: Looking): ChoiceGroup & { isLooking: boolean; why: Refusal | undefined } {
  const typed = query.trim();
  const { data = [], error, isFetching } = useFound(query);
  const { data: stages } = useStages();
  // What is held shows at once; what the server finds follows.
  const held = typed.length > 1 ? works.all().filter((work) => rank(typed, `${idOf(work)} ${work.title}`) > 0).slice(0, FOUND_MAX) : [];
  const ids = new Set(held.map(({ id }) => id));
  const found = typed === '' ? [] : data.filter(({ work }) => !ids.has(work.id));
  const choice = (work: FoundWork['work'] | Work, stage: Stage | undefined, rest: Partial<Choice>): Choice => ({
    id: work.id, label: `${work.display_id ?? work.id}  ${work.title}`, mark: <Track stage={stage} />,
    hint: work.owned_by?.[0] ? nameOf(work.owned_by[0]) : null, pick: () => go(`/${work.display_id ?? work.id}`),
    more: () => onMore({ kind: 'work', id: work.id, name: work.display_id ?? work.id }), ...rest,
  });
  return {
    label: 'Works',
    isFound: true,
    isLooking: isFetching,
    why: error ? asRefusal(error) : undefined,
    items: [
      ...held.map((work) => choice(work, work.stage, {})),
      ...found.map(({ work, snippet, by }) => choice(work, work.stage && stages?.get(work.stage.name), snippet.length > 0 ? { below: <Snippet pieces={snippet} by={by} /> } : {})),
    ],
  };
}

/** What is said of a person by their id is left out of a line. */
const MENTION = /<don:[^>]*>\s*/g;

function Snippet({ pieces, by }: { pieces: Piece[]; by: string | undefined }) {
  return (
    <>
      {by && <><bdi>{by}</bdi>: </>}
      <span dir="auto">{pieces.map((piece, at) => (piece.isTyped ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text.replace(MENTION, '')}</span>))}</span>
    </>
  );
}
