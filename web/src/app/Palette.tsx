// Find or do: every command that can be done now, every view, people, parts, customers, and works.
import { useState } from 'react';
import { useLocation } from 'wouter';
import { asRefusal, type Refusal } from '../api/errors';
import type { Stage } from '../api/types.gen';
import { targets } from '../commands/targets';
import { shown } from '../commands/keys';
import { open } from '../commands/overlay';
import { handler, version } from '../commands/registry';
import { COMMANDS } from '../commands/table';
import { useAccounts, useFound, useParts, useSprints, useStages, useUsers, asSummary, type FoundWork } from '../store/asked';
import { useSignal } from '../store/hooks';
import { setField, works } from '../store/works';
import { en } from '../text/en';
import { Avatar, Kbd, Track } from '../ui/bits';
import { Icon } from '../ui/Icon';
import { Picker, type Choice, type ChoiceGroup } from '../ui/Picker';
import { field, fieldsOf } from '../works/fields';
import { OPEN_WORK, format, type Filters } from '../works/filter';
import { rank, type Piece } from '../text/rank';
import { idOf, nameOf, type Work } from '../works/work';
import { ALL, sprintPlace, type Place } from '../views/places';

const FOUND_MAX = 6;

export function Palette({ isSearch, onClose }: { isSearch: boolean; onClose: () => void }) {
  const [query, setQuery] = useState('');
  const [, go] = useLocation();
  useSignal(version);
  const ids = targets();
  const [commands, places, found] = [useCommandChoices(ids, query), usePlaces(go, query), useWorks(go, query)];
  const groups = isSearch ? [found, places, commands] : [commands, places, found];
  const first = ids[0] && works.get(ids[0]);
  const about = ids.length > 1 ? en.works(ids.length) : first ? idOf(first) : undefined;
  const empty = found.why && !found.why.isTemporary ? en.refusal(found.why)
    : found.isLooking ? 'Looking …'
      : 'Nothing fits. Works are found by their words, those of their comments, and their ids.';
  return (
    <Picker
      title={isSearch ? 'Search' : 'Find or do'} about={isSearch ? undefined : about} groups={query.trim() === '' && isSearch ? [] : groups}
      onClose={onClose} onQuery={setQuery} empty={query.trim() === '' ? 'Words, “a phrase”, an id, or owner:me state:open' : empty}
    />
  );
}

function useCommandChoices(ids: string[], query: string): ChoiceGroup {
  const { data: users = [] } = useUsers();
  const items = COMMANDS.filter((command) => !command.isMove && !['palette', 'search'].includes(command.id)).flatMap((command): Choice[] => {
    const act = handler(command.id);
    if (!act) return [];
    return [{
      id: command.id, label: command.label, mark: <Icon name={command.icon ?? 'arrow'} />,
      hint: command.keys[0] ? shown(command.keys[0]).map((key) => <Kbd key={key}>{key}</Kbd>) : null,
      // What it opens must come after this has closed.
      pick: () => { setTimeout(act); },
    }];
  });
  // Fields without a key.
  const first = ids[0] && works.get(ids[0]);
  if (first && query.trim() !== '') {
    items.push(...fieldsOf(first.type).filter((each) => !each.command).map((each): Choice => ({
      id: `field ${each.name}`, label: `Change ${each.label.toLowerCase()}`, mark: <Icon name="fields" />,
      pick: () => { setTimeout(() => open({ kind: 'field', ids, field: each.name })); },
    })));
  }
  // Whom to assign to is asked only when it was typed.
  if (ids.length > 0 && query.trim().length > 2) {
    const owner = field('owned_by');
    const owners = [...new Set(ids.map((id) => works.get(id)?.owned_by.map(nameOf).join(', ')))];
    const instead = owners.length === 1 && owners[0] ? `instead of ${owners[0]}` : 'instead of who has it';
    for (const user of users.map(asSummary)) {
      items.push({
        id: `assign ${user.id}`, label: `Assign to ${nameOf(user)}`, mark: <Avatar user={user} />,
        hint: instead, pick: () => { void setField(ids, owner, [user]); },
      }, {
        id: `also ${user.id}`, label: `Assign also to ${nameOf(user)}`, mark: <Avatar user={user} />, hint: 'keeps who is there',
        pick: () => {
          void setField(ids, owner, (work: Work) =>
            (work.owned_by.some((each) => each.id === user.id) ? work.owned_by : [...work.owned_by, user]));
        },
      });
    }
  }
  return { label: 'Do', items };
}

function usePlaces(go: (path: string) => void, query: string): ChoiceGroup {
  const { data: users = [] } = useUsers();
  const { data: parts = [] } = useParts();
  const { data: accounts = [] } = useAccounts();
  const { data: sprints = [] } = useSprints();
  const place = (each: Place): Choice => ({
    id: each.path, label: each.name, mark: <Icon name={each.icon} />, pick: () => go(each.path),
  });
  const works = (filters: Filters): string => `/works?${format({ ...OPEN_WORK, filters: { ...OPEN_WORK.filters, ...filters } })}`;
  const items = [...ALL, ...sprints.map(sprintPlace)].map(place);
  if (query.trim() !== '') {
    items.push(
      ...users.map((user): Choice => ({
        id: user.id, label: `${nameOf(user)}’s work`, mark: <Icon name="person" />,
        pick: () => go(works({ owner: [user.display_id ?? user.id] })),
      })),
      ...parts.map((part): Choice => ({
        id: part.id, label: `Part ${part.name}`, hint: part.type, mark: <Icon name="tree" />,
        pick: () => go(works({ part: [part.display_id ?? part.id] })),
      })),
      ...accounts.map((account): Choice => ({
        id: account.id, label: `Customer ${account.display_name}`, hint: account.tier, mark: <Icon name="building" />,
        pick: () => go(works({ kind: ['ticket'], customer: [account.display_id ?? account.id] })),
      })),
    );
  }
  const most = items.filter((item) => rank(query, item.label) > 0).slice(0, query ? 8 : 10);
  return { label: 'Go to', items: most };
}

function useWorks(go: (path: string) => void, query: string): ChoiceGroup & { isLooking: boolean; why: Refusal | undefined } {
  const typed = query.trim();
  const { data = [], error, isFetching } = useFound(query);
  const { data: stages } = useStages();
  // What is held shows at once; what the server finds follows.
  const held = typed.length > 1 ? works.all().filter((work) => rank(typed, `${idOf(work)} ${work.title}`) > 0).slice(0, FOUND_MAX) : [];
  const ids = new Set(held.map(({ id }) => id));
  const found = typed === '' ? [] : data.filter(({ work }) => !ids.has(work.id));
  const choice = (work: FoundWork['work'] | Work, stage: Stage | undefined, rest: Partial<Choice>): Choice => ({
    id: work.id, label: `${work.display_id ?? work.id}  ${work.title}`, mark: <Track stage={stage} />,
    hint: work.owned_by?.[0] ? nameOf(work.owned_by[0]) : null, pick: () => go(`/${work.display_id ?? work.id}`), ...rest,
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

function Snippet({ pieces, by }: { pieces: Piece[]; by: string | undefined }) {
  return (
    <>
      {by && <><bdi>{by}</bdi>: </>}
      <span dir="auto">{pieces.map((piece, at) => (piece.isTyped ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>))}</span>
    </>
  );
}
