// The hours of a week, and times in the zone of a schedule. A week counts minutes from Sunday 00:00,
// as the API has it; weeks are drawn from Monday.

export const DAY_MINUTES = 1440;
export const WEEK_MINUTES = 7 * DAY_MINUTES;

export interface Interval {
  from: number;
  to: number;
}

/** Sorted, and without gaps of nothing between them. */
export function normal(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.filter(({ from, to }) => to > from).map(({ from, to }) => ({ from, to })).sort((a, b) => a.from - b.from);
  const joined: Interval[] = [];
  for (const each of sorted) {
    const last = joined.at(-1);
    if (last && each.from <= last.to) last.to = Math.max(last.to, each.to);
    else joined.push(each);
  }
  return joined;
}

export const covers = (intervals: readonly Interval[], { from, to }: Interval): boolean =>
  normal(intervals).some((each) => each.from <= from && each.to >= to);

/** Opens what is not wholly open, else shuts it. */
export function toggled(intervals: readonly Interval[], span: Interval): Interval[] {
  if (!covers(intervals, span)) return normal([...intervals, span]);
  return normal(intervals.flatMap((each) => [
    { from: each.from, to: Math.min(each.to, span.from) },
    { from: Math.max(each.from, span.to), to: each.to },
  ]));
}

/** The hours of a day, 0 for Monday, in minutes of that day. */
export function hoursOf(intervals: readonly Interval[], day: number): Interval[] {
  const begin = ((day + 1) % 7) * DAY_MINUTES;
  return normal(intervals.map(({ from, to }) => ({
    from: Math.max(0, from - begin), to: Math.min(DAY_MINUTES, to - begin),
  })));
}

/** A span of a day, 0 for Monday, in minutes of the week. */
export const inWeek = (day: number, { from, to }: Interval): Interval => {
  const begin = ((day + 1) % 7) * DAY_MINUTES;
  return { from: begin + from, to: begin + to };
};

/** From Monday to Friday, in minutes of a day. */
export const workdays = (from: number, to: number): Interval[] => [0, 1, 2, 3, 4].map((day) => inWeek(day, { from, to }));

/** The whole hours that are drawn: those that are open, with two around them. */
export function frame(intervals: readonly Interval[], also: readonly Interval[] = []): Interval {
  const all = [...Array.from({ length: 7 }, (_, day) => hoursOf(intervals, day)).flat(), ...also];
  if (all.length === 0) return { from: 7 * 60, to: 19 * 60 };
  const from = Math.floor(Math.min(...all.map((each) => each.from)) / 120) * 120 - 120;
  const to = Math.ceil(Math.max(...all.map((each) => each.to)) / 120) * 120 + 120;
  return { from: Math.max(0, from), to: Math.min(DAY_MINUTES, to) };
}

export interface Wall {
  year: number;
  month: number;
  day: number;
  /** Since midnight. */
  minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone show. */
export function wall(at: number, zone: string): Wall {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formats.set(zone, format);
  }
  const found = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => found.get(name) ?? 0;
  return { year: part('year'), month: part('month'), day: part('day'), minute: part('hour') * 60 + part('minute') + part('second') / 60 };
}

const asUtc = ({ year, month, day, minute }: Wall): number => Date.UTC(year, month - 1, day) + minute * 60_000;

/** The instant at which the clocks of a zone show this. */
export function instant(shown: Wall, zone: string): number {
  const wanted = asUtc(shown);
  const first = wanted - (asUtc(wall(wanted, zone)) - wanted);
  return wanted - (asUtc(wall(first, zone)) - first);
}

/** The days from Monday to Sunday around an instant, by the calendar of a zone. */
export function weekOf(at: number, zone: string): Wall[] {
  const today = wall(at, zone);
  const date = new Date(Date.UTC(today.year, today.month - 1, today.day));
  const monday = date.getTime() - ((date.getUTCDay() + 6) % 7) * 86_400_000;
  return Array.from({ length: 7 }, (_, index) => {
    const day = new Date(monday + index * 86_400_000);
    return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate(), minute: 0 };
  });
}

/** The parts of spans that lie in a day, in its minutes. */
export function onDay(spans: ReadonlyArray<{ from: number; to: number }>, day: Wall, zone: string): Interval[] {
  const isDay = ({ year, month, day: date }: Wall): boolean => year === day.year && month === day.month && date === day.day;
  const begin = instant(day, zone);
  return spans.flatMap(({ from, to }): Interval[] => {
    const [first, last] = [wall(from, zone), wall(to, zone)];
    const end = begin + 26 * 3_600_000;
    if (to <= begin || from >= end || (!isDay(first) && from > begin)) return [];
    const span = { from: isDay(first) ? first.minute : 0, to: isDay(last) ? last.minute : DAY_MINUTES };
    return span.to > span.from ? [span] : [];
  });
}

const two = (n: number): string => String(n).padStart(2, '0');

/** Its date, as the API writes days. */
export const dateOf = ({ year, month, day }: Wall): string => `${year}-${two(month)}-${two(day)}`;

/** "08" for whole hours, "08:30" else. */
export const hourName = (minute: number): string =>
  minute % 60 === 0 ? two(minute / 60) : `${two(Math.floor(minute / 60))}:${two(Math.floor(minute % 60))}`;
