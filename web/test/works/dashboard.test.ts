import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPANS, WHICH, formatScope, parseScope, scoped, type Scope } from '../../src/works/dashboard';

const part = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('A', '1', '-', '.', '&', '=', '%', '+') });
const scope = fc.record({
  which: fc.constantFrom(...Object.keys(WHICH)), parts: fc.uniqueArray(part, { maxLength: 3 }), weeks: fc.constantFrom(...SPANS),
}) as fc.Arbitrary<Scope>;

test('an address stands for the scope that it was made of', () => {
  fc.assert(fc.property(scope, (shown) => { expect(parseScope(formatScope(shown))).toEqual(shown); }));
});

test('any address is a scope, and the usual one has none', () => {
  expect(parseScope('kind=task&weeks=13&part=,,')).toEqual({ which: 'both', parts: [], weeks: 12 });
  expect(formatScope(parseScope(''))).toBe('');
});

test('a scope is a filter', () => {
  expect(scoped(parseScope('kind=ticket&part=PROD-1..'))).toEqual({ kind: ['ticket'], part: ['PROD-1..'] });
  expect(scoped(parseScope(''))).toEqual({ kind: ['issue', 'ticket'] });
});
