// The small marks of which everything is made.
import type { ReactNode } from 'react';
import type { Stage, TagWithValue, UserSummary } from '../api/types.gen';
import { useSignal, useStanding } from '../store/hooks';
import { session } from '../store/session';
import { en } from '../text/en';
import { inFull, moment, when } from '../text/format';
import { clock, type Clock as ClockState } from '../works/clock';
import { urgency } from '../works/fields';
import { track } from '../works/stages';
import { initials, nameOf, type Work } from '../works/work';
import { now } from './now';

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd>{children}</kbd>;
}

/** How far along a work is; the words stand beside it or are read out. */
export function Track({ stage, label }: { stage: Stage | undefined; label?: string }) {
  const { cells, isDone } = track(stage);
  const name = (share: number): string => (share === 1 ? 'on' : share > 0 ? 'half' : '');
  return (
    <span className={isDone ? 'track done' : 'track'} {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}>
      {cells.map((share, at) => <i key={at} className={name(share)} />)}
    </span>
  );
}

export function Avatar({ user, isBig }: { user: UserSummary | undefined; isBig?: boolean }) {
  const me = useSignal(session);
  if (!user) return <span className="av none" aria-label="Nobody" role="img" />;
  const name = nameOf(user);
  const isMe = me.kind === 'in' && me.user.id === user.id;
  const kind = `${isMe ? ' me' : ''}${user.type === 'rev_user' ? ' ext' : ''}${isBig ? ' big' : ''}`;
  return <span className={`av${kind}`} title={name} role="img" aria-label={name}>{initials(name)}</span>;
}

/** Customers are square, people are round. */
export function Square({ name }: { name: string }) {
  return <span className="av ext" aria-hidden="true">{initials(name)}</span>;
}

export function Urgency({ work }: { work: Work }) {
  const found = urgency(work);
  if (!found) return <span className="urg" />;
  return <span className={`urg u${found.level}`}>{found.label}</span>;
}

export function Tag({ tag, isDot }: { tag: TagWithValue; isDot?: boolean }) {
  const text = tag.value ? `${tag.tag.name}: ${tag.value}` : tag.tag.name;
  const color = tag.tag.style_new?.color;
  return (
    <span className={isDot ? 'tag dot' : 'tag'} title={text}>
      <Dot color={color} /><bdi>{text}</bdi>
    </span>
  );
}

/** A colour that a user chose; it only ever is a mark beside words. */
export function Dot({ color }: { color: string | undefined }) {
  return (
    <svg className="dot" viewBox="0 0 7 7" aria-hidden="true">
      <rect width="7" height="7" rx="2" {...(color ? { fill: color } : { className: 'plain' })} />
    </svg>
  );
}

export function useClock(work: Work): ClockState | undefined {
  return clock(work.sla_summary, work.created_date, useSignal(now));
}

export function Clock({ work }: { work: Work }) {
  const state = useClock(work);
  if (!state) {
    if (!work.target_close_date || work.actual_close_date) return null;
    const isLate = Date.parse(work.target_close_date) < now.get();
    return (
      <time className={isLate ? 'due past' : 'due'} dateTime={work.target_close_date} title={inFull(work.target_close_date)}>
        {when(work.target_close_date)}
      </time>
    );
  }
  return (
    <span className={`clock ${state.heat}${state.isPaused ? ' paused' : ''}`}>
      <span>{state.text}</span>
      <svg className="fuse" viewBox="0 0 28 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="bed" width="28" height="4" rx="2" />
        {state.isPaused
          ? <path className="dashes" d="M1 2h12" />
          : <rect className="burnt" width={28 * (state.used ?? 0)} height="4" rx="2" />}
      </svg>
    </span>
  );
}

/** What is not saved of a work. */
export function Unsaved({ id }: { id: string }) {
  const standing = useStanding(id);
  if (standing.isWaiting) return <span className="wait">waits</span>;
  return standing.saving > 0 ? <span className="saving">Saving</span> : null;
}

export function When({ at, isExact = false }: { at: string | undefined; isExact?: boolean }) {
  if (!at) return null;
  return <time dateTime={at} title={inFull(at)}>{isExact ? moment(at) : when(at)}</time>;
}

/** Nothing is there, and what would bring something. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** What failed, at its place, and how to try again. */
export function Failed({ why, onRetry }: { why: import('../api/errors').Refusal; onRetry: () => void }) {
  return (
    <div className="failed" role="alert">
      <p>{en.unseen(why)}</p>
      <button type="button" className="btn line" onClick={onRetry}>Try again</button>
      {why.requestId && <p className="quiet">Request <code>{why.requestId}</code></p>}
    </div>
  );
}
