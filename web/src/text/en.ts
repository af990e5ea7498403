// The words of the UI. Another language is another file of this type.
import type { Refusal } from '../api/errors';
import type { ErrorName } from '../api/types.gen';

const plural = new Intl.PluralRules('en');
const number = new Intl.NumberFormat('en');
const list = new Intl.ListFormat('en', { type: 'conjunction' });
const either = new Intl.ListFormat('en', { type: 'disjunction' });

const count = (n: number, one: string, many: string): string =>
  `${number.format(n)} ${plural.select(n) === 'one' ? one : many}`;

const because: Record<ErrorName | 'network' | 'unknown', string> = {
  bad_request: 'The server does not allow this.',
  parse_error: 'The server could not read the request.',
  invalid_content_type: 'The server could not read the request.',
  invalid_api_version: 'This page and the server do not fit; reload the page.',
  invalid_field: 'One of the values can’t be used.',
  missing_required_field: 'Something that is required is missing.',
  unexpected_json_type: 'One of the values can’t be used.',
  invalid_enum_value: 'This is none of the allowed values.',
  invalid_id: 'What it names is not there.',
  unexpected_id_type: 'It can’t name an object of this kind.',
  value_not_permitted: 'This value is not permitted.',
  missing_dependency: 'This needs another field, too.',
  artifact_already_attached_to_a_parent: 'The file belongs to something else already.',
  customization_validation_error: 'A custom field does not allow this.',
  stale_schema_fragments: 'The fields have changed meanwhile; reload the page.',
  merge_works_error: 'These can’t be merged.',
  group_hierarchy_circular_dependency: 'A group can’t contain itself.',
  unauthenticated: 'You are signed out.',
  token_expired: 'Your token has expired.',
  token_revoked: 'Your token was revoked.',
  forbidden: 'You may read this, but not change it.',
  not_found: 'It is not there any more, or you may not see it.',
  method_not_allowed: 'This page and the server do not fit; reload the page.',
  conflict: 'Something else has this name, or others changed it meanwhile.',
  precondition_failed: 'Others changed it meanwhile.',
  request_entity_too_large: 'This is too long.',
  too_many_requests: 'These were many calls at once; it goes on in a moment.',
  internal_error: 'The server failed.',
  service_unavailable: 'The server can’t answer at the moment.',
  network: 'The server does not answer.',
  unknown: 'Something went wrong.',
};

/** Whose message, beside what it means, names the field and the cure. */
const telling = new Set<string>([
  'bad_request', 'invalid_field', 'missing_required_field', 'value_not_permitted', 'conflict',
  'missing_dependency', 'customization_validation_error', 'invalid_id', 'merge_works_error',
]);

/** What the API calls a field of the org. */
const OWN_FIELD = /(?:custom_fields\.)?\b([a-z0-9]+(?:_[a-z0-9]+)*__([a-z0-9_]+))/g;

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

export const en = {
  number: (n: number) => number.format(n),
  and: (items: string[]) => list.format(items),
  or: (items: string[]) => either.format(items),
  count,
  works: (n: number) => count(n, 'work', 'works'),
  selected: (n: number) => `${number.format(n)} selected`,
  fresh: (n: number) => `${number.format(n)} new`,
  /** "an issue", "a part". */
  one: (noun: string) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`,
  because,
  /** What a refusal means to a person, who knows the fields of the org by their labels. */
  refusal(refusal: Refusal, labelOf: (name: string) => string | undefined = () => undefined): string {
    if (telling.has(refusal.kind) && refusal.message) {
      return sentence(refusal.message.replace(OWN_FIELD, (_, name: string, bare: string) => labelOf(name) ?? bare.replaceAll('_', ' ')));
    }
    return because[refusal.kind];
  },
  /** Why something is not shown. */
  unseen(refusal: Refusal): string {
    return refusal.kind === 'forbidden' ? 'You may not see this.' : en.refusal(refusal);
  },
  notMoved: (type: string, from: string, to: string, allowed: string[]) => allowed.length > 0
    ? `Not moved to ${to}. From ${from} ${type} may go to ${either.format(allowed)}.`
    : `Not moved to ${to}. From ${from} ${type} can’t go anywhere.`,
  tooLong: (pasted: number, most: number) => most > 1000
    ? `What you pasted has ${number.format(pasted)} characters, and ${number.format(most)} fit here. Add it as a file.`
    : `What you pasted has ${number.format(pasted)} characters, and ${number.format(most)} fit here.`,
  lost: (since: string, waiting: number) => waiting > 0
    ? `No connection since ${since}. You see what was there then. ${
      count(waiting, 'change waits and is', 'changes wait and are')} sent as soon as the server answers.`
    : `No connection since ${since}. You see what was there then.`,
  type: {
    issue: 'issue', ticket: 'ticket', task: 'task', opportunity: 'opportunity',
  } as Record<string, string>,
  plural: (type: string) => (type === 'opportunity' ? 'opportunities' : `${type}s`),
  sentence: (text: string) => text.charAt(0).toUpperCase() + text.slice(1),
  aType: {
    issue: 'an issue', ticket: 'a ticket', task: 'a task', opportunity: 'an opportunity',
  } as Record<string, string>,
  linkType: {
    is_dependent_on: ['waits for', 'holds up'],
    is_parent_of: ['parent of', 'part of'],
    is_duplicate_of: ['duplicate of', 'has duplicate'],
    is_related_to: ['related', 'related'],
    is_merged_into: ['merged into', 'took in'],
    is_follow_up_of: ['follows up', 'followed by'],
    developed_with: ['developed with', 'developed in'],
    custom_link: ['linked', 'linked'],
  } as Record<string, [string, string]>,
};
