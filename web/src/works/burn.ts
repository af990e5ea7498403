// How a sprint goes: what was left on each day, what came in late or went out, and how that compares
// with an even pace.

const DAY = 24 * 60 * 60_000;

/** An issue that was in the sprint, and when it was closed. */
export interface Member {
  id: string;
  closed: number | undefined;
}

/** What was in the sprint at a moment. */
export interface Shot {
  at: number;
  members: readonly Member[];
}

export interface Point {
  at: number;
  scope: number;
  left: number;
}

export interface Burn {
  points: Point[];
  /** How many were in it when its first day was over. */
  planned: number;
  /** What came in after that, and what went out. */
  late: string[];
  out: string[];
  done: number;
  left: number;
  /** How many more are left than at an even pace; negative if fewer. */
  behind: number;
}

/** The moments at which a sprint is looked at: its start, each day, and now or its end. */
export function moments(start: number, end: number, now: number): number[] {
  const until = Math.min(now, end);
  const found = [start];
  for (let at = start + DAY; at < until; at += DAY) found.push(at);
  if (until > start) found.push(until);
  return found;
}

/** What was in it at each moment, if nothing ever went out: for what is too long ago to be asked. */
export const supposed = (members: ReadonlyArray<Member & { made: number }>, at: readonly number[]): Shot[] =>
  at.map((moment) => ({ at: moment, members: members.filter(({ made }) => made <= moment) }));

const open = (members: readonly Member[], at: number): number =>
  members.filter(({ closed }) => closed === undefined || closed > at).length;

export function burn(shots: readonly Shot[], start: number, end: number, now: number): Burn {
  const last = shots.at(-1) ?? { at: start, members: [] };
  // What comes in on the first day was planned; in a sprint that was empty for longer, what came then.
  const first = shots.find(({ at, members }) => at >= start + DAY && members.length > 0) ?? last;
  const begun = shots.indexOf(first) <= 1 ? shots : shots.slice(shots.indexOf(first));
  const points = begun.map(({ at, members }, index) => {
    const seen = index === 0 ? first.members : members;
    return { at, scope: seen.length, left: open(seen, at) };
  });
  const planned = new Set(first.members.map(({ id }) => id));
  const here = new Set(last.members.map(({ id }) => id));
  const left = open(last.members, last.at);
  const share = end > start ? Math.min(1, Math.max(0, (now - start) / (end - start))) : 1;
  return {
    points, planned: planned.size, left, done: last.members.length - left,
    late: [...here].filter((id) => !planned.has(id)), out: [...planned].filter((id) => !here.has(id)),
    behind: Math.round(left - last.members.length * (1 - share)),
  };
}

const NUMBERS = ['None', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten', 'Eleven', 'Twelve'];
/** Small numbers as a sentence begins with them. */
export const words = (n: number): string => NUMBERS[n] ?? String(n);

/** What the chart shows, in a sentence. */
export function sentence({ points, done, left, behind }: Burn): string {
  const total = done + left;
  if (total === 0) return 'Nothing is in it yet';
  // One kind of number in a pair.
  const said = (n: number): string => (total < NUMBERS.length ? words(n) : String(n));
  const so = `${total < NUMBERS.length || done > 0 ? said(done) : 'None'} of ${said(total).toLowerCase()} ${done === 1 ? 'is' : 'are'} done`;
  if (points.length < 2) return so;
  if (behind > 0) return `${so}, ${said(behind).toLowerCase()} behind an even pace`;
  return behind < 0 ? `${so}, ${said(-behind).toLowerCase()} ahead of an even pace` : `${so}, at an even pace`;
}
