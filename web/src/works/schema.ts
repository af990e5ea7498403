// Custom fields and conditions: in words, and as they are written.
import type { CustomSchemaFragmentCondition, SchemaFieldDescriptor, SchemaFieldDescriptorFieldType } from '../api/types.gen';
import { en } from '../text/en';

/** The kinds of field that can be made here, and what people call them. */
export const FIELD_KINDS: ReadonlyArray<readonly [SchemaFieldDescriptorFieldType, string]> = [
  ['tokens', 'Short text'], ['rich_text', 'Long text'], ['enum', 'One of some values'], ['int', 'Whole number'], ['double', 'Number'],
  ['bool', 'Yes or no'], ['date', 'Day'], ['timestamp', 'Time'],
];

const TYPES: Partial<Record<SchemaFieldDescriptorFieldType, string>> = {
  ...Object.fromEntries(FIELD_KINDS), text: 'Text', uenum: 'One of some values', id: 'Reference', struct: 'Structure', composite: 'Composite', json_value: 'Anything',
};

export const labelOf = (field: SchemaFieldDescriptor): string => field.ui?.display_name ?? plain(field.name).replaceAll('_', ' ');

/** A name without what says where the field is from. */
export const plain = (name: string): string => name.replace(/^(tnt|ctype|[a-z0-9_]+?)__/, '');

/** "Short text, up to 80 letters, like ^[A-Z]+$". */
export function typeText(field: SchemaFieldDescriptor): string {
  const one = (type: SchemaFieldDescriptorFieldType): string => TYPES[type] ?? type;
  const base = field.field_type === 'array' ? `Several: ${one((field.base_type ?? 'unknown') as SchemaFieldDescriptorFieldType).toLowerCase()}` : one(field.field_type);
  const limits = [
    field.max_len === undefined ? '' : `up to ${en.number(field.max_len)} letters`,
    field.min_len === undefined ? '' : `at least ${en.number(field.min_len)} letters`,
    field.pattern === undefined ? '' : `like ${field.pattern}`,
    field.gte === undefined ? '' : `from ${field.gte}`, field.lte === undefined ? '' : `to ${field.lte}`,
    field.gt === undefined ? '' : `above ${field.gt}`, field.lt === undefined ? '' : `below ${field.lt}`,
    field.id_type?.length ? en.or(field.id_type.map((each) => each.replace('custom_object.', '').replaceAll('_', ' '))) : '',
  ];
  return [base, ...limits.filter(Boolean)].join(', ');
}

export function valuesOf(field: SchemaFieldDescriptor): string[] {
  const { allowed_values: values } = field;
  if (!Array.isArray(values)) return [];
  return values.map((value) => (typeof value === 'string' ? value : (value as { label: string }).label));
}

/** A name that the API takes, from what people call a field. */
export function nameFor(label: string): string {
  const name = label.normalize('NFKD').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return /^\d/.test(name) ? `f_${name}` : name;
}

/** "severity is blocker and root cause is empty". */
export function expressionText(expression: string): string {
  return expression
    .replace(/'[^']*'|"[^"]*"|[A-Za-z_][\w.]*|&&|\|\||==|!=|[()]|\S/g, (token) => {
      if (/^['"]/.test(token)) return token.slice(1, -1) || 'empty';
      return { '&&': 'and', '||': 'or', '==': 'is', '!=': 'is not' }[token] ?? plain(token.replace(/^custom_fields\./, '')).replaceAll('_', ' ');
    })
    .replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')').trim();
}

/** What a condition does, in words, one sentence part for each effect. */
export function effectsText({ effects = [] }: CustomSchemaFragmentCondition): string[] {
  return effects.map((effect) => {
    const fields = en.and(effect.fields.map((name) => plain(name).replaceAll('_', ' ')));
    const does = [
      effect.require ? 'required' : '', effect.require === false ? 'not required' : '', effect.show ? 'shown' : '', effect.show === false ? 'hidden' : '',
      effect.immutable ? 'not changed any more' : '', effect.invalid ? 'refused' : '',
      effect.allowed_values ? `only ${en.or(effect.allowed_values)}` : '',
    ].filter(Boolean);
    return `${fields} ${effect.fields.length > 1 ? 'are' : 'is'} ${en.and(does)}`;
  });
}
