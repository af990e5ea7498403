// Issues and comments as GitHub's REST API answers them, and what becomes of them here.
import type { Body } from '../api/call';

export interface Label { name: string; color?: string }
export interface Milestone { title: string; isOpen: boolean; from?: string; to?: string }

export interface Issue {
  page: string;
  /** `owner/name`. */
  repository: string;
  number: number;
  title: string;
  body: string;
  author?: string;
  assignees: string[];
  labels: Label[];
  milestone?: Milestone;
  /** The stage of a closed one. */
  stage?: 'completed' | 'wont_fix' | 'duplicate';
  isPull: boolean;
}

export interface Comment {
  /** The page of its issue. */
  page: string;
  ref: string;
  author?: string;
  body: string;
  at?: string;
}

/** What is counted by what it is. */
export type Counts = Map<string, number>;
export const count = (counts: Counts, what: string, n = 1): void => { if (n > 0) counts.set(what, (counts.get(what) ?? 0) + n); };

export interface Read {
  issues: Issue[];
  comments: Comment[];
  /** What can't be read, and why. */
  wrong: Array<{ name: string; why: string }>;
  /** What has no place here. */
  lost: Counts;
}

const TITLE_MAX = 256;
const BODY_MAX = 65_536;
const REF_MAX = 512;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const login = (value: unknown): string | undefined => (isObject(value) && text(value.login)) || undefined;

/** The values of a text: one, several after each other (`gh --paginate`), or one in each line. */
export function values(source: string): unknown[] {
  const trimmed = source.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') throw new Error('There is nothing in it.');
  if (trimmed.startsWith('<')) throw new Error('This is a web page, and no answer of GitHub’s API.');
  try {
    return [JSON.parse(trimmed)];
  } catch {
    return pieces(trimmed).map((piece) => JSON.parse(piece) as unknown);
  }
}

function pieces(source: string): string[] {
  const found: string[] = [];
  let [depth, from, isQuoted] = [0, 0, false];
  for (let at = 0; at < source.length; at++) {
    const letter = source[at];
    if (isQuoted) {
      if (letter === '\\') at++;
      else if (letter === '"') isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') {
      depth--;
      if (depth === 0) { found.push(source.slice(from, at + 1)); from = at + 1; }
    }
  }
  if (depth > 0 || isQuoted) throw new Error('It ends in the middle; fetch it anew.');
  if (source.slice(from).trim() !== '') throw new Error('It is no JSON of GitHub’s API.');
  return found;
}

/** Reads what a file, or what was pasted, holds. */
export function read(source: string): Read {
  const found: Read = { issues: [], comments: [], wrong: [], lost: new Map() };
  let parsed: unknown[];
  try {
    parsed = values(source);
  } catch (error) {
    throw error instanceof SyntaxError ? new Error('It is no JSON of GitHub’s API.') : error;
  }
  let place = 0;
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else take(found, value, ++place);
  };
  parsed.forEach(walk);
  return found;
}

export function add(all: Read, more: Read): Read {
  const lost = new Map(all.lost);
  for (const [what, n] of more.lost) count(lost, what, n);
  return { issues: [...all.issues, ...more.issues], comments: [...all.comments, ...more.comments], wrong: [...all.wrong, ...more.wrong], lost };
}

function take(found: Read, value: unknown, place: number): void {
  if (!isObject(value)) {
    found.wrong.push({ name: `item ${place}`, why: 'is no issue' });
    return;
  }
  const page = text(value.html_url);
  if (!page && text(value.message)) throw new Error(`GitHub answered: ${text(value.message)}`);
  const name = page || `item ${place}`;
  const home = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/(?:issues|pull)\/\d+/.exec(page);
  if (!home?.[1]) found.wrong.push({ name, why: 'has no page of an issue in html_url' });
  else if (page.length > REF_MAX) found.wrong.push({ name, why: 'its address is longer than 512 characters' });
  else if ('issue_url' in value) takeComment(found, value, page);
  else takeIssue(found, value, page, home[1]);
}

function takeComment({ comments, lost }: Read, value: Json, page: string): void {
  const body = fit(text(value.body), BODY_MAX - 200, lost, 'characters of long comments');
  if (body.trim() === '') {
    count(lost, 'comments without a text');
    return;
  }
  count(lost, 'reactions: GitHub’s answer has only their number', reactions(value));
  const author = login(value.user);
  comments.push({
    page: page.split('#')[0] ?? page, ref: `${new URL(page).host}/comments/${number(value.id)}`, body,
    ...(author ? { author } : {}), ...(text(value.created_at) ? { at: text(value.created_at) } : {}),
  });
}

