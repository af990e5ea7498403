// What a work has: how each field is called, which types have it, how it is edited, and what a new
// value becomes. Details, pickers, the palette and bulk changes all read this table.
import type { IssuePriority, SchemaFieldDescriptor, TicketSeverity, WorkType } from '../api/types.gen';
import { PRIORITIES, SEVERITIES } from './filter';
import { labelOf } from './schema';
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

export type Editor = 'stage' | 'choice' | 'users' | 'people' | 'part' | 'tags' | 'date' | 'number' | 'text' | 'sprint' | 'team' | 'customer' | 'workspace'
  | 'list' | 'reference' | 'long';

/** What the elements of a list are that is written, not picked. */
export type Element = 'text' | 'number' | 'day' | 'time';

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
  /** Whether there has to be a value. */
  isNeeded?: boolean;
  /** Whether few works have it: it is shown where it is set, and offered by the palette. */
  isRare?: boolean;
  /** Whether a date is a day, not a moment. */
  isDay?: boolean;
  options?: readonly Option[];
  element?: Element;
  /** The kinds of object that it may refer to; none are all. */
  refersTo?: readonly string[];
  /** Whether its words are Markdown. */
  isMarkdown?: boolean;
  read(work: Work): unknown;
  /** What a new value shows at once, and what is sent. */
  write(work: Work, value: unknown): { show: Partial<Work>; body: Record<string, unknown> };
}

interface Ref { id: string }

const ALL: readonly WorkType[] = ['issue', 'ticket', 'task', 'opportunity'];
const label = (text: string): string => (text.charAt(0).toUpperCase() + text.slice(1)).replaceAll('_', ' ');
const choices = (values: readonly string[]): Option[] =>
  values.map((value) => ({ id: value, label: label(value), value }));
const reference = (name: keyof Work, member: string) => ({
  read: (work: Work) => work[name],
  write: (_: Work, value: unknown) => ({
    show: { [name]: value ?? undefined } as Partial<Work>,
    body: { [member]: (value as Ref | null)?.id ?? null },
  }),
});

/** A field whose value is sent as it is shown. */
const plain = (name: keyof Work) => ({
  read: (work: Work) => work[name],
  write: (_: Work, value: unknown) => ({ show: { [name]: value ?? undefined } as Partial<Work>, body: { [name]: value ?? null } }),
});
const people = (name: 'owned_by' | 'reported_by' | 'contacts') => ({
  isMany: true,
  read: (work: Work) => work[name] ?? [],
  write: (_: Work, value: unknown) => ({
    show: { [name]: value } as Partial<Work>,
    body: { [name]: { set: (value as Ref[]).map(({ id }) => id) } },
  }),
});

