// How it stands: four figures, what came and went, where it is and who has it, and what needs
// somebody now. Every mark leads to the works behind it.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useLocation } from 'wouter';
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
import { useNames } from '../../store/hooks';
import { works } from '../../store/works';
import { en } from '../../text/en';
import { span, when } from '../../text/format';
import { Avatar, Clock, Empty, Failed, Track, Urgency } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { Blanks } from '../../ui/states';
import { OPEN_WORK, ask, sortBy, type Filters, type Wanted } from '../../works/filter';
import { idOf, nameOf, type Work } from '../../works/work';
import { pathOf } from '../places';

const WEEKS = 12;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEK = 7 * DAY;
const TRACKERS_MAX = 500;
const OWNERS_MAX = 7;
const KINDS = ['issue', 'ticket'];
const OPEN: Filters = { kind: KINDS, state: ['open', 'in_progress'] };
const LATE: Filters = { ...OPEN, clock: ['breached'] };
const NEEDED: Filters = { ...OPEN, clock: ['breached', 'warning'] };

interface Figures {
  open: number;
  late: number;
  soon: number;
  due: number;
  weeks: Week[];
  kept: KeptWeek[];
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
  const { data, error, refetch } = useQuery({ queryKey: ['count', 'dashboard'], queryFn: () => figures(names), staleTime: 10_000 });
  useEffect(() => { document.title = 'Dashboard · Worksmith'; }, []);
  useEffect(() => setTargets(() => []), []);
  useCommands('view', { back: () => go('/works') });
  return (
    <main>
      <header className="head line">
        <h1>Dashboard</h1>
        <span className="n">week of {when(Date.now() - ((new Date().getDay() + 6) % 7) * DAY)}</span>
        <div className="tools"><button type="button" className="btn main" onClick={() => open({ kind: 'new' })}><Icon name="plus" />New</button></div>
      </header>
      {!error && !data && <Blanks />}
      {error && !data && <Failed why={asRefusal(error)} onRetry={() => void refetch()} />}
      {data && (data.open === 0 && data.weeks.every((week) => week.opened === 0)
        ? <Empty title="Figures come with the first works"><p className="quiet">Something new is made with C.</p></Empty>
        : <Shown data={data} />)}
    </main>
  );
}

