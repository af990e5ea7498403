// The rules of the house: which way imports go, what every table must have, and that the types are
// those of the API.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { chord, KeyReader, shown } from '../src/commands/keys';
import { COMMANDS } from '../src/commands/table';
import { FIELDS, NO_FIELDS } from '../src/works/fields';
import { KINDS } from '../src/works/filter';
import { en } from '../src/text/en';

const SRC = new URL('../src', import.meta.url).pathname;
/** What may be imported by what follows it. */
const ORDER = ['api', 'text', 'works', 'store', 'markdown', 'ui', 'charts', 'commands', 'fields', 'views', 'app'];
/** Types alone may look the other way. */
const isType = (line: string): boolean => line.startsWith('import type');

const sources = (readdirSync(SRC, { recursive: true }) as string[]).filter((name) => /\.tsx?$/.test(name));

test('imports go one way', () => {
  const wrong: string[] = [];
  for (const name of sources) {
    const level = ORDER.indexOf(name.split('/')[0] ?? '');
    for (const line of readFileSync(join(SRC, name), 'utf8').split('\n')) {
      const path = /^(?:import|export)\b.*from '(\.[^']+)';$/.exec(line)?.[1] ?? /import\('(\.[^']+)'\)/.exec(line)?.[1];
      if (!path || level < 0) continue;
      const target = relative(SRC, join(SRC, dirname(name), path));
      if (ORDER.indexOf(target.split('/')[0] ?? '') > level && !isType(line)) wrong.push(`${name} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('only one file calls the server', () => {
  const calling = sources.filter((name) => /(?:=|await|return) fetch\(|new XMLHttpRequest|new EventSource|sendBeacon/.test(
    readFileSync(join(SRC, name), 'utf8')));
  expect(calling).toEqual(['api/call.ts']);
});

test('no text becomes markup, and no colour is outside of the tokens', () => {
  for (const name of sources) {
    expect(readFileSync(join(SRC, name), 'utf8'), name).not.toMatch(/innerHTML|dangerouslySetInnerHTML|insertAdjacentHTML/);
  }
  for (const name of readdirSync(join(SRC, 'styles')).filter((each) => each.endsWith('.css') && each !== 'tokens.css')) {
    expect(readFileSync(join(SRC, 'styles', name), 'utf8'), name).not.toMatch(/#[0-9a-f]{3,8}\b(?=[;, )])|rgba?\(/i);
  }
});

test('files are short', () => {
  for (const name of sources.filter((each) => !each.endsWith('.gen.ts'))) {
    expect(readFileSync(join(SRC, name), 'utf8').split('\n').length, name).toBeLessThanOrEqual(600);
  }
});

test('the types are those of the API', () => {
  execFileSync(process.execPath, [new URL('../scripts/api.mjs', import.meta.url).pathname, '--check'], { stdio: 'pipe' });
});

test('every error of the API has words', () => {
  const names = /export type ErrorType = ([^;]+);/.exec(readFileSync(join(SRC, 'api/types.gen.ts'), 'utf8'))?.[1] ?? '';
  const known = names.split('|').map((each) => JSON.parse(each.trim()) as string);
  expect(known.length).toBeGreaterThan(20);
  for (const name of known) expect(en.because[name as keyof typeof en.because], name).toMatch(/[.]$/);
});

test('no key means two things in one place', () => {
  const seen = new Map<string, string>();
  const places = { anywhere: ['list', 'board', 'works', 'tree', 'matrix', 'detail', 'inbox', 'hooks', 'start'], list: [], board: [], works: ['list', 'board', 'detail'], tree: [], matrix: [], detail: [], inbox: [], hooks: [], start: [], writing: [] } as const;
  for (const { place, keys, id } of COMMANDS) {
    for (const key of keys) {
      for (const each of [place, ...places[place]]) {
        const taken = seen.get(`${each} ${key}`);
        expect(taken, `${key} is ${taken ?? ''} and ${id}`).toBeUndefined();
      }
      for (const each of [place, ...places[place]]) seen.set(`${each} ${key}`, id);
    }
  }
});

test('every member of works.update is a field, or it is said why not', () => {
  const types = readFileSync(join(SRC, 'api/types.gen.ts'), 'utf8');
  const seen = new Set<string>();
  for (const kind of KINDS) {
    const name = `WorksUpdateRequest${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    const body = new RegExp(`export type ${name} = \\{\n(.*?)\n\\};`, 's').exec(types)?.[1] ?? '';
    const members = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member]) => member ?? '');
    expect(members.length, kind).toBeGreaterThan(10);
    const fields = FIELDS.filter(({ kinds }) => kinds.includes(kind)).map((each) => each.name);
    expect(members.filter((member) => !fields.includes(member) && !(member in NO_FIELDS)), kind).toEqual([]);
    expect(fields.filter((field) => !members.includes(field)), kind).toEqual([]);
    for (const member of members) seen.add(member);
  }
  expect(Object.keys(NO_FIELDS).filter((name) => !seen.has(name))).toEqual([]);
});

test('every field has its command in the table', () => {
  for (const { command } of FIELDS) if (command) expect(COMMANDS.some(({ id }) => id === command), command).toBe(true);
});

test('single letters are text in fields, and can be switched off', () => {
  const reader = new KeyReader();
  const read = (key: string, inField = false, letters = true, at = 0) => reader.read(key, at, { inField, letters }).map(({ id }) => id);
  expect(read('j')).toEqual(['next']);
  expect(read('j', true)).toEqual([]);
  expect(read('j', false, false)).toEqual([]);
  expect(read('Mod+k', true)).toEqual(['palette']);
  expect([read('Mod+z'), read('Mod+z', true), read('Mod+a', true)]).toEqual([['undo'], [], []]);
  expect(read('Escape', true)).toEqual(['back']);
  read('g');
  expect(read('m', false, true, 500)).toEqual(['go.mine']);
  read('g');
  expect(read('m', false, true, 5000)).toEqual(['part.move', 'work.part']);
});

test('a key is called the same whatever the keyboard says', () => {
  const key = (text: string, some: Partial<KeyboardEvent> = {}) =>
    chord({ key: text, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...some });
  expect(key('K', { ctrlKey: true })).toBe('Mod+k');
  expect(key('s', { shiftKey: true })).toBe('Shift+S');
  expect(key('?', { shiftKey: true })).toBe('?');
  expect(key(' ')).toBe('Space');
  expect([shown('+'), shown('Mod+Shift+P'), shown('g i')]).toEqual([['+'], ['Ctrl ⇧ P'], ['G', 'I']]);
  expect(key('ArrowDown', { shiftKey: true })).toBe('Shift+ArrowDown');
});
