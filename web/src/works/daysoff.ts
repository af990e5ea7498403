// Days off of a schedule. The API keeps them in fragments: spans of days that follow each other, in which
// some days are off and others belong to a named period. A day is its date, in whatever zone.
import type { OrgScheduleFragment } from '../api/types.gen';

/** Days off; `to` is the day after the last one. */
export interface Off {
  name: string;
  from: string;
  to: string;
}

export interface Piece {
  /** Without one it is to be made. */
  id?: string;
  name: string;
  from: string;
  to: string;
  intervals: ReadonlyArray<Off & { isOff: boolean }>;
}

const DAY = 86_400_000;
const dateOf = (iso: string): string => iso.slice(0, 10);

export const dayAfter = (date: string, by = 1): string => new Date(Date.parse(date) + by * DAY).toISOString().slice(0, 10);
export const yearOf = (date: string): number => Number(date.slice(0, 4));
/** As requests have a day. */
export const asTime = (date: string): string => `${date}T00:00:00Z`;

export const pieceOf = ({ id, name, from, to, intervals }: OrgScheduleFragment): Piece => ({
  id, name, from: dateOf(from), to: dateOf(to),
  intervals: intervals.map((each) => ({
    name: each.name, from: dateOf(each.from), to: each.to ? dateOf(each.to) : dayAfter(dateOf(each.from)), isOff: each.is_excluded,
  })),
});

/** All days off in their order; what goes on from one piece to the next is one. */
export function daysOff(pieces: readonly Piece[]): Off[] {
  const found: Off[] = [];
  const all = pieces.flatMap(({ intervals }) => intervals.filter(({ isOff }) => isOff)).sort((a, b) => a.from.localeCompare(b.from));
  for (const { name, from, to } of all) {
    const last = found.findLast((each) => each.name === name && each.to === from);
    if (last) last.to = to;
    else found.push({ name, from, to });
  }
  return found;
}

export const isOff = (off: readonly Off[], date: string): Off | undefined => off.find(({ from, to }) => from <= date && date < to);

/** Pieces of whole years until all of these days are covered. Without any piece, the first begins with its year. */
function covering(pieces: readonly Piece[], from: string, to: string): Piece[] {
  const [first] = pieces;
  const begin = first && first.from <= from ? first.from : `${yearOf(from)}-01-01`;
  const all = [...pieces];
  if (first && begin < first.from) all.unshift({ name: `Until ${first.from}`, from: begin, to: first.from, intervals: [] });
  for (let at = all.at(-1)?.to ?? begin; at < to; at = all.at(-1)?.to ?? to) {
    all.push({ name: String(yearOf(at)), from: at, to: `${yearOf(at) + 1}-01-01`, intervals: [] });
  }
  return all;
}

const changed = ({ id: _, ...piece }: Piece, intervals: Piece['intervals']): Piece => ({ ...piece, intervals });

/** With days off put in. What was not covered by any piece is from then on, to the end of next year at least. */
export function withOff(pieces: readonly Piece[], off: Off, today: string): Piece[] {
  const until = `${yearOf(today) + 2}-01-01`;
  const from = pieces.length === 0 && today < off.from ? today : off.from;
  return covering(pieces, from, pieces.length === 0 && off.to < until ? until : off.to).map((piece) => {
    const part = { name: off.name, from: off.from > piece.from ? off.from : piece.from, to: off.to < piece.to ? off.to : piece.to, isOff: true };
    if (part.from >= part.to) return piece;
    return changed(piece, [...piece.intervals, part].sort((a, b) => a.from.localeCompare(b.from)));
  });
}

export function withoutOff(pieces: readonly Piece[], off: Off): Piece[] {
  const isIt = (each: Piece['intervals'][number]): boolean => each.isOff && each.name === off.name && each.from >= off.from && each.to <= off.to;
  return pieces.map((piece) => (piece.intervals.some(isIt) ? changed(piece, piece.intervals.filter((each) => !isIt(each))) : piece));
}

/** The year that comes after all pieces, with the days off of its last year a year later. */
export function yearAfter(pieces: readonly Piece[]): Piece | undefined {
  const from = pieces.at(-1)?.to;
  if (!from) return undefined;
  const to = `${yearOf(from) + 1}-01-01`;
  // The 29th of February becomes the 1st of March.
  const later = (date: string): string => dayAfter(`${yearOf(date) + 1}${date.slice(4)}`, 0);
  const intervals = daysOff(pieces).map((off) => ({ name: off.name, from: later(off.from), to: later(off.to), isOff: true }));
  return { name: String(yearOf(from)), from, to, intervals: intervals.filter((each) => each.from >= from && each.to <= to) };
}