function Shown({ data }: { data: Figures }) {
  const late = new Map(data.lateOf.map((group) => [group.owned_by?.id, group.count]));
  const stages = data.stages.flatMap((group): Bar[] => (group.stage ? [{
    key: group.stage.name, label: group.stage.display_name, mark: <Track stage={group.stage} />, value: group.count,
    path: list({ ...OPEN, stage: [group.stage.name] }),
  }] : []));
  const owners = data.owners.flatMap((group): Bar[] => (group.owned_by ? [{
    key: group.owned_by.id, label: nameOf(group.owned_by), mark: <Avatar user={group.owned_by} />, value: group.count,
    late: late.get(group.owned_by.id) ?? 0, path: list({ ...OPEN, owner: [group.owned_by.display_id ?? group.owned_by.id] }),
  }] : []));
  const parts = data.parts.flatMap((group): Bar[] => (group.applies_to_part ? [{
    key: group.applies_to_part.id, label: group.applies_to_part.name, value: group.count,
    path: list({ ...OPEN, part: [group.applies_to_part.display_id ?? group.applies_to_part.id] }),
  }] : []));
  const [before, now] = [data.weeks.at(-2), data.weeks.at(-1)];
  const broken = data.kept.reduce((sum, week) => sum + week.broken, 0);
  const kept = share({ kept: data.kept.reduce((sum, week) => sum + week.kept, 0), broken });
  return (
    <div className="dash" tabIndex={0} role="region" aria-label="Figures">
      <div className="figs">
        <Figure value={en.number(data.open)} label="open" path={list(OPEN)} note={trend(data.weeks)} />
        <Figure value={en.number(data.late)} label="late" path={list(LATE)} note={data.soon > 0 ? `${en.number(data.soon)} more soon` : `${en.number(data.due)} due within a week`} heat={data.soon > 0 ? 'warm' : ''} />
        <Figure value={kept === undefined ? '–' : `${kept} %`} label="of promises kept" path="/slas/record" note={kept === undefined ? 'none has ended yet' : broken > 0 ? `${en.number(broken)} broken in twelve weeks` : 'in twelve weeks'} heat={broken > 0 ? 'warm' : ''} />
        <Figure value={data.took === undefined ? '–' : data.took < MINUTE ? '< 1 min' : span(data.took)} label="from opened to closed, median" path={list({ kind: KINDS, state: ['closed'] }, { sort: 'changed', group: 'none' })} note={`${en.number(now?.closed ?? 0)} closed this week, ${en.number(before?.closed ?? 0)} the week before`} />
      </div>
      <div className="panels">
        <section className="panel a">
          <h2>{headline(data.weeks)}</h2>
          <p className="s">Issues and tickets opened and closed a week</p>
          <Lines weeks={data.weeks} title="Issues and tickets opened and closed a week" />
        </section>
        <section className="panel b">
          <h2>{promised(data.kept)}</h2>
          <p className="s">Promises kept, percent of those that ended in a week</p>
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
          <Columns columns={ages(data.ages)} />
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

const AGES: Array<[string, number]> = [['1 day', 1], ['3 days', 3], ['1 wk', 7], ['2 wks', 14], ['1 mth', 31], ['older', Number.POSITIVE_INFINITY]];

function ages(days: Figures['ages']): ColumnOf[] {
  const path = list(OPEN, { sort: 'created', group: 'none' });
  return AGES.map(([label, to], at) => {
    const from = AGES[at - 1]?.[1] ?? -1;
    const value = days.reduce((sum, [age, count]) => sum + (age > from && age <= to ? count : 0), 0);
    return { label, value, path, isWarm: at === AGES.length - 1 };
  });
}

function old(days: Figures['ages']): string {
  const count = ages(days).at(-1)?.value ?? 0;
  if (count === 0) return 'None is older than a month';
  return count === 1 ? 'One is older than a month' : `${en.number(count)} are older than a month`;
}

function trend(weeks: Week[]): string {
  const last = weeks.at(-1);
  const more = (last?.opened ?? 0) - (last?.closed ?? 0);
  if (more === 0) return 'as many as a week ago';
  return `${en.number(Math.abs(more))} ${more > 0 ? 'more' : 'fewer'} than a week ago`;
}

async function figures(names: { me: string; org: string }): Promise<Figures> {
  const asked = (filters: Filters): Wanted => ask(filters, names) ?? {};
  const since = { type: 'preset', preset_type: 'last_n_days', days: WEEKS * 7 } as const;
  const soon = { type: 'preset', preset_type: 'next_n_days', days: 7 } as const;
  const kinds = asked({ kind: KINDS });
  const groups = async (wanted: Wanted, by: string): Promise<WorksCountGroup[]> =>
    (await call('works.count', { ...wanted, group_by: [by] })).groups ?? [];
  const [open, late, warned, due, opened, closed, stages, owners, lateOf, parts, made, done, ended, needed] = await Promise.all([
    call('works.count', asked(OPEN)),
    call('works.count', asked(LATE)),
    call('works.count', asked({ ...OPEN, clock: ['warning'] })),
    call('works.count', { ...asked(OPEN), target_close_date: soon }),
    groups({ ...kinds, created_date: since }, 'created_date:week'),
    groups({ ...kinds, actual_close_date: since }, 'actual_close_date:week'),
    groups(asked(OPEN), 'stage'),
    groups(asked(OPEN), 'owned_by'),
    groups(asked(LATE), 'owned_by'),
    groups(asked(OPEN), 'applies_to_part'),
    groups(asked(OPEN), 'created_date:day'),
    call('works.list', { ...asked({ kind: KINDS, state: ['closed'] }), actual_close_date: since, sort_by: ['actual_close_date:desc'], limit: 100 }),
    trackers(),
    call('works.list', { ...asked(NEEDED), sort_by: sortBy('clock'), limit: 8 }, { revisions: true }),
  ]);
  const found = needed.works as Work[];
  found.forEach((work, at) => works.put(work, needed.revisions?.[at] ?? 0));
  return {
    open: open.count, late: late.count, soon: warned.count, due: due.count, weeks: weeks(opened, closed),
    kept: keptWeeks(ended), took: median(done.works as Work[]),
    ages: made.map((group) => [Math.floor((Date.now() - Date.parse(group.created_date ?? '')) / DAY), group.count]),
    stages: stages.sort((a, b) => (a.stage?.ordinal ?? 0) - (b.stage?.ordinal ?? 0)), owners, lateOf, parts, needed: found,
  };
}

/** The promises that ended in these weeks, up to the newest of so many pages. */
async function trackers(): Promise<SlaTracker[]> {
  const found: SlaTracker[] = [];
  let cursor: string | undefined;
  do {
    const answer = await call('sla-trackers.list', {
      status: ['hit', 'miss'], modified_date: { after: new Date(Date.now() - WEEKS * WEEK).toISOString() }, sort_by: ['modified_date:desc'],
      limit: 100, ...(cursor ? { cursor } : {}),
    });
    found.push(...answer.sla_trackers);
    cursor = answer.next_cursor;
  } while (cursor && found.length < TRACKERS_MAX);
  return found;
}

function keptWeeks(ended: SlaTracker[]): KeptWeek[] {
  return mondays().map((at) => {
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
function mondays(): number[] {
  const today = new Date();
  const monday = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() - ((today.getUTCDay() + 6) % 7));
  return Array.from({ length: WEEKS }, (_, at) => monday - (WEEKS - 1 - at) * WEEK);
}

/** The last weeks, also those in which nothing happened. */
function weeks(opened: WorksCountGroup[], closed: WorksCountGroup[]): Week[] {
  const of = (groups: WorksCountGroup[], read: (group: WorksCountGroup) => string | undefined) =>
    new Map(groups.map((group) => [Date.parse(read(group) ?? ''), group.count]));
  const [made, done] = [of(opened, (group) => group.created_date), of(closed, (group) => group.actual_close_date)];
  return mondays().map((at) => ({ at, opened: made.get(at) ?? 0, closed: done.get(at) ?? 0 }));
}
