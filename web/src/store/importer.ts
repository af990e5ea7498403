// Brings issues and comments of GitHub in through the public API: what is here already stays as it is, so an import
// that was stopped goes on where it was.
import { call, uniqueKey, type Answer, type Body, type Op } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import { en } from '../text/en';
import { addressOf, asWork, count, said, sprintKey, type Comment, type Counts, type Issue, type Known, type Read } from '../works/github';
import { all } from './asked';
import { askForAll } from './live';
import { signedIn } from './session';

const AT_ONCE = 4;
const PAGE = 100;
const TRIES = 6;

export interface Progress {
  /** What is being done. */
  what: string;
  done: number;
  of: number;
}

export interface Report {
  created: number;
  /** What was here before. */
  unchanged: number;
  comments: number;
  knownComments: number;
  failed: Array<{ name: string; why: string }>;
  lost: Counts;
  isStopped: boolean;
}

/** Calls an operation, again if that may help. A repetition does nothing twice, since it has the same key. */
export async function patiently<N extends Op>(op: N, body: Body<N>, key: string, signal: AbortSignal): Promise<Answer<N>> {
  for (let tries = 1; ; tries++) {
    try {
      return await call(op, body, { key, signal });
    } catch (error) {
      const refusal = asRefusal(error);
      if (signal.aborted || !refusal.isTemporary || tries === TRIES) throw error;
      await new Promise((done) => { setTimeout(done, refusal.retryAfterMs ?? 250 * 2 ** tries); });
    }
  }
}

