import { expect, test } from 'vitest';
import { namingAt } from '../src/markdown/naming';

const at = (text: string) => {
  const found = namingAt(text, text.length);
  return found && `${found.sign}${found.query} ${found.from}`;
};

test('a sign that begins a word names something', () => {
  expect(at('@')).toBe('@ 0');
  expect(at('Ask @len')).toBe('@len 4');
  expect(at('Ask @lena fi')).toBe('@lena fi 4');
  expect(at('see (#wave height')).toBe('#wave height 5');
  expect(at('one\ntwo #12')).toBe('#12 8');
  expect(at('- #')).toBe('# 2');
  expect(at('سأل @لينا')).toBe('@لينا 4');
});

test('addresses, headings, code and what was named already do not', () => {
  for (const text of [
    '', 'lena@tide', 'https://x.example/#part', '#', '  #', '# ', '## ', '##', '@ lena', '@lena ', '@a b c d e', '[@Lena Fischer](DEVU-2)', 'a `#def', '```\n@Inject', 'two\n@\n', `@${'x'.repeat(60)}`,
  ]) expect(at(text), text).toBeUndefined();
  expect(at('`x` @l')).toBe('@l 4');
  expect(at('```\nx\n```\n@l')).toBe('@l 10');
});

test('only what is before the caret counts', () => {
  expect(namingAt('Ask @lena now', 7)).toEqual({ sign: '@', from: 4, query: 'le' });
});
