// What is being named where somebody writes: `@len` is a person, `#wave hei` a work or a part.

export interface Naming {
  sign: '@' | '#';
  /** Where the sign is. */
  from: number;
  query: string;
}

const WORDS_MAX = 4;
/** The sign begins a word; addresses of mail and anchors of pages do not. */
const NAMING = /(?:^|[\s("'“„«*_~>])([@#])((?![\s@#])[^@#[\]()<>`]{1,48}|)$/u;
const FENCE = /^[ \t]*(?:```|~~~)/gm;

/** What is named before the caret, unless that is code. */
export function namingAt(text: string, caret: number): Naming | undefined {
  const before = text.slice(0, caret);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const [, sign, query = ''] = NAMING.exec(line) ?? [];
  if (sign !== '@' && sign !== '#') return undefined;
  const from = caret - query.length - 1;
  // What follows a space may be the next word; a sign alone at the beginning of a line may be that of a heading.
  if (/\s$/.test(query) || query.split(/\s+/).length > WORDS_MAX) return undefined;
  if (sign === '#' && query === '' && line.trimStart() === '#') return undefined;
  const isCode = (before.match(FENCE) ?? []).length % 2 === 1 || (line.match(/`/g) ?? []).length % 2 === 1;
  return isCode ? undefined : { sign, from, query };
}
