// Joining what two people wrote into the same text: by lines, and where both changed the same
// lines, by words.

/** A text in which both changes are, and whether they got in each other's way. */
export interface Merged {
  text: string;
  isClean: boolean;
}

/** A piece of a text, and whether it is new in it. */
export interface Piece {
  text: string;
  isNew: boolean;
}

/** Above this many tokens, texts are not compared token by token. */
const TOKENS_MAX = 2000;

const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const words = (text: string): string[] => text.match(/\s+|[^\s]+/g) ?? [];

/** Joins two changes of a text. Where they contradict each other, mine stays. */
export function merge(before: string, mine: string, theirs: string): Merged {
  return join(lines(before), lines(mine), lines(theirs), (a, b, c) =>
    join(words(a), words(b), words(c), (_, own) => ({ text: own, isClean: false })));
}

/** The pieces of a text, marked where they are not in the one before. */
export function changes(before: string, after: string): Piece[] {
  const [old, now] = [words(before), words(after)];
  const kept = new Set(matches(old, now).map(([, at]) => at));
  const pieces: Piece[] = [];
  now.forEach((text, at) => {
    const isNew = !kept.has(at);
    const last = pieces.at(-1);
    if (last && last.isNew === isNew) last.text += text;
    else pieces.push({ text, isNew });
  });
  return pieces;
}

type Contradiction = (before: string, mine: string, theirs: string) => Merged;

function join(before: string[], mine: string[], theirs: string[], contradiction: Contradiction): Merged {
  const inMine = new Map(matches(before, mine));
  const inTheirs = new Map(matches(before, theirs));
  let text = '';
  let isClean = true;
  let [a, b, c] = [0, 0, 0];
  const settle = (untilA: number, untilB: number, untilC: number): void => {
    const was = before.slice(a, untilA).join('');
    const own = mine.slice(b, untilB).join('');
    const other = theirs.slice(c, untilC).join('');
    if (own === other || other === was) text += own;
    else if (own === was) text += other;
    else {
      const merged = contradiction(was, own, other);
      text += merged.text;
      isClean &&= merged.isClean;
    }
  };
  for (let at = 0; at < before.length; at++) {
    const [b2, c2] = [inMine.get(at), inTheirs.get(at)];
    // What both kept separates what they changed.
    if (b2 === undefined || c2 === undefined) continue;
    settle(at, b2, c2);
    text += before[at];
    [a, b, c] = [at + 1, b2 + 1, c2 + 1];
  }
  settle(before.length, mine.length, theirs.length);
  return { text, isClean };
}

/** Pairs of places of a longest common subsequence, in their order. */
function matches(one: string[], two: string[]): Array<[number, number]> {
  let start = 0;
  while (start < one.length && start < two.length && one[start] === two[start]) start++;
  let [end1, end2] = [one.length, two.length];
  while (end1 > start && end2 > start && one[end1 - 1] === two[end2 - 1]) { end1--; end2--; }
  const pairs: Array<[number, number]> = [];
  for (let at = 0; at < start; at++) pairs.push([at, at]);
  pairs.push(...between(one, two, start, end1, end2));
  for (let at = 0; at < one.length - end1; at++) pairs.push([end1 + at, end2 + at]);
  return pairs;
}

function between(one: string[], two: string[], start: number, end1: number, end2: number): Array<[number, number]> {
  const [n, m] = [end1 - start, end2 - start];
  if (n === 0 || m === 0 || n * m > TOKENS_MAX * TOKENS_MAX) return [];
  const width = m + 1;
  const best = new Uint16Array((n + 1) * width);
  const length = (i: number, j: number): number => best[i * width + j] ?? 0;
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      best[i * width + j] = one[start + i] === two[start + j]
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: Array<[number, number]> = [];
  for (let i = 0, j = 0; i < n && j < m;) {
    if (one[start + i] === two[start + j]) pairs.push([start + i++, start + j++]);
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
