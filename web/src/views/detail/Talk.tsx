// What was said and what was changed, in their order; changes of one person that follow each other
// are one line.
import { useMemo, useRef, useState } from 'react';
import { call, uniqueKey } from '../../api/call';
import { asRefusal } from '../../api/errors';
import type { ArtifactSummary, FieldDelta, FieldValue, LinkSummary, TimelineChangeEvent, TimelineComment, UserSummary } from '../../api/types.gen';
import { useCommands } from '../../commands/registry';
import { Markdown } from '../../markdown/Markdown';
import { useAccounts, useStages, useTimeline, useUsers } from '../../store/asked';
import { queries } from '../../store/queries';
import { useCustomFields } from '../../store/schema';
import { en } from '../../text/en';
import { fileSize, inFull, moment, when } from '../../text/format';
import { Avatar, Failed } from '../../ui/bits';
import { Icon } from '../../ui/Icon';
import { toast } from '../../ui/toast';
import type { Field } from '../../works/fields';
import { displayId, kindOf } from '../../works/references';
import { nameOf, type Work } from '../../works/work';

type Entry = (TimelineComment | TimelineChangeEvent) & { type: string };
type Line =
  | { kind: 'comment'; entry: TimelineComment }
  | { kind: 'changes'; id: string; by: UserSummary | undefined; at: string; changes: Said[] };

/** A change in words, and the field that it is about, if only its last value counts. */
interface Said {
  text: string;
  field?: string;
}

/** Changes of one person within this time are one line. */
const RUN_MS = 5 * 60_000;

