// How it stands: four figures, what came and went, where it is and who has it, and what needs
// somebody now. Every mark leads to the works behind it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { call } from '../../api/call';
import { asRefusal } from '../../api/errors';
import type { SlaTracker, WorksCountGroup } from '../../api/types.gen';
import { Bars, type Bar } from '../../charts/Bars';
import { Columns, type ColumnOf } from '../../charts/Columns';
import { Lines, type Week } from '../../charts/Lines';
import { Pins, share, type KeptWeek } from '../../charts/Pins';
import { useCommands } from '../../commands/registry';
import { open } from '../../commands/overlay';
import { setTargets } from '../../commands/targets';
import { useParts } from '../../store/asked';
import { useNames } from '../../store/hooks';
import { namesFor } from '../../store/within';
import { works } from '../../store/works';
import { en } from '../../text/en';
import { span, when } from '../../text/format';
import { Avatar, Clock, Empty, Failed, Track, Urgency } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { ChoiceMenu } from '../../ui/Menu';
import { Blanks } from '../../ui/states';
import { words } from '../../works/burn';
import { SPANS, WHICH, formatScope, parseScope, scoped, type Scope, type Which } from '../../works/dashboard';
import { OPEN_WORK, ask, exact, isWithin, pathOf, sortBy, type Filters, type Names, type Wanted } from '../../works/filter';
import { idOf, nameOf, type Work } from '../../works/work';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEK = 7 * DAY;
const TRACKERS_MAX = 500;
const OWNERS_MAX = 7;
const WHICH_NAMES: Record<Which, string> = { both: 'Issues and tickets', issue: 'Issues', ticket: 'Tickets' };

const openOf = (scope: Scope): Filters => ({ ...scoped(scope), state: ['open', 'in_progress'] });
const lateOf = (scope: Scope): Filters => ({ ...openOf(scope), clock: ['breached'] });

interface Figures {
  open: number;
  late: number;
  soon: number;
  due: number;
  weeks: Week[];
  kept: KeptWeek[];
  /** Whether more promises ended than were asked for. */
  isCut: boolean;
  /** How long what was closed last took, in ms; nothing was closed yet. */
  took: number | undefined;
  /** How many are open, by how many days ago they were made. */
  ages: Array<[number, number]>;
  stages: WorksCountGroup[];
  owners: WorksCountGroup[];
  lateOf: WorksCountGroup[];
  parts: WorksCountGroup[];
  needed: Work[];
}

const list = (filters: Filters, some: Partial<typeof OPEN_WORK> = {}): string => pathOf({ ...OPEN_WORK, ...some, filters });

export default function Dashboard() {
  const names = useNames();
  const [, go] = useLocation();
  const search = useSearch();
  const scope = useMemo(() => parseScope(search), [search]);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ['count', 'dashboard', scope], queryFn: () => figures(scope, names), staleTime: 10_000, placeholderData: keepPreviousData,
  });
  const change = (some: Partial<Scope>): void => {
    const query = formatScope({ ...scope, ...some });
    go(query ? `/?${query}` : '/', { replace: true });
  };
  useEffect(() => { document.title = 'Dashboard · Worksmith'; }, []);
  useEffect(() => setTargets(() => []), []);
  useCommands('view', { back: () => go('/works') });
  const isEverything = formatScope({ ...scope, weeks: 12 }) === '';
  return (
    <main aria-busy={isPlaceholderData}>
      <header className="head line more">
        <h1>Dashboard</h1>
        <span className="n">week of {when(Date.now() - ((new Date().getDay() + 6) % 7) * DAY)}</span>
        <div className="tools scope">
          <ChoiceMenu label="Works" value={scope.which} options={(Object.keys(WHICH) as Which[]).map((id) => ({ id, label: WHICH_NAMES[id] }))} onPick={(which) => change({ which })} />
          <PartMenu parts={scope.parts} onPick={(parts) => change({ parts })} />
          <ChoiceMenu label="Span" value={String(scope.weeks)} options={SPANS.map((weeks) => ({ id: String(weeks), label: `${weeks} weeks` }))} onPick={(picked) => change({ weeks: SPANS.find((weeks) => String(weeks) === picked) ?? 12 })} />
        </div>
      </header>
      {!error && !data && <Blanks />}
      {error && !data && <Failed why={asRefusal(error)} onRetry={() => void refetch()} />}
      {data && (isEverything && data.open === 0 && data.weeks.every((week) => week.opened === 0)
        ? <Empty title="Figures come with the first works"><p className="quiet">Something new is made with C.</p></Empty>
        : <Shown data={data} scope={scope} />)}
    </main>
  );
}

