// What each field can be set to, as choices for a picker.
import type { ReactNode } from 'react';
import type { StageDiagram, TagWithValue } from '../api/types.gen';
import { asSummary, useAccounts, useContacts, useDiagram, useGroups, useParts, useSprints, useStages, useTags, useUsers, useWorkspaces } from '../store/asked';
import { signedIn } from '../store/session';
import { when } from '../text/format';
import { Avatar, Dot, Track } from '../ui/bits';
import { Icon } from '../ui/Icon';
import type { Field } from '../works/fields';
import { nextStages } from '../works/stages';
import { nameOf, type UserSummary, type Work } from '../works/work';

export interface Pickable {
  id: string;
  label: string;
  also?: string;
  hint?: ReactNode;
  mark?: ReactNode;
  value: unknown;
  shut?: string;
}

export interface Pickables {
  items: Pickable[];
  isLoading: boolean;
}

const waiting: Pickables = { items: [], isLoading: true };

/** The choices for a field of a work. */
export function usePickables(field: Field, work: Work): Pickables {
  const hook = { stage: useStageChoices, choice: useFixed, users: usePeople, people: useEverybody, number: useNone, text: useNone, workspace: useWorkspaceChoices, part: usePartChoices, tags: useTagChoices,
    sprint: useSprintChoices, team: useTeamChoices, customer: useCustomerChoices, date: useNone, list: useNone, reference: useNone, long: useNone }[field.edit];
  // The field of an open picker never changes.
  return hook(field, work);
}

function useNone(): Pickables {
  return { items: [], isLoading: false };
}

function useFixed(field: Field): Pickables {
  return { items: (field.options ?? []).map(({ id, label, value }) => ({ id, label, value })), isLoading: false };
}

function useStageChoices(_: Field, work: Work): Pickables {
  const { data } = useDiagram(work.type);
  const { data: stages } = useStages();
  if (!data || !stages) return waiting;
  const here = work.stage?.name ?? '';
  const allowed = new Set(nextStages(data, here).map(({ name }) => name));
  const items = usable(data).map((node): Pickable => ({
    id: node.stage.name,
    label: node.stage.display_name,
    value: stages.get(node.stage.name),
    mark: <Track stage={stages.get(node.stage.name)} />,
    ...(node.stage.name === here || allowed.has(node.stage.name) ? {} : { shut: `not from ${work.stage?.display_name ?? 'here'}` }),
  }));
  return { items, isLoading: false };
}

export const usable = (diagram: StageDiagram) => diagram.stages.filter((node) => !node.is_deprecated);

export function usePeople(): Pickables {
  const { data } = useUsers();
  if (!data) return waiting;
  const me = signedIn().user.id;
  const people = data.map(asSummary).sort((a, b) => Number(b.id === me) - Number(a.id === me));
  return {
    items: people.map((user: UserSummary) => ({
      id: user.id, label: nameOf(user), also: user.email ?? '', value: user, mark: <Avatar user={user} />,
      hint: user.id === me ? 'you' : user.display_id,
    })),
    isLoading: false,
  };
}

/** Members, and the people of customers. */
function useEverybody(): Pickables {
  const members = usePeople();
  const { data } = useContacts();
  if (members.isLoading || !data) return waiting;
  const contacts = data.map((user): Pickable => {
    const value = { type: 'rev_user', id: user.id, display_id: user.display_id, display_name: user.display_name, email: user.email } as UserSummary;
    return { id: user.id, label: nameOf(value), also: user.email ?? '', value, mark: <Avatar user={value} />, hint: user.rev_org?.display_name };
  });
  return { items: [...members.items, ...contacts], isLoading: false };
}

function useWorkspaceChoices(_: Field, work: Work): Pickables {
  const { data } = useWorkspaces();
  if (!data) return waiting;
  const of = data.filter((each) => !work.account || each.account?.id === work.account.id);
  return {
    items: of.map((each) => ({
      id: each.id, label: each.display_name, mark: <Icon name="building" />, hint: each.account?.display_name,
      value: { type: 'rev', id: each.id, display_id: each.display_id, display_name: each.display_name },
    })),
    isLoading: false,
  };
}

export function usePartChoices(): Pickables {
  const { data } = useParts();
  if (!data) return waiting;
  return {
    items: data.map((part) => ({
      id: part.id, label: part.name, also: part.display_id ?? '', hint: part.type, mark: <Icon name="tree" />,
      value: { type: part.type, id: part.id, display_id: part.display_id, name: part.name, owned_by: part.owned_by },
    })),
    isLoading: false,
  };
}

export function useTagChoices(): Pickables {
  const { data } = useTags();
  if (!data) return waiting;
  const items = data.flatMap((tag): Pickable[] => {
    const summary = { id: tag.id, display_id: tag.display_id, name: tag.name, style_new: tag.style_new };
    const one = (value?: string): Pickable => ({
      id: value === undefined ? tag.id : `${tag.id} ${value}`,
      label: value === undefined ? tag.name : `${tag.name}: ${value}`,
      mark: <Dot color={tag.style_new?.color} />,
      value: { tag: summary, ...(value === undefined ? {} : { value }) } as TagWithValue,
    });
    return [one(), ...(tag.allowed_values ?? []).map(one)];
  });
  return { items, isLoading: false };
}

export function useSprintChoices(): Pickables {
  const { data } = useSprints();
  if (!data) return waiting;
  return {
    items: data.map((sprint) => ({
      id: sprint.id, label: sprint.name, mark: <Icon name="board" />,
      hint: sprint.state === 'active' ? 'now' : sprint.start_date ? `from ${when(sprint.start_date)}` : 'planned',
      value: { type: sprint.type, id: sprint.id, name: sprint.name, state: sprint.state },
    })),
    isLoading: false,
  };
}

export function useTeamChoices(): Pickables {
  const { data } = useGroups();
  if (!data) return waiting;
  return {
    items: data.map((group) => ({
      id: group.id, label: group.name, mark: <Icon name="people" />,
      value: { id: group.id, display_id: group.display_id, name: group.name },
    })),
    isLoading: false,
  };
}

export function useCustomerChoices(): Pickables {
  const { data } = useAccounts();
  if (!data) return waiting;
  return {
    items: data.map((account) => ({
      id: account.id, label: account.display_name, hint: account.tier, mark: <Icon name="building" />,
      value: { id: account.id, display_id: account.display_id, display_name: account.display_name },
    })),
    isLoading: false,
  };
}
