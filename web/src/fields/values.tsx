// Elements of lists and references: as they are written, and as they are shown.
import { useNamed, type Named } from '../store/references';
import { en } from '../text/en';
import { dateInput, dayName, timeOfDay, when } from '../text/format';
import { Avatar } from '../ui/bits';
import { Icon, type IconName } from '../ui/Icon';
import type { Element } from '../works/fields';
import { isPart, kindOf } from '../works/references';
import { readMoment } from './dates';

/** What was typed as an element of a list; nothing if it is none. */
export function elementOf(typed: string, element: Element): unknown {
  const text = typed.trim();
  if (text === '') return undefined;
  if (element === 'text') return text;
  if (element === 'number') return Number.isFinite(Number(text.replace(',', '.'))) ? Number(text.replace(',', '.')) : undefined;
  const found = readMoment(text, new Date())?.at;
  return element === 'day' && found ? dateInput(found) : found;
}

/** An element of a list in words. */
export function elementText(value: unknown, element: Element | undefined): string {
  if (element === 'number' && typeof value === 'number') return en.number(value);
  if (element === 'day') return when(String(value));
  if (element === 'time') return `${dayName(String(value))} ${timeOfDay(String(value))}`;
  return String(value);
}

const ICONS: Partial<Record<string, IconName>> = {
  account: 'building', rev_org: 'building', group: 'people', tag: 'tagi', vista: 'list', issue: 'file', ticket: 'file', task: 'file', opportunity: 'file',
};

export function ReferenceMark({ of }: { of: Named }) {
  return of.user ? <Avatar user={of.user} /> : <Icon name={isPart(of.kind) ? 'tree' : ICONS[of.kind] ?? 'link'} />;
}

/** "Issue 4" for what can't be seen. */
function bare(id: string): string {
  const { kind, leaf } = kindOf(id);
  return `${en.sentence((leaf || kind).replaceAll('_', ' '))} ${id.split('/').at(-1) ?? ''}`;
}

/** What a reference names. */
export function Reference({ id }: { id: string }) {
  const { data, isPending } = useNamed(id);
  if (data) return <span className="who"><ReferenceMark of={data} /><span dir="auto">{data.label}</span></span>;
  return <span className="quiet">{isPending ? '…' : `${bare(id)}, out of sight`}</span>;
}
