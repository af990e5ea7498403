import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canHold, grow, isBelow, kindsIn, rowsOf, sums } from '../../src/works/tree';

const part = (id: string, name = id) => ({ id, name });
const parts = [part('buoy', 'Buoy'), part('radio', 'Radio'), part('sensing', 'Sensing'), part('wave', 'Wave')];
const parents = new Map([['radio', 'buoy'], ['sensing', 'buoy'], ['wave', 'sensing']]);

test('parts stand below what they belong to, by their names', () => {
  const roots = grow(parts, parents);
  expect(rowsOf(roots, new Set()).map(({ id, depth, at, of }) => [id, depth, at, of])).toEqual([
    ['buoy', 0, 1, 1], ['radio', 1, 1, 2], ['sensing', 1, 2, 2], ['wave', 2, 1, 1],
  ]);
  expect(rowsOf(roots, new Set(['sensing'])).map(({ id }) => id)).toEqual(['buoy', 'radio', 'sensing']);
});

test('a part counts what is below it', () => {
  const roots = grow(parts, parents);
  const all = sums(roots, new Map([['wave', { open: 3, late: 1 }], ['radio', { open: 2, late: 0 }], ['gone', { open: 9, late: 9 }]]));
  expect(all.get('buoy')).toEqual({ open: 5, late: 1 });
  expect(all.get('sensing')).toEqual({ open: 3, late: 1 });
});

test('whatever belongs to whatever, every part is in the tree once', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids, 'unknown'))), (pairs) => {
    const roots = grow(ids.map((id) => part(id)), new Map(pairs));
    expect(rowsOf(roots, new Set()).map(({ id }) => id).sort()).toEqual(ids);
  }));
});

test('nothing moves into itself, or to where its kind can’t be', () => {
  expect(isBelow('buoy', 'wave', parents)).toBe(true);
  expect(isBelow('wave', 'buoy', parents)).toBe(false);
  expect(canHold('capability', 'feature')).toBe(true);
  expect(canHold('product', 'feature')).toBe(false);
  expect(kindsIn(undefined)).toEqual(['product']);
  expect(kindsIn('product')).not.toContain('feature');
});
