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
  const kinds = field.id_type?.length ? en.or(field.id_type.map((each) => each.replace('custom_object.', '').replaceAll('_', ' '))) : '';
  const base = kinds ? (field.field_type === 'array' ? `Several: ${kinds}` : en.sentence(kinds)) : field.field_type === 'array' ? `Several: ${one((field.base_type ?? 'unknown') as SchemaFieldDescriptorFieldType).toLowerCase()}` : one(field.field_type);
  const limits = [
    field.max_len === undefined ? '' : `up to ${en.number(field.max_len)} letters`,
    field.min_len === undefined ? '' : `at least ${en.number(field.min_len)} letters`,
    field.pattern === undefined ? '' : `like ${field.pattern}`,
    field.gte === undefined ? '' : `from ${field.gte}`, field.lte === undefined ? '' : `to ${field.lte}`,
    field.gt === undefined ? '' : `above ${field.gt}`, field.lt === undefined ? '' : `below ${field.lt}`,
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
export function expressionText(expression: string, known: readonly SchemaFieldDescriptor[] = []): string {
  return expression
    .replace(/'[^']*'|"[^"]*"|[A-Za-z_][\w.]*|&&|\|\||==|!=|[()]|\S/g, (token) => {
      if (/^['"]/.test(token)) return token.slice(1, -1) || 'empty';
      return { '&&': 'and', '||': 'or', '==': 'is', '!=': 'is not' }[token] ?? said(token, known);
    })
    .replace(/\s+/g, ' ').replace(/\( /g, '(').replace(/ \)/g, ')').trim();
}

/** What a field is called in a sentence: as people call it, if they gave it a name. */
function said(name: string, known: readonly SchemaFieldDescriptor[]): string {
  const bare = name.replace(/^custom_fields\./, '');
  const field = known.find((each) => each.name === bare || (each.name.includes('__') && plain(each.name) === plain(bare)));
  return field?.name.includes('__') ? labelOf(field) : plain(bare).replaceAll('_', ' ');
}

/** What a condition does, in words, one sentence part for each effect. */
export function effectsText({ effects = [] }: CustomSchemaFragmentCondition, known: readonly SchemaFieldDescriptor[] = []): string[] {
  return effects.map((effect) => {
    const fields = en.and(effect.fields.map((name) => said(name, known)));
    const does = [
      effect.require ? 'required' : '', effect.require === false ? 'not required' : '', effect.show ? 'shown' : '', effect.show === false ? 'hidden' : '',
      effect.immutable ? 'not changed any more' : '', effect.invalid ? 'refused' : '',
      effect.allowed_values ? `only ${en.or(effect.allowed_values)}` : '',
    ].filter(Boolean);
    return `${fields} ${effect.fields.length > 1 ? 'are' : 'is'} ${en.and(does)}`;
  });
}
