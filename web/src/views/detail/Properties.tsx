// The fields of a work; each opens its picker.
import { Fragment, type ReactNode } from 'react';
import { Link } from 'wouter';
import { open } from '../../commands/overlay';
import { en } from '../../text/en';
import { inFull } from '../../text/format';
import { Avatar, Clock, Tag, Track, Urgency, When } from '../../ui/bits';
import { keyOf } from '../../fields/picked';
import { Reference, elementText } from '../../fields/values';
import { useNamed } from '../../store/references';
import { useCustomFields } from '../../store/schema';
import { Icon } from '../../ui/Icon';
import { fieldsOf, isCustom, type Field } from '../../works/fields';
import { objectPath } from '../../works/references';
import { nameOf, type UserSummary, type Work } from '../../works/work';
import { RefusedAt } from './Refused';

/** What a panel leaves out when it is empty. */
const QUIET = new Set(['group', 'account', 'sprint']);

const CUSTOM = 'custom_fields.';

const hasValue = (field: Field, work: Work): boolean => {
  const value = field.read(work);
  return Array.isArray(value) ? value.length > 0 : value != null;
};

export function Properties({ work, isBrief }: { work: Work; isBrief?: boolean }) {
  const custom = useCustomFields(work);
  const own = new Set(custom.map(({ name }) => name.slice(CUSTOM.length)));
  const others = Object.entries(work.custom_fields ?? {}).filter(([name]) => !own.has(name));
  const fields = fieldsOf(work.type).filter((field) => hasValue(field, work) || !(field.isRare || (isBrief && QUIET.has(field.name))));
  return (
    <dl>
      {[...fields, ...custom.filter((field) => field.edit !== 'long' && (!isBrief || hasValue(field, work)))].map((field) => (
        <Fragment key={field.name}>
          <dt>{field.label}</dt>
          <dd data-field={field.name} data-of={work.id}>
            <button type="button" className="value" onClick={() => open({ kind: 'field', ids: [work.id], field: field.name })}>
              <span className="sr">Change {field.label.toLowerCase()}:</span>
              <Shown field={field} work={work} />
            </button>
            {field.edit === 'reference' && referred(field, work).map((id) => <GoTo key={id} id={id} />)}
            <RefusedAt id={work.id} field={field.name} />
          </dd>
        </Fragment>
      ))}
      {!isBrief && others.map(([name, value]) => (
        <Fragment key={name}><dt>{fieldName(name)}</dt><dd><span className="plain" dir="auto">{shownValue(value)}</span></dd></Fragment>
      ))}
      {!isBrief && <><dt>Made</dt><dd><span className="plain"><When at={work.created_date} /></span></dd></>}
    </dl>
  );
}

function Shown({ field, work }: { field: Field; work: Work }): ReactNode {
  switch (field.edit) {
    case 'stage': return <><Track stage={work.stage} /><span dir="auto">{work.stage?.display_name}</span></>;
    case 'text': return field.read(work) === undefined ? <None /> : <span dir="auto">{String(field.read(work))}</span>;
    case 'choice': return field.command ? <Urgency work={work} /> : <Several field={field} work={work} text={(value) => field.options?.find(({ id }) => id === keyOf(value))?.label ?? keyOf(value)} />;
    case 'list': return <Several field={field} work={work} text={(value) => elementText(value, field.element)} />;
    case 'reference': {
      const ids = referred(field, work);
      return ids.length > 0 ? <>{ids.map((id) => <Reference key={id} id={id} />)}</> : <None />;
    }
    case 'number': return field.read(work) === undefined ? <None /> : <span>{en.number(field.read(work) as number)}</span>;
    case 'users': case 'people': return (
      <>{(field.read(work) as UserSummary[]).map((user) => <span key={user.id} className="who"><Avatar user={user} /><span dir="auto">{nameOf(user)}</span></span>)}</>
    );
    case 'tags': return (work.tags ?? []).length > 0 ? <>{(work.tags ?? []).map((tag) => <Tag key={tag.tag.id} tag={tag} />)}</> : <None />;
    case 'date': return field.name !== 'target_close_date' ? (field.read(work) ? <When at={field.read(work) as string} isExact={isCustom(field.name) && !field.isDay} /> : <None />) : work.target_close_date
      ? <span title={inFull(work.target_close_date)}>{work.sla_summary?.target_time ? <When at={work.target_close_date} /> : <Clock work={work} />}</span>
      : <None />;
    default: {
      const value = field.read(work) as { name?: string; display_name?: string } | undefined;
      return value ? <span dir="auto">{value.name ?? value.display_name}</span> : <None />;
    }
  }
}

/** The ids of what a field refers to. */
const referred = (field: Field, work: Work): string[] => [field.read(work) ?? []].flat() as string[];

/** Leads to what is referred to, if that has a page. */
function GoTo({ id }: { id: string }) {
  const { data } = useNamed(id);
  const path = data && objectPath({ kind: data.kind, id: data.displayId ?? id });
  return path ? <Link href={path} className="btn go" aria-label={`Go to ${data.label}`} title={data.label}><Icon name="right" /></Link> : null;
}

/** Values in words, side by side; often there is only one. */
function Several({ field, work, text }: { field: Field; work: Work; text: (value: unknown) => string }) {
  const values = [field.read(work) ?? []].flat();
  if (values.length === 0) return <None />;
  return <>{values.map((value, at) => <span key={`${at} ${keyOf(value)}`} className={field.isMany ? 'one-of' : undefined} dir="auto">{text(value)}</span>)}</>;
}

function None() {
  return <span className="quiet">none</span>;
}

/** `tnt__wave_height` is called "Wave height". */
function fieldName(name: string): string {
  const text = name.replace(/^[a-z]+__/, '').replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(shownValue).join(', ');
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (value !== null && typeof value === 'object') {
    const named = value as { label?: string; name?: string; display_name?: string; display_id?: string };
    return named.label ?? named.name ?? named.display_name ?? named.display_id ?? JSON.stringify(value);
  }
  return String(value);
}
