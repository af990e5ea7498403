import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Names, made, type Script } from '../../src/works/script';

const { calls } = JSON.parse(readFileSync(new URL('../../../crates/worksmith/src/demo.json', import.meta.url), 'utf8')) as Script;

test('names, instants and whoever begins are filled in', () => {
  const names = new Names(0, 'don:me');
  names.keep('bug', 'don:bug');
  expect(names.fill({ tags: [{ id: '{bug}' }], due: '{now+2d}', at: '{now-90m}', owned_by: ['DEVU-1'], text: '<{me}> { } {nobody}', n: 1 })).toEqual({
    tags: [{ id: 'don:bug' }], due: '1970-01-03T00:00:00.000Z', at: '1969-12-31T22:30:00.000Z', owned_by: ['don:me'], text: '<don:me> { } {nobody}', n: 1,
  });
});

test('the sample org names only what it has made before', () => {
  const names = new Names(Date.now(), 'don:me');
  for (const call of calls) {
    expect(JSON.stringify(names.fill(call.body)), call.op).not.toMatch(/\{[a-z0-9+-]+\}/);
    if (call.by) expect(names.get(call.by), `${call.op} by ${call.by}`).toBeDefined();
    if (call.as) names.keep(call.as, 'don:x');
  }
  expect(calls.filter(({ op }) => op === 'works.create').length).toBeGreaterThanOrEqual(55);
});

test('the id of what was made is found in every kind of answer', () => {
  expect(made({ work: { id: 'w', type: 'issue' } })).toBe('w');
  expect(made({ id: 'file', url: '/upload/x' })).toBe('file');
  expect(made({})).toBeUndefined();
});
