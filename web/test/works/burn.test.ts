import { expect, test } from 'vitest';
import { burn, moments, sentence, supposed, type Shot } from '../../src/works/burn';

const DAY = 24 * 60 * 60_000;
const shot = (day: number, ...members: Array<[string, number?]>): Shot => ({
  at: day * DAY, members: members.map(([id, closed]) => ({ id, closed: closed === undefined ? undefined : closed * DAY })),
});

test('a sprint is looked at on each of its days, until now', () => {
  expect(moments(0, 10 * DAY, 2.5 * DAY)).toEqual([0, DAY, 2 * DAY, 2.5 * DAY]);
  expect(moments(0, 2 * DAY, 9 * DAY)).toEqual([0, DAY, 2 * DAY]);
  expect(moments(0, 2 * DAY, -DAY)).toEqual([0]);
});

test('what is left goes down when an issue is closed, and up when one comes in', () => {
  const shots = [shot(0), shot(1, ['a'], ['b'], ['c']), shot(2, ['a', 1.5], ['b'], ['c']), shot(3, ['a', 1.5], ['b'], ['late'])];
  const result = burn(shots, 0, 10 * DAY, 3 * DAY);
  // What was planned on the first day was there from the start.
  expect(result.points.map(({ scope, left }) => [scope, left])).toEqual([[3, 3], [3, 3], [3, 2], [3, 2]]);
  expect(result).toMatchObject({ planned: 3, late: ['late'], out: ['c'], done: 1, left: 2 });
});

test('an even pace has as much left as there is time', () => {
  const four: Array<[string, number?]> = [['a', 1], ['b', 2], ['c'], ['d']];
  const half = burn([shot(0, ...four), shot(1, ...four), shot(5, ...four)], 0, 10 * DAY, 5 * DAY);
  const over = burn([shot(0, ...four), shot(1, ...four), shot(10, ...four)], 0, 10 * DAY, 10 * DAY);
  expect(sentence(half)).toBe('Two of four are done, at an even pace');
  expect(sentence(over)).toBe('Two of four are done, two behind an even pace');
});

test('a sprint that has not begun, and an empty one, are drawn without figures', () => {
  const early = burn([shot(0, ['a'])], 0, 10 * DAY, -2 * DAY);
  expect(early.points).toHaveLength(1);
  expect(sentence(early)).toBe('None of one are done');
  expect(sentence(burn([shot(0), shot(1)], 0, 10 * DAY, DAY))).toBe('Nothing is in it yet');
});

test('a sprint that was empty for days begins when something came in', () => {
  const result = burn([shot(0), shot(1), shot(2), shot(3, ['a'], ['b'])], 0, 10 * DAY, 3 * DAY);
  expect(result).toMatchObject({ points: [{ at: 3 * DAY, scope: 2, left: 2 }], planned: 2, late: [] });
});

test('what is too long ago is supposed from when issues were made', () => {
  const members = [{ id: 'a', closed: undefined, made: -DAY }, { id: 'b', closed: undefined, made: DAY }];
  expect(supposed(members, [0, 2 * DAY]).map((each) => each.members.length)).toEqual([1, 2]);
});
