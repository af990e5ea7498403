// What a work has: how each field is called, which types have it, how it is edited, and what a new
// value becomes. Details, pickers, the palette and bulk changes all read this table.
import type { IssuePriority, TicketSeverity, WorkType } from '../api/types.gen';
import { PRIORITIES, SEVERITIES } from './filter';
import type { Work } from './work';

/** Something that can be picked as a value. */
export interface Option {
  id: string;
  label: string;
  hint?: string;
  /** What the field holds when it is picked. */
  value: unknown;
  mark?: 'person' | 'customer' | 'tag' | 'track' | 'none';
  color?: string;
}

export type Editor = 'stage' | 'choice' | 'users' | 'part' | 'tags' | 'date' | 'sprint' | 'team' | 'customer';

export interface Field {
  name: string;
  label: string;
  /** What the picker asks. */
  question: string;
  edit: Editor;
  kinds: readonly WorkType[];
  /** The command that edits it. */
  command?: string;
  isMany?: boolean;
  isClearable?: boolean;
  options?: readonly Option[];
  read(work: Work): unknown;
  /** What a new value shows at once, and what is sent. */
  write(work: Work, value: unknown): { show: Partial<Work>; body: Record<string, unknown> };
}

interface Ref { id: string }

const ALL: readonly WorkType[] = ['issue', 'ticket', 'task', 'opportunity'];
const label = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const choices = (values: readonly string[]): Option[] =>
  values.map((value) => ({ id: value, label: label(value), value }));
const reference = (name: keyof Work, member: string) => ({
  read: (work: Work) => work[name],
  write: (_: Work, value: unknown) => ({
    show: { [name]: value ?? undefined } as Partial<Work>,
    body: { [member]: (value as Ref | null)?.id ?? null },
  }),
});

/** All fields that can be edited, in the order in which details show them. */
export const FIELDS: readonly Field[] = [
  {
    name: 'stage', label: 'Stage', question: 'Move to', edit: 'stage', kinds: ALL, command: 'work.stage',
    read: (work) => work.stage,
    write: (_, value) => {
      const stage = value as NonNullable<Work['stage']>;
      return { show: { stage, ...(stage.state ? { state: stage.state.name } : {}) }, body: { stage: { name: stage.name } } };
    },
  },
  {
    name: 'priority', label: 'Priority', question: 'Priority', edit: 'choice', kinds: ['issue'], command: 'work.urgency',
    options: choices(PRIORITIES),
    read: (work) => work.priority,
    write: (_, value) => ({ show: { priority: value as IssuePriority }, body: { priority: value } }),
  },
  {
    name: 'severity', label: 'Severity', question: 'Severity', edit: 'choice', kinds: ['ticket'], command: 'work.urgency',
    options: choices(SEVERITIES),
    read: (work) => work.severity,
    write: (_, value) => ({ show: { severity: value as TicketSeverity }, body: { severity: value } }),
  },
  {
    name: 'owned_by', label: 'Owner', question: 'Assign to', edit: 'users', kinds: ALL, isMany: true, command: 'work.owner',
    read: (work) => work.owned_by,
    write: (_, value) => ({
      show: { owned_by: value as Work['owned_by'] },
      body: { owned_by: { set: (value as Ref[]).map(({ id }) => id) } },
    }),
  },
  {
    name: 'group', label: 'Group', question: 'Give to group', edit: 'team', kinds: ['ticket'], isClearable: true,
    ...reference('group', 'group'),
  },
  {
    name: 'applies_to_part', label: 'Part', question: 'Move to part', edit: 'part', kinds: ALL, command: 'work.part',
    ...reference('applies_to_part', 'applies_to_part'),
  },
  {
    name: 'account', label: 'Customer', question: 'Customer', edit: 'customer', kinds: ['ticket', 'opportunity'],
    isClearable: true, ...reference('account', 'account'),
  },
  {
    name: 'sprint', label: 'Sprint', question: 'Move to sprint', edit: 'sprint', kinds: ['issue'], isClearable: true,
    command: 'work.sprint', ...reference('sprint', 'sprint'),
  },
  {
    name: 'target_close_date', label: 'Due', question: 'Due', edit: 'date', kinds: ALL, isClearable: true, command: 'work.due',
    read: (work) => work.target_close_date,
    write: (_, value) => ({
      show: { target_close_date: (value ?? undefined) } as Partial<Work>,
      body: { target_close_date: value ?? null },
    }),
  },
  {
    name: 'tags', label: 'Tags', question: 'Tags', edit: 'tags', kinds: ALL, isMany: true, isClearable: true, command: 'work.tags',
    read: (work) => work.tags ?? [],
    // What others add or take away at the same time stays.
    write: (work, value) => {
      const tags = value as NonNullable<Work['tags']>;
      const same = (a: (typeof tags)[number], b: (typeof tags)[number]): boolean =>
        a.tag.id === b.tag.id && a.value === b.value;
      const before = work.tags ?? [];
      const add = tags.filter((tag) => !before.some((each) => same(each, tag)));
      const remove = before.filter(({ tag }) => !tags.some((each) => each.tag.id === tag.id));
      return {
        show: { tags },
        body: {
          tags: {
            ...(add.length > 0 ? { add: add.map((each) => ({ id: each.tag.id, ...(each.value ? { value: each.value } : {}) })) } : {}),
            ...(remove.length > 0 ? { remove: remove.map(({ tag }) => ({ id: tag.id })) } : {}),
          },
        },
      };
    },
  },
];

export const fieldsOf = (kind: WorkType): Field[] => FIELDS.filter((field) => field.kinds.includes(kind));

export function field(name: string): Field {
  const found = FIELDS.find((each) => each.name === name);
  if (!found) throw new Error(`there is no field ${name}`);
  return found;
}

/** How urgent a work is: what it is called, and from 0, which is the most urgent, to 3. */
export function urgency(work: Work): { label: string; level: number } | undefined {
  if (work.type === 'ticket' && work.severity) {
    return { label: label(work.severity), level: SEVERITIES.indexOf(work.severity) };
  }
  if (work.priority) return { label: label(work.priority), level: PRIORITIES.indexOf(work.priority) };
  return undefined;
}
