import { expect, test } from 'vitest';
import { displayId, kindOf, objectPath, queryFor, refOf, refers, written } from '../../src/works/references';

const id = (rest: string): string => `don:core:dvrv-us-1:devo/0:${rest}`;

test('an id says what it names', () => {
  expect(kindOf(id('issue/42'))).toEqual({ kind: 'issue', leaf: '' });
  expect(kindOf('don:identity:dvrv-us-1:devo/0:devu/1').kind).toBe('dev_user');
  expect(kindOf('don:identity:dvrv-us-1:devo/0:revo/a:revu/2').kind).toBe('rev_user');
  expect(kindOf(id('custom_object/big_deal/7'))).toEqual({ kind: 'custom_object', leaf: 'big_deal' });
});

test('a field refers to kinds, to groups of them, and to the org’s own', () => {
  expect(refers(id('issue/1'), ['work'])).toBe(true);
  expect(refers(id('issue/1'), ['ticket'])).toBe(false);
  expect(refers('don:identity:dvrv-us-1:devo/0:devu/1', ['devu'])).toBe(true);
  expect(refers('don:identity:dvrv-us-1:devo/0:devu/1', ['user'])).toBe(true);
  expect(refers(id('custom_object/boat/7'), ['custom_object.boat'])).toBe(true);
  expect(refers(id('custom_object/pier/7'), ['custom_object.boat'])).toBe(false);
  expect(refers(id('tag/1'), [])).toBe(true);
});

test('what was typed is looked for among the kinds, and an id by itself', () => {
  expect(queryFor('', ['user', 'part'])).toBe('type:user,part');
  expect(queryFor('', [])).toBe('type:user,work,part');
  expect(queryFor(' Pri ', ['devu'])).toBe('type:dev_user Pri*');
  expect(queryFor('wave h', [])).toBe('wave h');
  expect(queryFor('wave he', ['custom_object.boat', 'custom_object.pier'])).toBe('type:custom_object wave he*');
  expect(queryFor('iss-4', ['work'])).toBe('iss-4');
});

test('ids in texts name things in either spelling', () => {
  expect(refOf('ISS-7')).toEqual({ kind: 'issue', id: 'ISS-7' });
  expect(refOf(id('issue/7'))).toEqual({ kind: 'issue', id: 'ISS-7' });
  expect(refOf('don:identity:dvrv-us-1:devo/Ab3x:devu/3')).toEqual({ kind: 'dev_user', id: 'DEVU-3' });
  expect(refOf(id('vista/7'))).toEqual({ kind: 'vista', id: id('vista/7') });
  expect(displayId(id('tag/4'))).toBe('TAG-4');
  for (const text of ['iss-7', 'ISS-07', 'UTF-8', 'https://x.example/ISS-7', 'javascript:alert(1)']) expect(refOf(text), text).toBeUndefined();
});

test('works, parts and customers have a place', () => {
  expect(objectPath({ kind: 'issue', id: 'ISS-7' })).toBe('/ISS-7');
  expect(objectPath({ kind: 'feature', id: 'FEAT-2' })).toContain('part=FEAT-2..');
  expect(objectPath({ kind: 'account', id: 'ACC-1' })).toBe('/customers/ACC-1');
  expect(objectPath({ kind: 'dev_user', id: 'DEVU-2' })).toBeUndefined();
});

test('what is written for a name is one mention, whatever the name', () => {
  expect(written({ kind: 'issue', id: 'ISS-7' }, 'any')).toBe('ISS-7');
  expect(written({ kind: 'dev_user', id: 'DEVU-2' }, 'Lena Fischer')).toBe('[@Lena Fischer](DEVU-2)');
  expect(written({ kind: 'feature', id: 'FEAT-2' }, 'Wave [m]')).toBe('[Wave \\[m\\]](FEAT-2)');
});
