// Find or do: every command that can be done now, every view, people, parts, customers, and works.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { targets } from '../commands/targets';
import { shown } from '../commands/keys';
import { handler, version } from '../commands/registry';
import { COMMANDS } from '../commands/table';
import { findWorks, useAccounts, useParts, useSprints, useUsers, asSummary } from '../store/asked';
import { useSignal } from '../store/hooks';
import { setField, works } from '../store/works';
import { en } from '../text/en';
import { Avatar, Kbd, Track } from '../ui/bits';
import { Icon } from '../ui/Icon';
import { Picker, type Choice, type ChoiceGroup } from '../ui/Picker';
import { field } from '../works/fields';
import { OPEN_WORK, format, type Filters } from '../works/filter';
import { rank } from '../text/rank';
import { idOf, nameOf, type Work } from '../works/work';
import { ALL, sprintPlace, type Place } from '../views/places';

const FOUND_MAX = 6;

export function Palette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState('');
  const [, go] = useLocation();
  useSignal(version);
  const ids = targets();
  const groups = [useCommandChoices(ids, query), usePlaces(go, query), useFound(go, query)];
  const first = ids[0] && works.get(ids[0]);
  const about = ids.length > 1 ? en.works(ids.length) : first ? idOf(first) : undefined;
  return <Picker title="Find or do" about={about} groups={groups} onClose={onClose} onQuery={setQuery} empty="Nothing fits. A work is found by its id, such as ISS-1." />;
}

function useCommandChoices(ids: string[], query: string): ChoiceGroup {
  const { data: users = [] } = useUsers();
  const items = COMMANDS.filter((command) => !command.isMove && command.id !== 'palette').flatMap((command): Choice[] => {
    const act = handler(command.id);
    if (!act) return [];
    return [{
      id: command.id, label: command.label, mark: <Icon name={command.icon ?? 'arrow'} />,
      hint: command.keys[0] ? shown(command.keys[0]).map((key) => <Kbd key={key}>{key}</Kbd>) : null,
      // What it opens must come after this has closed.
      pick: () => { setTimeout(act); },
    }];
  });
  // Whom to assign to is asked only when it was typed.
  if (ids.length > 0 && query.trim().length > 2) {
    const owner = field('owned_by');
    for (const user of users.map(asSummary)) {
      items.push({
        id: `assign ${user.id}`, label: `Assign to ${nameOf(user)}`, mark: <Avatar user={user} />,
        hint: 'instead of who has it', pick: () => { void setField(ids, owner, [user]); },
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

function useFound(go: (path: string) => void, query: string): ChoiceGroup {
  const typed = query.trim();
  const { data = [] } = useQuery({
    queryKey: ['find', typed], enabled: typed !== '', staleTime: 5000, queryFn: ({ signal }) => findWorks(typed, signal),
  });
  const held = typed.length > 1 ? works.all().filter((work) => rank(typed, `${idOf(work)} ${work.title}`) > 0).slice(0, FOUND_MAX) : [];
  const ids = new Set(held.map(({ id }) => id));
  const found = [...held, ...(data as Work[]).filter((work) => !ids.has(work.id))];
  return {
    label: 'Works',
    isFound: true,
    items: found.map((work) => ({
      id: work.id, label: `${idOf(work)}  ${work.title}`, mark: <Track stage={work.stage} />,
      hint: work.owned_by[0] ? nameOf(work.owned_by[0]) : null, pick: () => go(`/${idOf(work)}`),
    })),
  };
}
