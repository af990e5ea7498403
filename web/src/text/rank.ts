// How well a label answers what was typed: each typed word must begin a word of the label, or at
// least be in it.

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** 0 if it does not fit; more is better. */
export function rank(query: string, label: string): number {
  const typed = fold(query).split(/\s+/).filter(Boolean);
  if (typed.length === 0) return 1;
  const text = fold(label);
  let score = 1;
  for (const word of typed) {
    const at = find(text, word);
    if (at < 0) return 0;
    if (at === 0) score += 4;
    else if (isStart(text, at)) score += 2;
  }
  return score;
}

/** Whether each typed word begins a word of the label. */
export function begins(query: string, label: string): boolean {
  const text = fold(label);
  return fold(query).split(/\s+/).filter(Boolean).every((word) => {
    const at = find(text, word);
    return at >= 0 && isStart(text, at);
  });
}

/** A piece of a text, and whether it was typed. */
export interface Piece {
  text: string;
  isTyped: boolean;
}

/** The label in pieces, those that were typed marked. */
export function marked(query: string, label: string): Piece[] {
  const text = fold(label);
  // Folding that changes the length would mark the wrong letters.
  if (text.length !== label.length) return [{ text: label, isTyped: false }];
  const on = new Array<boolean>(label.length).fill(false);
  for (const word of fold(query).split(/\s+/).filter(Boolean)) {
    const at = find(text, word);
    if (at >= 0) on.fill(true, at, at + word.length);
  }
  const pieces: Piece[] = [];
  [...label].length === label.length && on.forEach((isTyped, at) => {
    const last = pieces.at(-1);
    if (last && last.isTyped === isTyped) last.text += label[at];
    else pieces.push({ text: label[at] ?? '', isTyped });
  });
  return pieces.length > 0 ? pieces : [{ text: label, isTyped: false }];
}

/**
 * What the server found, in pieces. It puts `**` around each hit, which texts in Markdown may have, too: a hit begins
 * as something that was typed.
 */
export function hits(query: string, snippet: string): Piece[] {
  const typed = fold(query).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const isHit = (text: string): boolean => fold(text).split(/[^\p{L}\p{N}]+/u).some((word) => typed.some((each) => word.startsWith(each)));
  return snippet.split(/(\*\*[^*]+\*\*)/).filter(Boolean).map((text) => {
    const inner = /^\*\*([^*]+)\*\*$/.exec(text)?.[1];
    return inner !== undefined && isHit(inner) ? { text: inner, isTyped: true } : { text, isTyped: false };
  });
}

function find(text: string, word: string): number {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (isStart(text, at)) return at;
  }
  return text.indexOf(word);
}

const isStart = (text: string, at: number): boolean => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '');

/** The items that fit, the best first. */
export function ranked<T>(query: string, items: readonly T[], label: (item: T) => string): T[] {
  return items
    .map((item, at) => ({ item, at, score: rank(query, label(item)) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map(({ item }) => item);
}
