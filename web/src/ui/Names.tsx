// The people, or the works and parts, that fit what is being written, at the place where it is written.
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from 'react';
import { asSummary, useFound, useGroups, useParts, useStages, useUsers } from '../store/asked';
import { signedIn } from '../store/session';
import { works } from '../store/works';
import { en } from '../text/en';
import { begins, marked, rank, ranked } from '../text/rank';
import type { Naming } from '../markdown/naming';
import { written } from '../works/references';
import { idOf, nameOf, type Work } from '../works/work';
import { announce } from './announce';
import { Avatar, Track } from './bits';
import { spotOf } from './caret';
import { Icon } from './Icon';

/** Does what a key means in the list; whether it meant something. */
export type Keys = ((event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>) => boolean) | undefined;

interface Name {
  id: string;
  label: string;
  mark: ReactNode;
  hint?: ReactNode;
  /** What is written for it. */
  text: string;
}

const OFFERED_MAX = 7;
const PARTS_MAX = 3;
const EDGE = 8;

interface Props {
  id: string;
  naming: Naming;
  field: RefObject<HTMLTextAreaElement | null>;
  work: Work | undefined;
  keys: RefObject<Keys>;
  onTake: (text: string) => void;
  onActive: (id: string | undefined) => void;
}

export function Names(props: Props) {
  return props.naming.sign === '@' ? <People {...props} /> : <Things {...props} />;
}

function People(props: Props) {
  const { data: users = [] } = useUsers();
  const { data: groups = [] } = useGroups();
  const { naming, work } = props;
  const me = signedIn().user.id;
  // Who has to do with the work comes first, and oneself last.
  const near = new Set([...(work?.owned_by ?? []), ...(work?.reported_by ?? []), work?.created_by, work?.modified_by].map((user) => user?.id));
  const weight = (id: string): number => (id === me ? 2 : near.has(id) ? 0 : 1);
  const people = users.map(asSummary).sort((a, b) => weight(a.id) - weight(b.id)).map((user) => ({
    id: user.id, label: nameOf(user), also: user.email?.split('@')[0] ?? '', mark: <Avatar user={user} />, hint: user.id === me ? 'you' : user.email,
    text: written({ kind: 'dev_user', id: user.display_id ?? user.id }, nameOf(user)),
  }));
  const teams = groups.map((group) => ({
    id: group.id, label: group.name, also: '', mark: <Icon name="people" />, hint: 'group',
    text: written({ kind: 'group', id: group.display_id ?? group.id }, group.name),
  }));
  const fitting = ranked(naming.query, [...people, ...teams].filter(({ label, also }) => begins(naming.query, `${label} ${also}`)), ({ label, also }) => `${label} ${also}`);
  return <Offer {...props} label="People" names={fitting.slice(0, OFFERED_MAX)} />;
}

function Things(props: Props) {
  const { naming: { query }, work: own } = props;
  const { data: parts = [] } = useParts();
  const { data: stages } = useStages();
  // A number alone is that of an issue or of a ticket.
  const isNumber = /^\d+$/.test(query);
  const { data: found = [] } = useFound(isNumber ? `ISS-${query}` : wholeWords(query));
  const { data: tickets = [] } = useFound(isNumber ? `TKT-${query}` : '');
  const held = works.all().filter(({ id }) => id !== own?.id).sort((a, b) => Date.parse(b.modified_date ?? '') - Date.parse(a.modified_date ?? ''));
  const more = [...found, ...tickets].map((each) => each.work).filter((each) => each.id !== own?.id && !works.get(each.id));
  const all = [
    ...held.map((work): Name => ({ id: work.id, label: `${idOf(work)}  ${work.title}`, mark: <Track stage={work.stage} />, text: idOf(work) })),
    ...more.map((work): Name => ({
      id: work.id, label: `${work.display_id ?? work.id}  ${work.title}`, mark: <Track stage={work.stage && stages?.get(work.stage.name)} />, text: work.display_id ?? work.id,
    })),
  ];
  const fitting = query === '' ? [] : ranked(query, parts, ({ name, display_id }) => `${name} ${display_id ?? ''}`).slice(0, PARTS_MAX).map((part): Name => ({
    id: part.id, label: part.name, mark: <Icon name="tree" />, hint: part.type, text: written({ kind: part.type, id: part.display_id ?? part.id }, part.name),
  }));
  const most = [...new Map(all.filter(({ label }) => rank(query, label) > 0).map((each) => [each.id, each])).values()];
  return <Offer {...props} label="Works and parts" names={[...most.slice(0, OFFERED_MAX - fitting.length), ...fitting]} />;
}

