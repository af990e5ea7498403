import { expect, test } from 'vitest';
import { effectsText, expressionText, labelOf, nameFor, plain, typeText, valuesOf } from '../../src/works/schema';

test('fields are said in words', () => {
  expect(labelOf({ name: 'tnt__root_cause', field_type: 'tokens' })).toBe('root cause');
  expect(labelOf({ name: 'tnt__cause', field_type: 'tokens', ui: { display_name: 'Cause' } })).toBe('Cause');
  expect(typeText({ name: 'a', field_type: 'tokens', max_len: 80 })).toBe('Short text, up to 80 letters');
  expect(typeText({ name: 'a', field_type: 'array', base_type: 'id', id_type: ['dev_user', 'custom_object.campaign'] })).toBe('Several: dev user or campaign');
  expect(valuesOf({ name: 'a', field_type: 'uenum', allowed_values: [{ id: 1, label: 'One', ordinal: 1 }] })).toEqual(['One']);
});

test('a name for the API is made of what people call a field', () => {
  expect(['Root cause', '  Größe (m) ', '3D model', '—'].map(nameFor)).toEqual(['root_cause', 'gro_e_m', 'f_3d_model', '']);
  expect(['tnt__cost', 'ctype__deal', 'cost'].map(plain)).toEqual(['cost', 'deal', 'cost']);
});

test('conditions are said in words', () => {
  expect(expressionText("severity == 'blocker' && (custom_fields.tnt__root_cause != '' || priority == 'p0')"))
    .toBe('severity is blocker and (root cause is not empty or priority is p0)');
  expect(effectsText({ expression: '', effects: [{ fields: ['tnt__root_cause', 'owner'], require: true }, { fields: ['stage'], allowed_values: ['a', 'b'] }] }))
    .toEqual(['root cause and owner are required', 'stage is only a or b']);
});
