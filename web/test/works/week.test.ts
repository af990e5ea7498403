import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WEEK_MINUTES, covers, frame, hourName, hoursOf, inWeek, instant, normal, onDay, toggled, wall, weekOf, workdays } from '../../src/works/week';

test('a week counts from Sunday and is drawn from Monday', () => {
  const office = workdays(9 * 60, 17 * 60);
  expect(office[0]).toEqual({ from: 1440 + 540, to: 1440 + 1020 });
  expect([0, 4, 5, 6].map((day) => hoursOf(office, day))).toEqual([[{ from: 540, to: 1020 }], [{ from: 540, to: 1020 }], [], []]);
  expect(hoursOf([{ from: 0, to: 60 }], 6)).toEqual([{ from: 0, to: 60 }]);
});

test('hours over midnight belong to both days', () => {
  const night = [inWeek(0, { from: 22 * 60, to: 30 * 60 })];
  expect(hoursOf(night, 0)).toEqual([{ from: 1320, to: 1440 }]);
  expect(hoursOf(night, 1)).toEqual([{ from: 0, to: 360 }]);
});

test('drawing twice over the same hours changes nothing that was whole', () => {
  const span = fc.tuple(fc.nat(WEEK_MINUTES - 1), fc.nat(600)).map(([from, length]) => ({ from, to: Math.min(WEEK_MINUTES, from + length + 1) }));
  fc.assert(fc.property(fc.array(span), span, (intervals, drawn) => {
    const once = toggled(intervals, drawn);
    expect(covers(once, drawn)).toBe(!covers(intervals, drawn));
    expect(normal(once)).toEqual(once);
    if (covers(intervals, drawn)) expect(toggled(once, drawn)).toEqual(normal(intervals));
  }));
});

test('clocks of a zone are read and set, also when they change', () => {
  expect(wall(Date.parse('2026-11-25T15:30:00Z'), 'Europe/London')).toMatchObject({ day: 25, minute: 930 });
  expect(wall(Date.parse('2026-07-01T15:30:00Z'), 'Europe/London')).toMatchObject({ minute: 990 });
  for (const text of ['2026-03-29T05:00:00Z', '2026-10-25T05:00:00Z', '2026-07-01T12:15:00Z']) {
    for (const zone of ['Europe/London', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland']) {
      expect(instant(wall(Date.parse(text), zone), zone), `${text} ${zone}`).toBe(Date.parse(text));
    }
  }
});

test('a week has its days by the calendar of the zone', () => {
  const days = weekOf(Date.parse('2026-11-29T23:30:00Z'), 'Asia/Tokyo');
  expect(days.map(({ day }) => day)).toEqual([30, 1, 2, 3, 4, 5, 6]);
  const [monday] = weekOf(Date.parse('2026-11-25T10:00:00Z'), 'Europe/London');
  expect(monday).toMatchObject({ month: 11, day: 23 });
});

test('what counts is drawn on its days', () => {
  const zone = 'Europe/London';
  const days = weekOf(Date.parse('2026-11-25T10:00:00Z'), zone);
  const spans = [{ from: Date.parse('2026-11-25T15:30:00Z'), to: Date.parse('2026-11-25T18:00:00Z') }, { from: Date.parse('2026-11-26T08:00:00Z'), to: Date.parse('2026-11-26T09:30:00Z') }];
  expect(days.map((day) => onDay(spans, day, zone))).toEqual([[], [], [{ from: 930, to: 1080 }], [{ from: 480, to: 570 }], [], [], []]);
  const whole = [{ from: Date.parse('2026-11-24T20:00:00Z'), to: Date.parse('2026-11-26T02:00:00Z') }];
  expect(days.map((day) => onDay(whole, day, zone))).toEqual([[], [{ from: 1200, to: 1440 }], [{ from: 0, to: 1440 }], [{ from: 0, to: 120 }], [], [], []]);
});

test('hours are drawn with some around them', () => {
  expect(frame(workdays(8 * 60, 18 * 60))).toEqual({ from: 360, to: 1200 });
  expect(frame([])).toEqual({ from: 420, to: 1140 });
  expect(frame([{ from: 0, to: WEEK_MINUTES }])).toEqual({ from: 0, to: 1440 });
  expect([480, 510, 0].map(hourName)).toEqual(['08', '08:30', '00']);
});
