import { describe, expect, test } from 'vitest';
import { daysOff, isOff, pieceOf, withOff, withoutOff, yearAfter, type Piece } from '../../src/works/daysoff';

const christmas = { name: 'Christmas', from: '2026-12-25', to: '2026-12-27' };
const shut = { name: 'Shut', from: '2026-12-30', to: '2027-01-03' };
const follow = (pieces: readonly Piece[]): boolean => pieces.every((piece, at) => at === 0 || pieces[at - 1]?.to === piece.from);

describe('days off', () => {
  test('the first one covers its year and the next, so the clock has hours after it', () => {
    const pieces = withOff([], christmas, '2026-11-29');
    expect(pieces.map(({ from, to }) => [from, to])).toEqual([['2026-01-01', '2027-01-01'], ['2027-01-01', '2028-01-01']]);
    expect(daysOff(pieces)).toEqual([christmas]);
  });

  test('what goes over the end of a year is in two pieces, and is one to people', () => {
    const pieces = withOff(withOff([], christmas, '2026-11-29'), shut, '2026-11-29');
    expect(pieces.map(({ intervals }) => intervals.length)).toEqual([2, 1]);
    expect(daysOff(pieces)).toEqual([christmas, shut]);
    expect(daysOff(withoutOff(pieces, shut))).toEqual([christmas]);
  });

  test('days before and after what is covered are covered then, without a gap', () => {
    const known: Piece[] = [{ id: 'f', name: '2026', from: '2026-07-01', to: '2027-01-01', intervals: [] }];
    const before = withOff(known, { name: 'Spring', from: '2026-04-03', to: '2026-04-04' }, '2026-11-29');
    const both = withOff(before, { name: 'Later', from: '2028-05-01', to: '2028-05-02' }, '2026-11-29');
    expect(both[0]?.from).toBe('2026-01-01');
    expect(both.at(-1)?.to).toBe('2029-01-01');
    expect(follow(both)).toBe(true);
    expect(both.find(({ id }) => id === 'f')?.intervals).toEqual([]);
  });

  test('only a piece that changes is made anew', () => {
    const known: Piece[] = [
      { id: 'a', name: '2026', from: '2026-01-01', to: '2027-01-01', intervals: [{ name: 'summer', from: '2026-07-01', to: '2026-08-01', isOff: false }] },
      { id: 'b', name: '2027', from: '2027-01-01', to: '2028-01-01', intervals: [] },
    ];
    const next = withOff(known, christmas, '2026-11-29');
    expect(next.map(({ id }) => id)).toEqual([undefined, 'b']);
    expect(next[0]?.intervals.filter((each) => !each.isOff)).toHaveLength(1);
  });

  test('an interval without an end is one day', () => {
    const piece = pieceOf({
      id: 'f', name: '2026', from: '2026-01-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z', region_codes: [], status: 'published',
      intervals: [{ name: 'Company day', from: '2026-11-27T00:00:00.000Z', is_excluded: true }],
    });
    expect(daysOff([piece])).toEqual([{ name: 'Company day', from: '2026-11-27', to: '2026-11-28' }]);
    expect(isOff(daysOff([piece]), '2026-11-27')?.name).toBe('Company day');
    expect(isOff(daysOff([piece]), '2026-11-28')).toBeUndefined();
  });

  test('the year after has the days off of the last one', () => {
    const next = yearAfter(withOff([], { name: 'New Year', from: '2027-01-01', to: '2027-01-02' }, '2026-11-29'));
    expect(next).toMatchObject({ from: '2028-01-01', to: '2029-01-01', intervals: [{ name: 'New Year', from: '2028-01-01', to: '2028-01-02' }] });
  });
});
