import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changes, merge } from '../../src/store/merge';

const text = fc.array(fc.constantFrom('one', 'two', 'three', ' ', ' ', '\n', '\n', '.'), { maxLength: 24 }).map((words) => words.join(''));

test('what only one of the two changed is what they wrote', () => {
  fc.assert(fc.property(text, text, (before, after) => {
    expect(merge(before, after, before)).toEqual({ text: after, isClean: true });
    expect(merge(before, before, after)).toEqual({ text: after, isClean: true });
    expect(merge(before, after, after)).toEqual({ text: after, isClean: true });
  }));
});

test('whether two changes get in each other’s way does not depend on whose they are', () => {
  fc.assert(fc.property(text, text, text, (before, one, two) => {
    const [a, b] = [merge(before, one, two), merge(before, two, one)];
    expect(a.isClean).toBe(b.isClean);
    if (a.isClean) expect(a.text).toBe(b.text);
  }));
});

test('changes of different lines are both in the text', () => {
  const before = 'first\nsecond\nthird\n';
  expect(merge(before, 'first!\nsecond\nthird\n', 'first\nsecond\nthird\nfourth\n'))
    .toEqual({ text: 'first!\nsecond\nthird\nfourth\n', isClean: true });
});

test('changes of different words of a line are both in it', () => {
  const before = '2. Compare with the reference buoy for a day';
  const mine = '2. Compare with the reference buoy at the pier for a day';
  const theirs = '2. Compare with the reference buoy for two days';
  expect(merge(before, mine, theirs)).toEqual({ text: '2. Compare with the reference buoy at the pier for two days', isClean: true });
});

test('of words that both changed, mine stay, and it is said', () => {
  expect(merge('a day', 'two days', 'three days')).toEqual({ text: 'two days', isClean: false });
});

test('the pieces of a text are the text', () => {
  fc.assert(fc.property(text, text, (before, after) => {
    expect(changes(before, after).map((piece) => piece.text).join('')).toBe(after);
    expect(changes(after, after).every((piece) => !piece.isNew)).toBe(true);
  }));
});

test('long texts are joined in time', () => {
  const before = Array.from({ length: 3000 }, (_, at) => `line ${at}`).join('\n');
  const mine = before.replace('line 10\n', 'mine\n');
  const theirs = before.replace('line 2990\n', 'theirs\n');
  expect(merge(before, mine, theirs)).toEqual({ text: mine.replace('line 2990\n', 'theirs\n'), isClean: true });
});
