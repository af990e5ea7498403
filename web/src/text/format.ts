// Times and spans as people say them.

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const sameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString();

/** A clock time for today, a date before and after. */
export function when(at: string | number, now = Date.now()): string {
  const [date, today] = [new Date(at), new Date(now)];
  if (sameDay(date, today)) return clock.format(date);
  return date.getFullYear() === today.getFullYear() ? day.format(date) : dayOfYear.format(date);
}

/** With the time, and the weekday for what is near. */
export function moment(at: string | number, now = Date.now()): string {
  const [date, today] = [new Date(at), new Date(now)];
  if (sameDay(date, today)) return clock.format(date);
  const isNear = Math.abs(+date - now) < 6 * DAY;
  return `${isNear ? weekday.format(date) : when(at, now)} ${clock.format(date)}`;
}

export const timeOfDay = (at: string | number): string => clock.format(new Date(at));
export const inFull = (at: string | number): string => whole.format(new Date(at));
export const dayName = (at: string | number): string => `${weekday.format(new Date(at))} ${day.format(new Date(at))}`;

/** The date of a day in this zone, as `<input type="date">` has it. */
export function dateInput(at: string | undefined): string {
  if (!at) return '';
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "2 h 54", "38 min", "3 days". */
export function span(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / MINUTE));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < (2 * DAY) / MINUTE) {
    const rest = minutes % 60;
    const hours = Math.floor(minutes / 60);
    return rest === 0 ? `${hours} h` : `${hours} h ${String(rest).padStart(2, '0')}`;
  }
  return `${Math.round(ms / DAY)} days`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