/** Of what is typed, what the server finds works by: of the last word it needs three letters. */
function wholeWords(query: string): string {
  const words = query.split(/\s+/);
  return (words.length > 1 && (words.at(-1) ?? '').length < 3 ? words.slice(0, -1) : words).join(' ');
}

function Offer({ id, naming, field, keys, onTake, onActive, label, names }: Props & { label: string; names: Name[] }) {
  const [chosen, choose] = useState<string>();
  const list = useRef<HTMLDivElement>(null);
  const at = Math.max(0, names.findIndex((each) => each.id === chosen));
  const here = names[at];
  const active = here && `${id}-${at}`;
  useEffect(() => {
    keys.current = ({ key, ctrlKey, metaKey, altKey, shiftKey }) => {
      if (!here || ctrlKey || metaKey || altKey || shiftKey) return false;
      if (key === 'ArrowDown' || key === 'ArrowUp') choose(names.at((at + (key === 'ArrowDown' ? 1 : -1)) % names.length)?.id);
      else if (key === 'Enter' || key === 'Tab') onTake(here.text);
      else return key === 'Escape';
      return true;
    };
    return () => { keys.current = undefined; };
  });
  // What was typed may be something else by now.
  useEffect(() => choose(undefined), [naming.query]);
  useEffect(() => {
    onActive(active);
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
    return () => onActive(undefined);
  }, [active]);
  useEffect(() => { if (names.length > 0) announce(`${label}: ${en.count(names.length, 'fits', 'fit')}`); }, [names.length]);
  usePlace(list, field, naming.from);
  if (!here) return null;
  return (
    <div ref={list} id={id} popover="manual" className="menu names" role="listbox" aria-label={label}>
      {names.map((each, index) => (
        <div
          key={each.id} id={`${id}-${index}`} role="option" aria-selected={index === at} className="it" {...(index === at ? { 'data-highlighted': true } : {})}
          // The field keeps the focus.
          onPointerDown={(event) => event.preventDefault()} onMouseDown={(event) => event.preventDefault()} onClick={() => onTake(each.text)}
        >
          <span className="ic">{each.mark}</span>
          <span className="l" dir="auto">{marked(naming.query, each.label).map((piece, part) => (piece.isTyped ? <b key={part}>{piece.text}</b> : <span key={part}>{piece.text}</span>))}</span>
          {each.hint && <span className="k">{each.hint}</span>}
        </div>
      ))}
    </div>
  );
}

/** Below what is written, or above it where there is more room. */
function usePlace(list: RefObject<HTMLDivElement | null>, field: RefObject<HTMLTextAreaElement | null>, from: number): void {
  useLayoutEffect(() => {
    const place = (): void => {
      const [box, text] = [list.current, field.current];
      if (!box || !text) return;
      if (!box.matches(':popover-open')) box.showPopover();
      const spot = spotOf(text, from);
      const seen = globalThis.visualViewport;
      const [top, height, width] = [seen?.offsetTop ?? 0, seen?.height ?? innerHeight, seen?.width ?? innerWidth];
      const { offsetWidth: wide, offsetHeight: high } = box;
      const isBelow = spot.bottom + high + EDGE <= top + height || spot.top - top < high;
      const left = spot.isRtl ? spot.right - wide : spot.left;
      box.style.top = `${Math.max(top + EDGE, isBelow ? spot.bottom + 4 : spot.top - high - 4)}px`;
      box.style.left = `${Math.max(EDGE, Math.min(left, width - wide - EDGE))}px`;
    };
    place();
    addEventListener('scroll', place, true);
    globalThis.visualViewport?.addEventListener('resize', place);
    return () => {
      removeEventListener('scroll', place, true);
      globalThis.visualViewport?.removeEventListener('resize', place);
    };
  });
}