function takeIssue({ issues, lost }: Read, value: Json, page: string, repository: string): void {
  const isPull = isObject(value.pull_request);
  const author = login(value.user);
  const milestone = isObject(value.milestone) ? value.milestone : undefined;
  const assignees = list(value.assignees).length > 0 ? list(value.assignees) : [value.assignee];
  const reason = text(value.state_reason);
  const issue: Issue = {
    page, repository, isPull, number: number(value.number),
    title: fit(text(value.title).trim(), TITLE_MAX, lost, 'characters of long titles') || `#${number(value.number)}`,
    body: fit(text(value.body), BODY_MAX, lost, 'characters of long texts'),
    assignees: [...new Set(assignees.flatMap((each) => login(each) ?? []))],
    labels: list(value.labels).flatMap((label): Label[] => {
      if (typeof label === 'string') return label ? [{ name: label }] : [];
      if (!isObject(label) || !text(label.name)) return [];
      return [{ name: text(label.name), ...(/^[0-9a-f]{6}$/i.test(text(label.color)) ? { color: `#${text(label.color)}` } : {}) }];
    }),
    ...(author ? { author } : {}),
    ...(value.state === 'closed' ? { stage: reason === 'not_planned' ? 'wont_fix' : reason === 'duplicate' ? 'duplicate' : 'completed' } : {}),
    ...(milestone && text(milestone.title) ? {
      milestone: {
        title: text(milestone.title), isOpen: milestone.state !== 'closed',
        ...(text(milestone.created_at) ? { from: text(milestone.created_at) } : {}), ...(text(milestone.due_on) ? { to: text(milestone.due_on) } : {}),
      },
    } : {}),
  };
  issues.push(issue);
  count(lost, 'reactions: GitHub’s answer has only their number', reactions(value));
  if (value.locked === true) count(lost, 'locks');
  if (isPull) count(lost, 'drafts', value.draft === true ? 1 : 0);
  if (isObject(value.sub_issues_summary)) count(lost, 'sub-issues: GitHub’s answer has only their number', number(value.sub_issues_summary.total));
}

const reactions = (value: Json): number => (isObject(value.reactions) ? number(value.reactions.total_count) : 0);

function fit(value: string, max: number, lost: Counts, what: string): string {
  if (value.length <= max) return value;
  count(lost, what, value.length - max);
  return value.slice(0, max);
}

/** The address that GitHub gives to everybody: it names a person here, too. */
export const addressOf = (person: string): string => `${person.toLowerCase()}@users.noreply.github.com`;

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A comment names its author and day itself, since whoever imports has written it. */
export function said({ author, at, body }: Comment): string {
  const when = at ? `, ${day.format(new Date(at))}` : '';
  return `**${author ?? 'Somebody'}**${when}:\n\n${body}`;
}

export interface Known {
  part: string;
  me: string;
  /** The members by their names on GitHub. */
  people: ReadonlyMap<string, string>;
  /** Tags by their names. */
  tags: ReadonlyMap<string, string>;
  /** Sprints by repository and milestone. */
  sprints: ReadonlyMap<string, string>;
}

export const sprintKey = (repository: string, title: string): string => `${repository}\n${title}`;

/** The issue that is made of one. */
export function asWork(issue: Issue, known: Known): Body<'works.create'> {
  const owners = issue.assignees.flatMap((person) => known.people.get(person) ?? []);
  const author = issue.author && known.people.get(issue.author);
  const tags = [...new Set(issue.labels.flatMap(({ name }) => known.tags.get(name) ?? []))];
  const sprint = issue.milestone && known.sprints.get(sprintKey(issue.repository, issue.milestone.title));
  return {
    type: 'issue', title: issue.title, applies_to_part: known.part, external_ref: issue.page, owned_by: owners.length > 0 ? owners : [known.me],
    ...(issue.body ? { body: issue.body } : {}), ...(author ? { reported_by: [author] } : {}), ...(sprint ? { sprint } : {}),
    ...(tags.length > 0 ? { tags: tags.map((id) => ({ id })) } : {}), ...(issue.stage ? { stage: { name: issue.stage } } : {}),
  };
}