const YES_NO: readonly Option[] = [{ id: 'true', label: 'Yes', value: true }, { id: 'false', label: 'No', value: false }];

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
    name: 'priority', label: 'Priority', question: 'Priority', edit: 'choice', kinds: ['issue', 'task', 'opportunity'], command: 'work.urgency',
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
    name: 'owned_by', label: 'Owner', question: 'Assign to', edit: 'users', kinds: ALL, isNeeded: true, command: 'work.owner',
    ...people('owned_by'),
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
    name: 'rev_org', label: 'Workspace', question: 'Workspace', edit: 'workspace', kinds: ['ticket'],
    isClearable: true, isRare: true, ...reference('rev_org', 'rev_org'),
  },
  {
    name: 'reported_by', label: 'Reporter', question: 'Reported by', edit: 'people', kinds: ALL, isClearable: true, isRare: true,
    ...people('reported_by'),
  },
  {
    name: 'contacts', label: 'Contacts', question: 'Contacts', edit: 'people', kinds: ['opportunity'], isClearable: true, isRare: true,
    ...people('contacts'),
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
    name: 'target_start_date', label: 'Start', question: 'Start', edit: 'date', kinds: ['issue'], isClearable: true, isRare: true,
    ...plain('target_start_date'),
  },
  {
    name: 'start_date', label: 'Start', question: 'Start', edit: 'date', kinds: ['task'], isRare: true,
    ...plain('start_date'),
  },
  {
    name: 'needs_response', label: 'Needs answer', question: 'Does it need an answer?', edit: 'choice', kinds: ['ticket'], isRare: true,
    options: YES_NO,
    ...plain('needs_response'),
  },
  {
    name: 'forecast_category', label: 'Forecast', question: 'Forecast', edit: 'choice', kinds: ['opportunity'], isRare: true,
    options: choices(['omitted', 'pipeline', 'upside', 'strong_upside', 'commit', 'won']),
    ...plain('forecast_category'),
  },
  {
    name: 'probability', label: 'Probability', question: 'Probability in percent', edit: 'number', kinds: ['opportunity'],
    isClearable: true, isRare: true, ...plain('probability'),
  },
  {
    name: 'amount', label: 'Amount', question: 'Amount', edit: 'number', kinds: ['opportunity'], isClearable: true, isRare: true,
    ...plain('amount'),
  },
  {
    name: 'customer_budget', label: 'Budget', question: 'Budget of the customer', edit: 'number', kinds: ['opportunity'],
    isClearable: true, isRare: true, ...plain('customer_budget'),
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

const CUSTOM = 'custom_fields.';

type FieldType = SchemaFieldDescriptor['field_type'];

/** How a value is edited; what is missing here can only be shown. */
const CUSTOM_EDITORS: Partial<Record<FieldType, Editor>> = {
  tokens: 'text', text: 'long', rich_text: 'long', int: 'number', double: 'number', bool: 'choice', enum: 'choice', uenum: 'choice', date: 'date', timestamp: 'date', id: 'reference',
};
/** The same of the elements of a list. */
const ELEMENTS: Partial<Record<FieldType, Element>> = {
  tokens: 'text', text: 'text', rich_text: 'text', int: 'number', double: 'number', date: 'day', timestamp: 'time',
};

function customOptions(type: FieldType, values: NonNullable<SchemaFieldDescriptor['allowed_values']>): readonly Option[] {
  if (type === 'bool') return YES_NO;
  return values.flatMap((value) => (typeof value === 'string' ? { id: value, label: value, value }
    : value.is_deprecated ? [] : { id: String(value.id), label: value.label, value: value.id }));
}

/** The words of a field of the org, as they are shown and sent; no words are no value. */
export const customWords = (path: string, text: string) => custom(path.slice(CUSTOM.length), text === '' ? null : text);

export const customPath = (name: string): string => CUSTOM + name;

/** Whether a path such as `custom_fields.tnt__cause` is that of a field of the org. */
export const isCustom = (path: string): boolean => path.startsWith(CUSTOM);

const custom = (name: string, value: unknown) => ({
  show: { custom_fields: { [name]: value ?? undefined } } as Partial<Work>,
  body: { custom_fields: { [name]: value ?? null }, custom_schema_spec: { tenant_fragment: true } },
});

/** A custom field of the org as a field; `undefined` if it can only be shown. */
export function customField(kind: WorkType, descriptor: SchemaFieldDescriptor): Field | undefined {
  const { name, field_type: type, allowed_values: values = [] } = descriptor;
  const isMany = type === 'array';
  const one = isMany ? descriptor.base_type ?? 'unknown' : type;
  const element = isMany ? ELEMENTS[one] : undefined;
  const edit = element ? 'list' : CUSTOM_EDITORS[one];
  if (!edit || (isMany && one === 'bool') || descriptor.is_immutable || descriptor.ui?.is_read_only) return undefined;
  const shown = label(labelOf(descriptor));
  const read = (work: Work): unknown => (work.custom_fields as Record<string, unknown> | undefined)?.[name];
  return {
    name: CUSTOM + name, label: shown, question: shown, edit, kinds: [kind], isClearable: !descriptor.is_required,
    ...(edit === 'choice' ? { options: customOptions(one, values) } : {}), ...(one === 'date' ? { isDay: true } : {}),
    ...(element ? { element } : {}), ...(one === 'rich_text' ? { isMarkdown: true } : {}),
    ...(edit === 'reference' ? { refersTo: descriptor.id_type ?? [] } : {}),
    ...(isMany ? { isMany, isNeeded: descriptor.is_required ?? false } : {}),
    read: isMany ? (work) => read(work) ?? [] : read,
    write: (_, value) => custom(name, Array.isArray(value) && value.length === 0 ? null : value),
  };
}

/** What works.update takes besides, and why it is no field here. */
export const NO_FIELDS: Record<string, string> = {
  id: 'names the work', type: 'names the work',
  title: 'written in its place', body: 'written in its place', artifacts: 'the files of a work',
  priority_v2: 'priority as a number', forecast_category_v2: 'the forecast as a number', channels_v2: 'channels as numbers',
  modified_by: 'whoever is signed in',
  custom_fields: 'fields of the org, made at run time', custom_schema_spec: 'goes with them', custom_schema_fragments: 'of the org',
  stage_validation_options: 'for clients that copy works', staged_info: 'for clients that copy works', developed_with: 'for clients that know code',
  embedded: 'set when a task is made', is_archived: 'for clients', is_frozen: 'for clients', is_spam: 'for clients',
  channels: 'said by the client that took it in', source_channel_v2: 'said by the client that took it in', visibility: 'for clients',
  sentiment: 'said by analysis', sentiment_modified_date: 'said by analysis', sentiment_summary: 'said by analysis',
  value: 'money with a currency: for clients', annual_contract_value: 'money with a currency: for clients',
};

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
