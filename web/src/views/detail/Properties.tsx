// The fields of a work; each opens its picker.
import { Fragment, type ReactNode } from 'react';
import { open } from '../../commands/overlay';
import { useStanding } from '../../store/hooks';
import { inFull } from '../../text/format';
import { Avatar, Clock, Tag, Track, Urgency, When } from '../../ui/bits';
import { fieldsOf, type Field } from '../../works/fields';
import { nameOf, type Work } from '../../works/work';
import { RefusedAt } from './Refused';

/** What a panel leaves out when it is empty. */
const QUIET = new Set(['group', 'account', 'sprint']);

export function Properties({ work, isBrief }: { work: Work; isBrief?: boolean }) {
  const standing = useStanding(work.id);
  const fields = fieldsOf(work.type).filter((field) => !isBrief || !QUIET.has(field.name) || field.read(work) != null);
  return (
    <dl>
      {fields.map((field) => (
        <Fragment key={field.name}>
          <dt>{field.label}</dt>
          <dd data-field={field.name} data-of={work.id}>
            <button type="button" className="value" aria-label={`${field.label}: change`} onClick={() => open({ kind: 'field', ids: [work.id], field: field.name })}>
              <Shown field={field} work={work} />
            </button>
            {field.name === 'stage' && standing.isWaiting && <span className="wait">waits</span>}
            <RefusedAt id={work.id} field={field.name} />
          </dd>
        </Fragment>
      ))}
      {work.rev_org && <><dt>Workspace</dt><dd><span className="plain" dir="auto">{work.rev_org.display_name}</span></dd></>}
      {(work.reported_by ?? []).length > 0 && (
        <><dt>Reporter</dt><dd><span className="plain" dir="auto">{(work.reported_by ?? []).map(nameOf).join(', ')}</span></dd></>
      )}
      {!isBrief && Object.entries(work.custom_fields ?? {}).map(([name, value]) => (
        <Fragment key={name}><dt>{fieldName(name)}</dt><dd><span className="plain" dir="auto">{shownValue(value)}</span></dd></Fragment>
      ))}
      {!isBrief && <><dt>Made</dt><dd><span className="plain"><When at={work.created_date} /></span></dd></>}
    </dl>
  );
}

function Shown({ field, work }: { field: Field; work: Work }): ReactNode {
  switch (field.edit) {
    case 'stage': return <><Track stage={work.stage} /><span dir="auto">{work.stage?.display_name}</span></>;
    case 'choice': return <Urgency work={work} />;
    case 'users': return (
      <>{work.owned_by.map((user) => <span key={user.id} className="who"><Avatar user={user} /><span dir="auto">{nameOf(user)}</span></span>)}</>
    );
    case 'tags': return (work.tags ?? []).length > 0 ? <>{(work.tags ?? []).map((tag) => <Tag key={tag.tag.id} tag={tag} />)}</> : <None />;
    case 'date': return work.target_close_date
      ? <span title={inFull(work.target_close_date)}>{work.sla_summary?.target_time ? <When at={work.target_close_date} /> : <Clock work={work} />}</span>
      : <None />;
    default: {
      const value = field.read(work) as { name?: string; display_name?: string } | undefined;
      return value ? <span dir="auto">{value.name ?? value.display_name}</span> : <None />;
    }
  }
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