/** The parts that it is about, picked as in a list: each with all below it, or alone. */
function PartMenu({ parts, onPick }: { parts: readonly string[]; onPick: (parts: string[]) => void }) {
  const { data: known = [] } = useParts();
  const name = (value: string): string => known.find((part) => part.display_id === exact(value) || part.id === exact(value))?.name ?? exact(value);
  const shown = parts.map((value) => (isWithin(value) ? name(value) : `only ${name(value)}`));
  return (
    <button type="button" className="btn" aria-haspopup="dialog" onClick={() => open({ kind: 'filter', name: 'part', values: [...parts], onPick: (_, picked) => onPick(picked) })}>
      Part <b dir="auto">{shown.length > 0 ? shown.join(', ') : 'All'}</b><Icon name="down" />
    </button>
  );
}

function Shown({ data, scope }: { data: Figures; scope: Scope }) {
  const [open, named] = [openOf(scope), WHICH_NAMES[scope.which]];
  const lately = `in ${words(scope.weeks).toLowerCase()} weeks`;
  const late = new Map(data.lateOf.map((group) => [group.owned_by?.id, group.count]));
  const stages = data.stages.flatMap((group): Bar[] => (group.stage ? [{
    key: group.stage.name, label: group.stage.display_name, mark: <Track stage={group.stage} />, value: group.count,
    path: list({ ...open, stage: [group.stage.name] }),
  }] : []));
  const owners = data.owners.flatMap((group): Bar[] => (group.owned_by ? [{
    key: group.owned_by.id, label: nameOf(group.owned_by), mark: <Avatar user={group.owned_by} />, value: group.count,
    late: late.get(group.owned_by.id) ?? 0, path: list({ ...open, owner: [group.owned_by.display_id ?? group.owned_by.id] }),
  }] : []));
  const parts = data.parts.flatMap((group): Bar[] => (group.applies_to_part ? [{
    key: group.applies_to_part.id, label: group.applies_to_part.name, value: group.count,
    path: list({ ...open, part: [group.applies_to_part.display_id ?? group.applies_to_part.id] }),
  }] : []));
  const [before, now] = [data.weeks.at(-2), data.weeks.at(-1)];
  const broken = data.kept.reduce((sum, week) => sum + week.broken, 0);
  const kept = share({ kept: data.kept.reduce((sum, week) => sum + week.kept, 0), broken });
  return (
    <div className="dash" tabIndex={0} role="region" aria-label="Figures">
      <div className="figs">
        <Figure value={en.number(data.open)} label="open" path={list(open)} note={trend(data.weeks)} />
        <Figure value={en.number(data.late)} label="late" path={list(lateOf(scope))} note={data.soon > 0 ? `${en.number(data.soon)} more soon` : `${en.number(data.due)} due within a week`} heat={data.soon > 0 ? 'warm' : ''} />
        <Figure value={kept === undefined ? '–' : `${kept} %`} label="of promises kept" path="/slas/record" note={kept === undefined ? 'none has ended yet' : broken > 0 ? `${en.number(broken)} broken ${lately}` : lately} heat={broken > 0 ? 'warm' : ''} />
        <Figure value={data.took === undefined ? '–' : data.took < MINUTE ? '< 1 min' : span(data.took)} label="from opened to closed, median" path={list({ ...scoped(scope), state: ['closed'] }, { sort: 'changed', group: 'none' })} note={`${en.number(now?.closed ?? 0)} closed this week, ${en.number(before?.closed ?? 0)} the week before`} />
      </div>
      <div className="panels">
        <section className="panel a">
          <h2>{headline(data.weeks)}</h2>
          <p className="s">{named} opened and closed a week</p>
          <Lines weeks={data.weeks} title={`${named} opened and closed a week`} />
        </section>
        <section className="panel b">
          <h2>{promised(data.kept)}</h2>
          <p className="s">Promises kept, percent of those that ended in a week{data.isCut && `, of the ${en.number(TRACKERS_MAX)} newest`}</p>
          <Pins weeks={data.kept} title="Promises kept, percent of those that ended in a week" />
        </section>
        <section className="panel c">
          <h2>Where it stands</h2>
          <p className="s">Open by stage</p>
          <Bars bars={stages} />
        </section>
        <section className="panel d">
          <h2>Who has it</h2>
          <p className="s">Open by owner; red is late</p>
          <Bars bars={owners.sort((a, b) => b.value - a.value).slice(0, OWNERS_MAX)} />
        </section>
        <section className="panel d">
          <h2>What it is about</h2>
          <p className="s">Open by part</p>
          <Bars bars={parts.sort((a, b) => b.value - a.value).slice(0, OWNERS_MAX)} />
        </section>
        <section className="panel d">
          <h2>{old(data.ages)}</h2>
          <p className="s">Open by age</p>
          <Columns columns={ages(data.ages, open)} />
        </section>
      </div>
      <section className="need">
        <h2>{data.needed.length > 0 ? 'Needs somebody now' : 'Nothing needs anybody now'}</h2>
        {data.needed.map((work) => <Needed key={work.id} work={work} />)}
      </section>
    </div>
  );
}

