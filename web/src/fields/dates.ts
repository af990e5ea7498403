// Days, as people write them and as they are kept.

export const DAY = 24 * 60 * 60_000;

/** A day is over when it ends where the reader is. */
export function endOfDay(date: Date): string {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate(), 23, 59, 59, 999).toISOString();
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A day as people write it; without a year it is the next one of that name. */
export function readDate(text: string, today: Date): Date | undefined {
  const typed = text.trim().toLowerCase();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed);
  if (iso) return valid(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  const days = /^(?:in )?(\d{1,3}) ?d(?:ays?)?$/.exec(typed);
  if (days) return new Date(today.getTime() + Number(days[1]) * DAY);
  const named = /^(\d{1,2})\.? ([a-z]{3,9})\.?(?: (\d{4}))?$/.exec(typed) ?? swap(/^([a-z]{3,9})\.? (\d{1,2})(?:,? (\d{4}))?$/.exec(typed));
  if (!named) return undefined;
  const month = MONTHS.indexOf((named[2] ?? '').slice(0, 3));
  if (month < 0) return undefined;
  if (named[3]) return valid(Number(named[3]), month, Number(named[1]));
  const date = valid(today.getFullYear(), month, Number(named[1]));
  return date && date.getTime() < today.getTime() - DAY ? valid(today.getFullYear() + 1, month, Number(named[1])) : date;
}

/** A day, and a time of it if one was written; without one it is the end of the day. */
export function readMoment(text: string, today: Date): { at: string; hasTime: boolean } | undefined {
  const clock = /^(.*?)[ ,]*\b([01]?\d|2[0-3])[:.]([0-5]\d)$/.exec(text.trim());
  const day = clock?.[1] === '' ? today : readDate(clock?.[1] ?? text, today);
  if (!day) return undefined;
  if (!clock) return { at: endOfDay(day), hasTime: false };
  return { at: new Date(day.getFullYear(), day.getMonth(), day.getDate(), Number(clock[2]), Number(clock[3])).toISOString(), hasTime: true };
}

const swap = (found: RegExpExecArray | null): Array<string | undefined> | null =>
  found && [found[0], found[2], found[1], found[3]];

function valid(year: number, month: number, day: number): Date | undefined {
  const date = new Date(year, month, day, 12);
  return date.getMonth() === month && date.getDate() === day ? date : undefined;
}
