import { expect, test } from 'vitest';
import { add, asWork, read, said, sprintKey, values, type Known } from '../../src/works/github';

const issue = (some: Record<string, unknown> = {}) => ({
  html_url: 'https://github.com/acme/buoy/issues/7', number: 7, title: 'Drifts', body: 'Since 4.2', state: 'open', user: { id: 1, login: 'octocat' },
  labels: [{ name: 'bug', color: 'd73a4a' }, 'old'], assignees: [{ id: 2, login: 'Mei' }], created_at: '2024-05-03T10:00:00Z', ...some,
});
const comment = { html_url: 'https://github.com/acme/buoy/issues/7#issuecomment-12', issue_url: 'https://api.github.com/repos/acme/buoy/issues/7', id: 12, body: 'Same here', user: { login: 'octocat' }, created_at: '2024-05-04T10:00:00Z' };

test('everything that gh and curl write is read', () => {
  const one = JSON.stringify(issue());
  for (const text of [one, `[${one}]`, `[${one}]\n[${one}]`, `[[${one}],[${one}]]`, `${one}\n${one}`, `\uFEFF [${one}] `]) {
    expect(read(text).issues[0]?.title).toBe('Drifts');
  }
  expect(values('{"a":"}{"}{"b":"\\"]"}')).toEqual([{ a: '}{' }, { b: '"]' }]);
});

test('what is none of it is called what it is', () => {
  expect(() => read('')).toThrow('nothing in it');
  expect(() => read('<!DOCTYPE html>')).toThrow('web page');
  expect(() => read('[{"a":')).toThrow('ends in the middle');
  expect(() => read('{"a":1} nonsense')).toThrow('no JSON');
  expect(() => read('{"message":"Not Found","documentation_url":"x"}')).toThrow('GitHub answered: Not Found');
  expect(read('[1, {"html_url":"https://github.com/acme"}]').wrong).toEqual([
    { name: 'item 1', why: 'is no issue' }, { name: 'https://github.com/acme', why: 'has no page of an issue in html_url' },
  ]);
});

test('an issue becomes a work with everything that has a place', () => {
  const known: Known = {
    me: 'me', part: 'part', people: new Map([['octocat', 'u1'], ['Mei', 'u2']]), tags: new Map([['bug', 't1']]),
    sprints: new Map([[sprintKey('acme/buoy', '1.0'), 's1']]),
  };
  const { issues } = read(JSON.stringify(issue({ state: 'closed', state_reason: 'not_planned', milestone: { title: '1.0', state: 'open' } })));
  expect(issues.map((each) => asWork(each, known))).toEqual([{
    type: 'issue', title: 'Drifts', body: 'Since 4.2', applies_to_part: 'part', external_ref: 'https://github.com/acme/buoy/issues/7', owned_by: ['u2'],
    reported_by: ['u1'], sprint: 's1', tags: [{ id: 't1' }], stage: { name: 'wont_fix' },
  }]);
  const stranger = read(JSON.stringify(issue({ assignees: [], assignee: null, user: null, title: ' ' })));
  expect(stranger.issues.map((each) => asWork(each, known))).toMatchObject([{ title: '#7', owned_by: ['me'] }]);
});

test('what has no place is counted', () => {
  const found = read(JSON.stringify([
    issue({ locked: true, reactions: { total_count: 3 }, body: 'x'.repeat(65_540) }), issue({ pull_request: {}, draft: true }), { ...comment, body: ' ' },
  ]));
  expect(found.issues.map(({ isPull }) => isPull)).toEqual([false, true]);
  expect(Object.fromEntries(found.lost)).toEqual({
    'characters of long texts': 4, 'reactions: GitHub’s answer has only their number': 3, locks: 1, drafts: 1, 'comments without a text': 1,
  });
  expect(Object.fromEntries(add(found, found).lost)).toMatchObject({ locks: 2 });
});

test('a comment finds its issue, and says who wrote it and when', () => {
  const { comments } = read(JSON.stringify([comment]));
  expect(comments).toEqual([{ page: 'https://github.com/acme/buoy/issues/7', ref: 'github.com/comments/12', author: 'octocat', body: 'Same here', at: '2024-05-04T10:00:00Z' }]);
  expect(comments.map(said)).toEqual(['**octocat**, 4 May 2024:\n\nSame here']);
});