function Figure({ value, label, note, path, heat = '' }: { value: string; label: string; note: string; path: string; heat?: string }) {
  return (
    <Link href={path} className="fig"><b>{value}</b><span>{label}</span><small className={heat}>{note}</small></Link>
  );
}

function Needed({ work }: { work: Work }) {
  const heat = work.sla_summary?.stage === 'breached' ? 'hot' : 'warm';
  return (
    <Link href={`/${idOf(work)}`} className={`row ${heat}`}>
      <Urgency work={work} /><span className="id">{idOf(work)}</span><span className="ti" dir="auto">{work.title}</span>
      <span className="quiet part" dir="auto">{work.applies_to_part?.name}</span><span className="quiet" dir="auto">{work.account?.display_name}</span><Clock work={work} /><Avatar user={work.owned_by[0]} />
    </Link>
  );
}

/** The title says what is seen. */
function headline(weeks: Week[]): string {
  const recent = weeks.slice(-4);
  const [opened, closed] = [recent.reduce((sum, week) => sum + week.opened, 0), recent.reduce((sum, week) => sum + week.closed, 0)];
  if (closed > opened) return 'More was closed than opened in four weeks';
  if (opened > closed) return 'More was opened than closed in four weeks';
  return 'As much was closed as was opened in four weeks';
}

function promised(weeks: KeptWeek[]): string {
  const ended = weeks.filter((week) => week.kept + week.broken > 0);
  const broke = ended.filter((week) => week.broken > 0).length;
  if (ended.length === 0) return 'No promise has ended yet';
  if (broke === 0) return 'Every promise was kept';
  return ended.length === 1 ? 'A promise was broken' : `${en.number(broke)} of ${en.number(ended.length)} weeks broke a promise`;
}

const MONTH = 31;
const AGES: Array<[string, number]> = [['1 day', 1], ['3 days', 3], ['1 wk', 7], ['2 wks', 14], ['1 mth', MONTH], ['older', Number.POSITIVE_INFINITY]];

function ages(days: Figures['ages'], filters: Filters): ColumnOf[] {
  const path = list(filters, { sort: 'created', group: 'none' });
  return AGES.map(([label, to], at) => {
    const from = AGES[at - 1]?.[1] ?? -1;
    const value = days.reduce((sum, [age, count]) => sum + (age > from && age <= to ? count : 0), 0);
    return { label, value, path, isWarm: at === AGES.length - 1 };
  });
}

function old(days: Figures['ages']): string {
  const count = days.reduce((sum, [age, many]) => sum + (age > MONTH ? many : 0), 0);
  if (count === 0) return 'None is older than a month';
  return count === 1 ? 'One is older than a month' : `${en.number(count)} are older than a month`;
}

function trend(weeks: Week[]): string {
  const last = weeks.at(-1);
  const more = (last?.opened ?? 0) - (last?.closed ?? 0);
  if (more === 0) return 'as many as a week ago';
  return `${en.number(Math.abs(more))} ${more > 0 ? 'more' : 'fewer'} than a week ago`;
}