/** Does something with each, a few at a time, until the signal ends it. */
export async function each<T>(items: readonly T[], signal: AbortSignal, act: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && !signal.aborted) {
      const item = items[next++];
      if (item !== undefined) await act(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

export async function importAll({ issues, comments, wrong, lost }: Read, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Report> {
  const report: Report = { created: 0, unchanged: 0, comments: 0, knownComments: 0, failed: [...wrong], lost: new Map(lost), isStopped: false };
  const importing = new Importing(report, onProgress, signal);
  try {
    await importing.issues(issues);
    await importing.comments(comments);
  } finally {
    report.isStopped = signal.aborted;
    askForAll();
  }
  return report;
}

class Importing {
  /** The works here by their pages on GitHub. */
  readonly #works = new Map<string, string>();
  /** What an earlier import made is found by its page, and may have been deleted since. */
  readonly #run = uniqueKey();

  constructor(private readonly report: Report, private readonly tell: (progress: Progress) => void, private readonly signal: AbortSignal) {}

  #make<N extends Op>(op: N, body: Body<N>, what: string): Promise<Answer<N>> {
    return patiently(op, body, `${this.#run} ${op} ${what}`.slice(0, 250), this.signal);
  }

  async issues(issues: readonly Issue[]): Promise<void> {
    if (issues.length === 0) return;
    await this.#find(issues.map(({ page }) => page));
    const fresh = issues.filter(({ page }) => !this.#works.has(page));
    this.report.unchanged = issues.length - fresh.length;
    const parts = new Map<string, string>();
    const known = { me: signedIn().user.id, people: await this.#people(fresh), tags: await this.#tags(fresh) };
    for (const name of new Set(fresh.map(({ repository }) => repository))) parts.set(name, await this.#product(name));
    const sprints = await this.#sprints(fresh, parts);
    let done = 0;
    this.tell({ what: 'Issues', done, of: fresh.length });
    await each(fresh, this.signal, async (issue) => {
      await this.#issue(issue, { ...known, sprints, part: parts.get(issue.repository) ?? '' });
      this.tell({ what: 'Issues', done: ++done, of: fresh.length });
    });
    count(this.report.lost, 'days: what was made and closed on GitHub is made and closed today here', fresh.length);
  }

  async #issue(issue: Issue, known: Known): Promise<void> {
    const body = asWork(issue, known);
    try {
      let made: Answer<'works.create'>;
      try {
        made = await this.#make('works.create', body, issue.page);
      } catch (error) {
        // Stages of the org's own may have no such end.
        if (asRefusal(error).status !== 400 || !issue.stage) throw error;
        const { stage: _, ...open } = body as Extract<typeof body, { type: 'issue' }>;
        made = await this.#make('works.create', open as typeof body, `${issue.page} open`);
        count(this.report.lost, 'that they are closed: the stages here do not allow it');
      }
      this.#works.set(issue.page, made.work.id);
      this.report.created++;
    } catch (error) {
      this.#failed(issue.page, error);
    }
  }

  async comments(comments: readonly Comment[]): Promise<void> {
    if (comments.length === 0) return;
    await this.#find(comments.map(({ page }) => page));
    let done = 0;
    this.tell({ what: 'Comments', done, of: comments.length });
    await each(comments, this.signal, async (comment) => {
      await this.#comment(comment);
      this.tell({ what: 'Comments', done: ++done, of: comments.length });
    });
  }

  async #comment(comment: Comment): Promise<void> {
    const object = this.#works.get(comment.page);
    if (!object) {
      count(this.report.lost, 'comments on what is not here');
      return;
    }
    try {
      await this.#make('timeline-entries.create', {
        type: 'timeline_comment', object, body: said(comment), external_ref: comment.ref, visibility: 'internal',
      }, comment.ref);
      this.report.comments++;
      count(this.report.lost, 'authors of comments: they stand in the text, since you have written it');
    } catch (error) {
      if (asRefusal(error).status === 409) this.report.knownComments++;
      else this.#failed(comment.ref, error);
    }
  }

  /** Looks up which pages are here as works. */
  async #find(pages: readonly string[]): Promise<void> {
    const wanted = [...new Set(pages)].filter((page) => !this.#works.has(page));
    for (let at = 0; at < wanted.length && !this.signal.aborted; at += PAGE) {
      this.tell({ what: 'Looking for what is here already', done: at, of: wanted.length });
      for (const work of await all('works.list', { external_ref: wanted.slice(at, at + PAGE) }, (answer) => answer.works)) {
        const ref = (work as { external_ref?: string }).external_ref;
        if (ref) this.#works.set(ref, work.id);
      }
    }
  }

  async #people(issues: readonly Issue[]): Promise<Map<string, string>> {
    const people = new Map<string, string>();
    const names = [...new Set(issues.flatMap(({ author, assignees }) => [...assignees, ...(author ? [author] : [])]))];
    const known = new Map<string, string>();
    for (let at = 0; at < names.length; at += PAGE) {
      const email = names.slice(at, at + PAGE).map(addressOf);
      for (const user of await all('dev-users.list', { email }, (answer) => answer.dev_users)) if (user.email) known.set(user.email.toLowerCase(), user.id);
    }
    let [done, isAllowed] = [0, true];
    await each(names, this.signal, async (name) => {
      let id = known.get(addressOf(name));
      if (!id && isAllowed) {
        try {
          id = (await this.#make('dev-users.create', { email: addressOf(name), full_name: name, state: 'shadow' }, name)).dev_user.id;
        } catch (error) {
          const why = asRefusal(error);
          if (why.status === 403) isAllowed = false;
          count(this.report.lost, why.status === 403 ? 'people: only admins add members, so you own and reported it all' : `people: ${en.refusal(why)}`);
        }
      } else if (!id) count(this.report.lost, 'people: only admins add members, so you own and reported it all');
      if (id) people.set(name, id);
      this.tell({ what: 'People', done: ++done, of: names.length });
    });
    return people;
  }

  async #tags(issues: readonly Issue[]): Promise<Map<string, string>> {
    const tags = new Map((await all('tags.list', {}, (answer) => answer.tags)).map((tag) => [tag.name, tag.id]));
    const labels = new Map(issues.flatMap(({ labels: those }) => those).map((label) => [label.name, label]));
    let done = 0;
    await each([...labels.values()].filter(({ name }) => !tags.has(name)), this.signal, async ({ name, color }) => {
      try {
        tags.set(name, (await this.#make('tags.create', { name, ...(color ? { style_new: { color } } : {}) }, name)).tag.id);
      } catch (error) {
        count(this.report.lost, `labels: ${en.refusal(asRefusal(error))}`);
      }
      this.tell({ what: 'Labels', done: ++done, of: labels.size });
    });
    return tags;
  }

  async #product(name: string): Promise<string> {
    const [known] = (await call('parts.list', { name: [name], type: ['product'] })).parts;
    if (known) return known.id;
    return (await this.#make('parts.create', { type: 'product', name, owned_by: [signedIn().user.id] }, name)).part.id;
  }

  async #sprints(issues: readonly Issue[], parts: ReadonlyMap<string, string>): Promise<Map<string, string>> {
    const sprints = new Map<string, string>();
    const boards = new Map<string, string>();
    for (const { repository, milestone } of issues) {
      if (!milestone || sprints.has(sprintKey(repository, milestone.title)) || this.signal.aborted) continue;
      try {
        const board = boards.get(repository) ?? await this.#board(repository, parts.get(repository) ?? '', sprints);
        boards.set(repository, board);
        if (sprints.has(sprintKey(repository, milestone.title))) continue;
        const { from, to } = milestone;
        const { vista_group: sprint } = await this.#make('vistas.groups.create', {
          parent_id: board, name: milestone.title.slice(0, 256), state: milestone.isOpen ? 'active' : 'completed',
          ...(from && to && from < to ? { start_date: from, end_date: to } : {}),
        }, `${repository} ${milestone.title}`);
        sprints.set(sprintKey(repository, milestone.title), sprint.id);
      } catch (error) {
        const why: Refusal = asRefusal(error);
        sprints.set(sprintKey(repository, milestone.title), '');
        count(this.report.lost, `milestones: ${en.refusal(why)}`);
      }
    }
    return sprints;
  }

  async #board(repository: string, part: string, sprints: Map<string, string>): Promise<string> {
    const known = (await all('vistas.list', { type: ['grouped'] }, (answer) => answer.vistas)).find(({ name }) => name === repository);
    if (!known) {
      const { vista } = await this.#make('vistas.create', {
        type: 'grouped', filter_type: 'works', flavor: 'sprint_board', name: repository, applies_to_part: [part],
      }, repository);
      return vista.id;
    }
    for (const sprint of await all('vistas.groups.list', { parent_id: [known.id] }, (answer) => answer.vista_group)) {
      sprints.set(sprintKey(repository, sprint.name), sprint.id);
    }
    return known.id;
  }

  #failed(name: string, error: unknown): void {
    if (this.signal.aborted) return;
    this.report.failed.push({ name, why: en.refusal(asRefusal(error)) });
  }
}
