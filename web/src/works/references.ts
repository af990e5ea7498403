// Ids and what they name: in texts, as `ISS-7` or in full, and in the fields of the org. Objects have kinds, which are
// called as the API calls them.
import { OPEN_WORK, pathOf, within } from './filter';

const GROUPS: Record<'user' | 'work' | 'part', readonly string[]> = {
  user: ['dev_user', 'rev_user', 'service_account', 'sys_user'],
  work: ['issue', 'ticket', 'task', 'opportunity'],
  part: ['product', 'capability', 'feature', 'enhancement', 'runnable', 'linkable'],
};
const OWN = 'custom_object.';

/** Kinds that full ids call otherwise. */
const NOUNS: Record<string, string> = {
  devu: 'dev_user', revu: 'rev_user', sysu: 'sys_user', svcacc: 'service_account', revo: 'rev_org', devo: 'dev_org',
};
const nounOf = (name: string): string => NOUNS[name] ?? name;

/** What display ids begin with, by the kind. */
const PREFIXES: Record<string, string> = {
  issue: 'ISS', ticket: 'TKT', task: 'TASK', opportunity: 'OPP', product: 'PROD', capability: 'CAPL', feature: 'FEAT', enhancement: 'ENH',
  runnable: 'RUN', linkable: 'LINK', dev_user: 'DEVU', rev_user: 'REVU', group: 'GROUP', tag: 'TAG',
};
const KINDS = new Map(Object.entries(PREFIXES).map(([kind, prefix]) => [prefix, kind]));

export interface Ref {
  kind: string;
  /** The display id, of kinds that have one here. */
  id: string;
}

/** The display ids in a text that are shown as what they name. */
export const NAMED = /\b((?:ISS|TKT|TASK|OPP|PROD|CAPL|FEAT|ENH|DEVU)-[1-9]\d*)\b/;

export const isPart = (kind: string): boolean => GROUPS.part.includes(kind);

/** The kind of object that a full id names, and, of the org's own, which of them. */
export function kindOf(id: string): { kind: string; leaf: string } {
  const [noun = '', leaf = ''] = (id.split(':').at(-1) ?? '').split('/');
  return { kind: nounOf(noun), leaf: noun === 'custom_object' ? leaf : '' };
}

/** `…:devu/3` is called `DEVU-3`. */
export function displayId(id: string): string | undefined {
  const prefix = PREFIXES[kindOf(id).kind];
  const number = /\/(\d+)$/.exec(id)?.[1];
  return prefix && number && `${prefix}-${number}`;
}

/** What an id in a text names, in either spelling. */
export function refOf(text: string): Ref | undefined {
  if (text.startsWith('don:')) return { kind: kindOf(text).kind, id: displayId(text) ?? text };
  const kind = KINDS.get(/^([A-Z]+)-[1-9]\d*$/.exec(text)?.[1] ?? '');
  return kind === undefined ? undefined : { kind, id: text };
}

/** Where an object is shown, if it has a place here. */
export function objectPath({ kind, id }: Ref): string | undefined {
  if (GROUPS.work.includes(kind)) return `/${id}`;
  if (kind === 'account') return `/customers/${id}`;
  return isPart(kind) ? pathOf({ ...OPEN_WORK, filters: { ...OPEN_WORK.filters, part: [within(id)] } }) : undefined;
}

/** How a text names it, so that the server finds whom it mentions: works by their id alone, the rest by name. */
export function written({ kind, id }: Ref, name: string): string {
  if (GROUPS.work.includes(kind)) return id;
  return `[${isPart(kind) ? '' : '@'}${name.replace(/[\\[\]*_`<]/g, '\\$&')}](${id})`;
}

/** Whether an id names an object of one of these kinds; of none are all. */
export function refers(id: string, kinds: readonly string[]): boolean {
  const { kind, leaf } = kindOf(id);
  return kinds.length === 0 || kinds.some((each) => (each.startsWith(OWN) ? leaf === each.slice(OWN.length) : (GROUPS[each as keyof typeof GROUPS] ?? [nounOf(each)]).includes(kind)));
}

/** A query that finds what was typed among these kinds; what was changed last, if nothing was. */
export function queryFor(typed: string, kinds: readonly string[]): string {
  const text = typed.trim();
  // An id is a query by itself.
  if (/^(don:\S+|[a-z]+-[a-z0-9]+)$/i.test(text)) return text;
  const types = [...new Set(kinds.map((each) => (each.startsWith(OWN) ? 'custom_object' : nounOf(each))))];
  const filter = types.length > 0 ? `type:${types.join(',')}` : text === '' ? `type:${Object.keys(GROUPS).join(',')}` : '';
  // The last word may be one that is still being written.
  return [filter, /[\p{L}\p{N}]{2}$/u.test(text) ? `${text}*` : text].filter(Boolean).join(' ');
}