export function Talk({ work }: { work: Work }) {
  const { data, error, refetch } = useTimeline(work.id);
  const names = useValueNames(work);
  const lines = useMemo(() => fold((data?.entries ?? []) as Entry[], names), [data, names]);
  const ref = useRef<HTMLElement>(null);
  const entries = (): HTMLElement[] => [...(ref.current?.querySelectorAll<HTMLElement>('.say') ?? [])];
  const step = (by: number) => (): void => {
    const all = entries();
    const at = all.findIndex((each) => each === document.activeElement);
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  useCommands('detail', {
    'entry.next': step(1),
    'entry.previous': step(-1),
    react: () => entries().find((each) => each.contains(document.activeElement))?.querySelector<HTMLElement>('[data-thumb], .add')?.click(),
  });
  if (error && !data) return <Failed why={asRefusal(error)} onRetry={() => void refetch()} />;
  return (
    <section className="talk" aria-label="Talk" ref={ref}>
      {data?.before && <p className="quiet">Earlier entries are left out here.</p>}
      {lines.map((line) => (line.kind === 'comment'
        ? <Comment key={line.entry.id} entry={line.entry} work={work} />
        : <Change key={line.id} line={line} />))}
    </section>
  );
}

function Comment({ entry, work }: { entry: TimelineComment; work: Work }) {
  const isInternal = entry.visibility === 'internal' || entry.visibility === 'private';
  const author = entry.created_by;
  if (!entry.body && !(entry.artifacts ?? []).length) return null;
  return (
    <article className={isInternal && work.type === 'ticket' ? 'say internal' : 'say'} tabIndex={-1} aria-label={author ? `${nameOf(author)} wrote` : 'A comment'}>
      <Avatar user={author} isBig />
      <div>
        <header className="who">
          <b dir="auto">{author ? nameOf(author) : 'Somebody'}</b>
          {author?.rev_org && <span className="quiet" dir="auto">{author.rev_org.display_name}</span>}
          {isInternal && <span className="vis"><Icon name="lock" />{entry.visibility === 'private' ? 'Private' : 'Internal'}</span>}
          <SaidAt at={entry.created_date} />
        </header>
        {entry.body && <div className="text"><Markdown text={entry.body} /></div>}
        {(entry.artifacts ?? []).map((file) => <File key={file.id} file={file} />)}
        <Reactions entry={entry} />
      </div>
    </article>
  );
}

function SaidAt({ at }: { at: string | undefined }) {
  return at ? <time dateTime={at} title={inFull(at)}>{moment(at)}</time> : null;
}

function Reactions({ entry }: { entry: TimelineComment }) {
  const [isSending, setSending] = useState(false);
  const react = async (emoji: string, action: 'add' | 'remove'): Promise<void> => {
    setSending(true);
    await call('reactions.update', { object: entry.id, emoji, action }, { key: uniqueKey() })
      .then(() => queries.invalidateQueries({ queryKey: ['timeline'] }))
      .catch((error: unknown) => toast(en.refusal(asRefusal(error))));
    setSending(false);
  };
  const reactions = entry.reactions ?? [];
  const hasThumb = reactions.some((each) => shownEmoji(each.emoji) === '👍');
  return (
    <div className="re">
      {reactions.map((each) => (
        <button
          key={each.emoji} type="button" {...(shownEmoji(each.emoji) === '👍' ? { 'data-thumb': true } : {})} className={each.reacted ? 'mine' : ''} disabled={isSending} aria-pressed={each.reacted}
          aria-label={`${shownEmoji(each.emoji)} ${each.total_users}`} onClick={() => void react(each.emoji, each.reacted ? 'remove' : 'add')}
        >
          {shownEmoji(each.emoji)} {each.total_users}
        </button>
      ))}
      {!hasThumb && (
        <button type="button" className="add" disabled={isSending} aria-label="React with a thumb up" onClick={() => void react('👍', 'add')}><Icon name="smile" /></button>
      )}
    </div>
  );
}

/** `1f44d` is the thumb. */
function shownEmoji(code: string): string {
  const points = code.split('-').map((each) => Number.parseInt(each, 16));
  return points.every((point) => point > 0 && point <= 0x10ffff) ? String.fromCodePoint(...points) : code;
}

export function File({ file }: { file: ArtifactSummary }) {
  const show = async (): Promise<void> => {
    // The window must be opened by the click itself.
    const opened = window.open('', '_blank', 'noopener=no');
    try {
      const { url } = await call('artifacts.locate', { id: file.id });
      if (opened) {
        opened.opener = null;
        opened.location.href = url;
      } else location.assign(url);
    } catch (error) {
      opened?.close();
      toast(en.refusal(asRefusal(error)));
    }
  };
  return (
    <button type="button" className="attach" onClick={() => void show()}>
      <Icon name="file" /><span dir="auto">{file.file.name}</span>{file.file.size !== undefined && <small>{fileSize(file.file.size)}</small>}
    </button>
  );
}

function Change({ line }: { line: Extract<Line, { kind: 'changes' }> }) {
  return (
    <div className="ev">
      <span className="dot" />
      <span dir="auto"><b>{line.by ? nameOf(line.by).split(' ')[0] : 'Somebody'}</b> {en.and(line.changes.map(({ text }) => text))}</span>
      <SaidAt at={line.at} />
    </div>
  );
}

interface ValueNames {
  stage: (name: string) => string;
  object: (id: string) => string;
  /** A field of the org, by its path. */
  own: (path: string) => Field | undefined;
}

function useValueNames(work: Work): ValueNames {
  const { data: stages } = useStages();
  const { data: users } = useUsers();
  const { data: accounts } = useAccounts();
  const fields = useCustomFields(work);
  return useMemo(() => ({
    stage: (name) => stages?.get(name)?.display_name ?? name,
    own: (path) => fields.find(({ name }) => name === path),
    object: (id) => {
      const user = users?.find((each) => each.id === id);
      if (user) return nameOf(user);
      return displayId(id) ?? accounts?.find((each) => each.id === id)?.display_name ?? en.one(kindOf(id).kind.replaceAll('_', ' '));
    },
  }), [stages, users, accounts, fields]);
}

/** What follows from other changes is not said. */
const SILENT = new Set(['state', 'state_display_name', 'modified_date', 'modified_by', 'priority_v2', 'severity_v2', 'actual_start_date', 'actual_close_date', 'sla_summary', 'sla_tracker', 'custom_schema_fragments']);
const LABELS: Record<string, string> = {
  owned_by: 'owner', applies_to_part: 'part', target_close_date: 'due date', target_start_date: 'start date', account: 'customer',
  rev_org: 'workspace', body: 'text', reported_by: 'reporter', needs_response: 'question',
};

function fold(entries: Entry[], names: ValueNames): Line[] {
  const lines: Line[] = [];
  for (const entry of entries) {
    if (entry.type === 'timeline_comment') {
      lines.push({ kind: 'comment', entry: entry as TimelineComment });
      continue;
    }
    const change = entry as TimelineChangeEvent;
    const changes = said(change, names);
    if (changes.length === 0) continue;
    const last = lines.at(-1);
    const at = change.created_date ?? '';
    if (last?.kind === 'changes' && last.by?.id === change.created_by?.id && Date.parse(at) - Date.parse(last.at) < RUN_MS) {
      const again = new Set(changes.map(({ field }) => field).filter((field) => field !== undefined));
      last.changes = [...last.changes.filter(({ field }) => !field || !again.has(field)), ...changes];
      last.at = at;
    } else {
      lines.push({ kind: 'changes', id: change.id, by: change.created_by, at, changes });
    }
  }
  return lines;
}

function said({ event, object }: TimelineChangeEvent, names: ValueNames): Said[] {
  if ('created' in event) return [{ text: 'made it' }];
  if ('linked' in event) return [{ text: `linked it: ${other(event.linked.link, object)}` }];
  if ('deleted' in event) return [{ text: `took a link away: ${other(event.deleted.link, object)}` }];
  if (!('updated' in event)) return [];
  return event.updated.field_deltas.filter((delta) => !SILENT.has(delta.name))
    .map((delta) => ({ text: changed(delta, names), ...(delta.name === 'stage' ? {} : { field: delta.name }) }));
}

/** "waits for ISS-1". */
function other(link: LinkSummary, of: string): string {
  const isSource = link.source.id === of;
  const end = isSource ? link.target : link.source;
  return `${en.linkType[link.link_type]?.[isSource ? 0 : 1] ?? 'linked with'} ${end.display_id ?? 'another'}`;
}

function changed({ name, old_value: before, new_value: after }: FieldDelta, names: ValueNames): string {
  const own = names.own(name);
  const label = LABELS[name] ?? own?.label.toLowerCase() ?? name.replace(/^custom_fields\.[a-z]+__/, '').replaceAll('_', ' ');
  if (name === 'stage') return `moved it from ${shown(before, names)} to ${shown(after, names)}`;
  if (name === 'body' || name === 'title' || (own?.edit === 'long' && after)) return `wrote the ${label} anew`;
  if (!after) return `took the ${label} away`;
  return `set the ${label} to ${shown(after, names)}`;
}

function shown(value: FieldValue | undefined, names: ValueNames): string {
  if (!value || !('type' in value)) return 'nothing';
  switch (value.type) {
    case 'stage': return names.stage(value.name);
    case 'id': return names.object(value.value);
    case 'id_list': return value.values.length > 0 ? en.and(value.values.map(names.object)) : 'nobody';
    case 'date_time': return when(value.value);
    case 'tag_summary_list': return en.and(value.values.map((tag) => (tag.value ? `${tag.name}: ${tag.value}` : tag.name ?? 'a tag')));
    case 'bool': return value.value ? 'yes' : 'no';
    case 'string': return value.value.length > 60 ? `${value.value.slice(0, 60)} …` : value.value;
    case 'int': case 'double': return String(value.value);
    case 'string_list': case 'int_list': case 'double_list': return value.values.join(', ');
    default: return 'another value';
  }
}
