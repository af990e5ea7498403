import { expect, test } from 'vitest';
import { readDate, readMoment } from '../src/fields/dates';
import { Refusal } from '../src/api/errors';
import { en } from '../src/text/en';
import { begins, hits, marked, rank, ranked } from '../src/text/rank';
import { span } from '../src/text/format';
import { initials } from '../src/works/work';
import { clock } from '../src/works/clock';
import { nextStages, track } from '../src/works/stages';
import type { Stage, StageDiagram } from '../src/api/types.gen';

test('what begins words comes first', () => {
  expect(ranked('pr', ['Wave purpose', 'Air pressure', 'Priya Raman'], (each) => each)).toEqual(['Priya Raman', 'Air pressure']);
  expect(rank('as pr', 'Assign to Priya Raman')).toBeGreaterThan(0);
  expect(rank('zz', 'Assign')).toBe(0);
  expect(rank('uber', 'Über')).toBeGreaterThan(0);
  expect(marked('pr', 'Air pressure')).toEqual([
    { text: 'Air ', isTyped: false }, { text: 'pr', isTyped: true }, { text: 'essure', isTyped: false },
  ]);
});

test('a name is found by how its words begin', () => {
  expect(begins('le', 'Lena Fischer lena')).toBe(true);
  expect(begins('lena fi', 'Lena Fischer')).toBe(true);
  expect(begins('ena', 'Lena Fischer')).toBe(false);
  expect(begins('', 'Lena')).toBe(true);
});

test('spans are said as people say them', () => {
  const minutes = (n: number): number => n * 60_000;
  expect([38, 60, 174, 60 * 30, 60 * 72].map((n) => span(minutes(n)))).toEqual(['38 min', '1 h', '2 h 54', '30 h', '3 days']);
});

test('a name has two letters', () => {
  expect(['Lena Fischer', 'mei', 'Ada Maria King', 'Ægir Ø', ''].map(initials)).toEqual(['LF', 'ME', 'AK', 'ÆØ', '']);
  expect(['株式会社潮汐観測 🌊', '🌊⚓ Wave & Anchor 🐬', '김 민수', 'Ada 株', '🌊', 'A'].map(initials)).toEqual(['株', 'WA', '김', 'A', '🌊', 'A']);
});

test('a day is read as it is written', () => {
  const today = new Date(2026, 10, 25, 12);
  const day = (text: string): string | undefined => readDate(text, today)?.toDateString();
  expect(day('2026-12-03')).toBe(new Date(2026, 11, 3).toDateString());
  expect(day('3 Dec')).toBe(new Date(2026, 11, 3).toDateString());
  expect(day('dec 3')).toBe(new Date(2026, 11, 3).toDateString());
  expect(day('3 Feb')).toBe(new Date(2027, 1, 3).toDateString());
  expect(day('in 5 days')).toBe(new Date(2026, 10, 30).toDateString());
  expect(day('31 Feb')).toBeUndefined();
  expect(day('soon')).toBeUndefined();
});

test('a clock says what is left and how urgent that is', () => {
  const begun = '2026-11-25T08:00:00.000Z';
  const at = Date.parse('2026-11-25T11:00:00.000Z');
  const target_time = '2026-11-25T12:00:00.000Z';
  expect(clock({ stage: 'warning', target_time }, begun, at)).toEqual({ text: '1 h', heat: 'warm', isPaused: false, used: 0.75 });
  expect(clock({ stage: 'running', target_time }, begun, at + 3 * 3_600_000)).toEqual({ text: 'Late 2 h', heat: 'hot', isPaused: false, used: 1 });
  expect(clock({ stage: 'paused' }, begun, at)).toMatchObject({ text: 'Paused', isPaused: true });
  expect(clock({ stage: 'completed', target_time }, begun, at)).toBeUndefined();
});

const stage = (name: string, ordinal: number, state: string, isFinal = false): Stage => ({
  name, display_name: name, ordinal, stage: { id: name, name, display_name: name }, state: { id: state, name: state, is_final: isFinal },
});

test('a track fills with the stages of a work', () => {
  expect(track(stage('triage', 500, 'open')).cells).toEqual([0, 0, 0]);
  expect(track(stage('prioritized', 2000, 'open')).cells).toEqual([0.5, 0, 0]);
  expect(track(stage('in_development', 4000, 'in_progress')).cells).toEqual([1, 0.5, 0]);
  expect(track(stage('in_testing', 5000, 'in_progress')).cells).toEqual([1, 1, 0]);
  expect(track(stage('completed', 6000, 'closed', true))).toEqual({ cells: [1, 1, 1], isDone: true });
});

test('a diagram says where a work may go', () => {
  const node = (name: string, to: string[], some: object = {}) => ({
    stage: { id: name, name, display_name: name }, is_start: false, is_deprecated: false,
    transitions: to.map((target) => ({ target_stage: { id: target, name: target, display_name: target } })), ...some,
  });
  const diagram = { stages: [node('a', ['b', 'c'], { is_start: true }), node('b', []), node('c', [], { is_deprecated: true })] } as unknown as StageDiagram;
  expect(nextStages(diagram, 'a').map(({ name }) => name)).toEqual(['b']);
  expect(nextStages(diagram, 'elsewhere').map(({ name }) => name)).toEqual(['a']);
});

test('what the server hit is marked, and what is only bold in a text is not', () => {
  expect(hits('turbine ber', 'The **turbine** at **berth** 4 is **loud**')).toEqual([
    { text: 'The ', isTyped: false }, { text: 'turbine', isTyped: true }, { text: ' at ', isTyped: false },
    { text: 'berth', isTyped: true }, { text: ' 4 is ', isTyped: false }, { text: '**loud**', isTyped: false },
  ]);
  expect(hits('"wave height"', '**Wave height** ** drifts')).toEqual([{ text: 'Wave height', isTyped: true }, { text: ' ** drifts', isTyped: false }]);
});

test('a moment is a day with a time, or its end', () => {
  const today = new Date(2026, 10, 25, 12);
  const read = (text: string) => readMoment(text, today);
  expect(read('3 Dec 14:05')).toEqual({ at: new Date(2026, 11, 3, 14, 5).toISOString(), hasTime: true });
  expect(read('2026-12-03, 9:30')?.at).toBe(new Date(2026, 11, 3, 9, 30).toISOString());
  expect(read('07:20')?.at).toBe(new Date(2026, 10, 25, 7, 20).toISOString());
  expect(read('3 Dec')).toEqual({ at: new Date(2026, 11, 3, 23, 59, 59, 999).toISOString(), hasTime: false });
  expect([read('25:00'), read('soon 14:00'), read('')]).toEqual([undefined, undefined, undefined]);
});

test('a refusal calls a field of the org as people do', () => {
  const refusal = new Refusal(400, 'customization_validation_error', 'custom_fields.tnt__hull_number: has 2 characters, at least 4');
  expect(en.refusal(refusal)).toBe('Hull number: has 2 characters, at least 4.');
});
