import { expect, test } from 'vitest';
import type { SlaExplainedMetric } from '../../src/api/types.gen';
import { spansOf, warmSince } from '../../src/works/clock';

const at = (hours: number): string => new Date(hours * 3_600_000).toISOString();
const cause = (hours: number, rule: string) => ({ at: at(hours), rule, revision: 1 });
const interval = (from: number, to: number) => ({ from: at(from), to: at(to), seconds: (to - from) * 3600 });
const metric = (spans: SlaExplainedMetric['spans']): SlaExplainedMetric => ({ elapsed_seconds: 0, spans });
const told = (spans: SlaExplainedMetric['spans'], now: number) =>
  spansOf(metric(spans), now * 3_600_000).map(({ from, to, isPaused, isOpen }) => [from / 3_600_000, to / 3_600_000, isPaused ? 'paused' : isOpen ? 'open' : 'counted']);

test('between spans the clock was paused, and closed hours are none', () => {
  expect(told([
    { started_by: cause(0, 'entered stage queued'), stopped_by: cause(2, 'entered stage waiting, where the customer has the next word'), intervals: [interval(0, 2)] },
    { started_by: cause(5, 'entered stage work_in_progress'), intervals: [interval(5, 8), interval(20, 22)] },
  ], 22)).toEqual([[0, 2, 'counted'], [2, 5, 'paused'], [5, 8, 'counted'], [20, 22, 'open']]);
});

test('a clock that stands still does so until now, and one that has ended does not', () => {
  const started = cause(0, 'entered stage queued');
  expect(told([{ started_by: started, stopped_by: cause(1, 'entered stage waiting'), intervals: [interval(0, 1)] }], 3)).toEqual([[0, 1, 'counted'], [1, 3, 'paused']]);
  expect(told([{ started_by: started, stopped_by: cause(1, 'entered final stage resolved'), intervals: [interval(0, 1)] }], 3)).toEqual([[0, 1, 'counted']]);
});

test('a clock has been warm since its counted time reached the warning', () => {
  const spans = [{ started_by: cause(0, 'entered stage queued'), intervals: [interval(0, 2), interval(10, 13)] }];
  const since = (warning_seconds?: number) => warmSince({ elapsed_seconds: 18_000, spans, ...(warning_seconds === undefined ? {} : { warning_seconds }) });
  expect(since(3600)).toBe(3_600_000);
  expect(since(3 * 3600)).toBe(11 * 3_600_000);
  expect(since(6 * 3600)).toBeUndefined();
  expect(since()).toBeUndefined();
});
