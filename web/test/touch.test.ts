import { expect, test } from 'vitest';
import { wayOf } from '../src/ui/touch';

test('a finger draws aside only if it goes far, and along', () => {
  expect(wayOf(90, 10)).toBe('right');
  expect(wayOf(-90, -10)).toBe('left');
  expect(wayOf(50, 0)).toBeUndefined();
  expect(wayOf(80, 70)).toBeUndefined();
  expect(wayOf(0, 200)).toBeUndefined();
});
