import { expect, test } from 'vitest';
import type { SchemaFieldDescriptor } from '../../src/api/types.gen';
import { customField, field } from '../../src/works/fields';
import type { Work } from '../../src/works/work';

const work = { type: 'issue', id: 'w', custom_fields: { tnt__hull: 'TW-1', tnt__berth: 'North' } } as unknown as Work;
const custom = (some: Partial<SchemaFieldDescriptor>) => customField('issue', { name: 'tnt__hull', field_type: 'tokens', ...some });

test('a field of the org is read and written by its name, beside the others', () => {
  const hull = custom({ ui: { display_name: 'Hull number' } })!;
  expect([hull.name, hull.label, hull.read(work)]).toEqual(['custom_fields.tnt__hull', 'Hull number', 'TW-1']);
  expect(hull.write(work, 'TW-2')).toEqual({
    show: { custom_fields: { tnt__hull: 'TW-2' } },
    body: { custom_fields: { tnt__hull: 'TW-2' }, custom_schema_spec: { tenant_fragment: true } },
  });
  expect(hull.write(work, null).body).toMatchObject({ custom_fields: { tnt__hull: null } });
});

test('what can only be read, and what no picker can hold, is no field', () => {
  expect(custom({ is_immutable: true })).toBeUndefined();
  expect(custom({ ui: { is_read_only: true } })).toBeUndefined();
  expect(custom({ field_type: 'struct' })).toBeUndefined();
  expect(custom({ field_type: 'array', base_type: 'composite' })).toBeUndefined();
  expect(custom({ is_required: true })!.isClearable).toBe(false);
});

test('values of a list are chosen by their names, and of a numbered list by their numbers', () => {
  expect(custom({ field_type: 'enum', allowed_values: ['North'] })!.options).toEqual([{ id: 'North', label: 'North', value: 'North' }]);
  expect(custom({ field_type: 'uenum', allowed_values: [{ id: 7, label: 'South', ordinal: 1 }] })!.options).toEqual([{ id: '7', label: 'South', value: 7 }]);
});

test('lists are edited as what they hold, and an empty one is no value', () => {
  const list = (base_type: SchemaFieldDescriptor['base_type'], some: Partial<SchemaFieldDescriptor> = {}) => custom({ field_type: 'array', ...some, ...(base_type ? { base_type } : {}) })!;
  expect([list('tokens').edit, list('double').element, list('date').element, list('timestamp').element]).toEqual(['list', 'number', 'day', 'time']);
  expect([list('enum', { allowed_values: ['North'] }).edit, list('id', { id_type: ['user'] }).edit, list('id', { id_type: ['user'] }).refersTo]).toEqual(['choice', 'reference', ['user']]);
  expect([list('tokens').read({ type: 'issue' } as Work), list('tokens').isMany]).toEqual([[], true]);
  expect(list('tokens').write(work, []).body).toMatchObject({ custom_fields: { tnt__hull: null } });
  expect(list('tokens').write(work, ['a']).body).toMatchObject({ custom_fields: { tnt__hull: ['a'] } });
});

test('a value of a numbered list that is out of use is not offered', () => {
  expect(custom({ field_type: 'uenum', allowed_values: [{ id: 1, label: 'Old', ordinal: 1, is_deprecated: true }] })!.options).toEqual([]);
});

test('of tags, only what was added or taken away is sent', () => {
  const tag = (id: string) => ({ tag: { id, name: id } });
  const tagged = { ...work, tags: [tag('a'), tag('b')] } as unknown as Work;
  expect(field('tags').write(tagged, [tag('b'), tag('c')]).body).toEqual({ tags: { add: [{ id: 'c' }], remove: [{ id: 'a' }] } });
});
