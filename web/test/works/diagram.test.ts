import { expect, test } from 'vitest';
import type { StageDiagram } from '../../src/api/types.gen';
import { added, differences, flip, nodesOf, retire, start, written } from '../../src/works/diagram';

const stage = (name: string) => ({ id: `don:${name}`, name, display_name: name });
const diagram = {
  id: 'don:diagram', name: 'issue', leaf_type: 'issue', is_custom_leaf_type: false, is_default: true,
  stages: [
    { stage: stage('triage'), is_start: true, is_deprecated: false, transitions: [{ target_stage: stage('work') }, { target_stage: stage('done'), ui: { is_hidden: true } }] },
    { stage: stage('work'), is_start: false, is_deprecated: false, transitions: [{ target_stage: stage('done') }] },
    { stage: stage('done'), is_start: false, is_deprecated: false, transitions: [] },
  ],
} as StageDiagram;
const before = nodesOf(diagram);

test('what was read is written again, with what others do not show', () => {
  expect(written(before)).toEqual([
    { stage_id: 'don:triage', is_start: true, is_deprecated: false, transitions: [{ target_stage_id: 'don:work' }, { target_stage_id: 'don:done', ui: { is_hidden: true } }] },
    { stage_id: 'don:work', is_start: false, is_deprecated: false, transitions: [{ target_stage_id: 'don:done' }] },
    { stage_id: 'don:done', is_start: false, is_deprecated: false, transitions: [] },
  ]);
});

test('a way is set and cleared, and twice is nothing', () => {
  const set = flip(before, 'don:done', 'don:triage');
  expect(differences(before, set)).toEqual([{ stage: 'done', text: 'done may go to triage' }]);
  expect(differences(set, before)).toEqual([{ stage: 'done', text: 'done may not go to triage any more' }]);
  expect(differences(before, flip(set, 'don:done', 'don:triage'))).toEqual([]);
  expect(flip(before, 'don:done', 'don:done')).toEqual(before);
});

test('there is one start, and it is in use', () => {
  const retired = retire(before, 'don:work');
  expect(retired[1]?.isDeprecated).toBe(true);
  const moved = start(retired, 'don:work');
  expect(moved.map(({ isStart, isDeprecated }) => [isStart, isDeprecated])).toEqual([[false, false], [true, false], [false, false]]);
  expect(retire(moved, 'don:work')).toEqual(moved);
  expect(differences(before, retired)).toEqual([{ stage: 'work', text: 'Nothing comes into work any more' }]);
  expect(differences(before, moved)).toEqual([{ stage: 'work', text: 'New ones begin in work' }]);
});

test('a stage that came counts with its ways', () => {
  const more = flip(added(before, stage('review')), 'don:review', 'don:done');
  expect(differences(before, more).map(({ text }) => text)).toEqual(['review is a new stage', 'review may go to done']);
});