async function figures(scope: Scope, plain: Names): Promise<Figures> {
  const names = await namesFor(scoped(scope), plain);
  const asked = (filters: Filters): Wanted => ask(filters, names) ?? {};
  const since = { type: 'preset', preset_type: 'last_n_days', days: scope.weeks * 7 } as const;
  const soon = { type: 'preset', preset_type: 'next_n_days', days: 7 } as const;
  const [all, isOpen, isLate] = [asked(scoped(scope)), asked(openOf(scope)), asked(lateOf(scope))];
  const groups = async (wanted: Wanted, by: string): Promise<WorksCountGroup[]> =>
    (await call('works.count', { ...wanted, group_by: [by] })).groups ?? [];
  const [open, late, warned, due, opened, closed, stages, owners, lateOwners, parts, made, done, ended, needed] = await Promise.all([
    call('works.count', isOpen),
    call('works.count', isLate),
    call('works.count', asked({ ...openOf(scope), clock: ['warning'] })),
    call('works.count', { ...isOpen, target_close_date: soon }),
    groups({ ...all, created_date: since }, 'created_date:week'),
    groups({ ...all, actual_close_date: since }, 'actual_close_date:week'),
    groups(isOpen, 'stage'),
    groups(isOpen, 'owned_by'),
    groups(isLate, 'owned_by'),
    groups(isOpen, 'applies_to_part'),
    groups(isOpen, 'created_date:day'),
    call('works.list', { ...asked({ ...scoped(scope), state: ['closed'] }), actual_close_date: since, sort_by: ['actual_close_date:desc'], limit: 100 }),
    trackers(scope, all),
    call('works.list', { ...asked({ ...openOf(scope), clock: ['breached', 'warning'] }), sort_by: sortBy('clock'), limit: 8 }, { revisions: true }),
  ]);
  const found = needed.works as Work[];
  found.forEach((work, at) => works.put(work, needed.revisions?.[at] ?? 0));
  return {
    open: open.count, late: late.count, soon: warned.count, due: due.count, weeks: weeks(opened, closed, scope.weeks),
    kept: keptWeeks(ended, scope.weeks), isCut: ended.length >= TRACKERS_MAX, took: median(done.works as Work[]),
    ages: made.map((group) => [Math.floor((Date.now() - Date.parse(group.created_date ?? '')) / DAY), group.count]),
    stages: stages.sort((a, b) => (a.stage?.ordinal ?? 0) - (b.stage?.ordinal ?? 0)), owners, lateOf: lateOwners, parts, needed: found,
  };
}

/** The promises that ended in these weeks, up to the newest of so many pages. */
async function trackers(scope: Scope, wanted: Wanted): Promise<SlaTracker[]> {
  const found: SlaTracker[] = [];
  const kinds: readonly string[] = WHICH[scope.which];
  let cursor: string | undefined;
  do {
    const answer = await call('sla-trackers.list', {
      status: ['hit', 'miss'], modified_date: { after: new Date(Date.now() - scope.weeks * WEEK).toISOString() }, sort_by: ['modified_date:desc'],
      limit: 100, ...(cursor ? { cursor } : {}),
    });
    const those = answer.sla_trackers.filter((each) => kinds.includes(each.applies_to_type));
    found.push(...(scope.parts.length > 0 ? await about(those, wanted) : those));
    cursor = answer.next_cursor;
  } while (cursor && found.length < TRACKERS_MAX);
  return found;
}

/** Those that are for works that fit: trackers do not say which part theirs is about. */
async function about(those: SlaTracker[], wanted: Wanted): Promise<SlaTracker[]> {
  if (those.length === 0) return [];
  const { works: fitting } = await call('works.list', { ...wanted, ids: those.map((each) => each.applies_to_id), limit: 100 });
  const ids = new Set((fitting as Work[]).map(({ id }) => id));
  return those.filter((each) => ids.has(each.applies_to_id));
}

function keptWeeks(ended: SlaTracker[], many: number): KeptWeek[] {
  return mondays(many).map((at) => {
    const those = ended.filter(({ modified_date: on }) => on && Date.parse(on) >= at && Date.parse(on) < at + WEEK);
    const broken = those.filter(({ status }) => status === 'miss').length;
    return { at, kept: those.length - broken, broken };
  });
}

function median(works: Work[]): number | undefined {
  const took = works.flatMap(({ created_date: from, actual_close_date: to }) => (from && to ? [Date.parse(to) - Date.parse(from)] : []));
  return took.sort((a, b) => a - b)[Math.floor(took.length / 2)];
}

/** The last Mondays, in UTC as the server counts weeks. */
function mondays(many: number): number[] {
  const today = new Date();
  const monday = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() - ((today.getUTCDay() + 6) % 7));
  return Array.from({ length: many }, (_, at) => monday - (many - 1 - at) * WEEK);
}

/** The last weeks, also those in which nothing happened. */
function weeks(opened: WorksCountGroup[], closed: WorksCountGroup[], many: number): Week[] {
  const of = (groups: WorksCountGroup[], read: (group: WorksCountGroup) => string | undefined) =>
    new Map(groups.map((group) => [Date.parse(read(group) ?? ''), group.count]));
  const [made, done] = [of(opened, (group) => group.created_date), of(closed, (group) => group.actual_close_date)];
  return mondays(many).map((at) => ({ at, opened: made.get(at) ?? 0, closed: done.get(at) ?? 0 }));
}
