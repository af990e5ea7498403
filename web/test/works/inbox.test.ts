import { expect, test } from 'vitest';
import type { NotificationEvent } from '../../src/api/types.gen';
import { fieldName, held, newest, plain, reason, untils } from '../../src/works/inbox';

const names = new Map([['don:identity:x:devo/1:devu/1', 'Mei Tanaka']]);
const jonas = { type: 'dev_user' as const, id: 'j', display_name: 'Jonas Okafor', state: 'active' as const };
const event = (some: Partial<NotificationEvent>): NotificationEvent => ({ event_type: 'update', date: '2026-01-01T00:00:00Z', actor: jonas, ...some });

test('a text becomes one line without marks, and with names in place of ids', () => {
  expect(plain('## Look\n\n- **this** [here](https://x.example)\n> <don:identity:x:devo/1:devu/1>, `yes`?', names)).toBe('Look this here @Mei Tanaka, yes?');
  expect(plain('<don:identity:x:devo/1:devu/9> a_b_c 2 * 3', names)).toBe('@somebody a_b_c 2 * 3');
});

test('each kind of event says why it is here', () => {
  expect(reason(event({ body: 'Done?' }), names)).toEqual({ who: 'Jonas', text: 'wrote: Done?' });
  expect(reason(event({ fields: ['stage', 'target_close_date', 'tnt__root_cause'] }), names).text).toBe('changed stage, due, and root cause');
  expect(reason(event({ event_type: 'assignment' }), names).text).toBe('gave it to you');
  expect(reason(event({ event_type: 'mention', body: 'You?' }), names).text).toBe('mentioned you: You?');
  expect(reason({ event_type: 'alert', date: '', title: 'Disk is full', body: '98 %' }, names)).toEqual({ who: undefined, text: 'Disk is full: 98 %' });
  expect(reason(event({}), names).text).toBe('wrote or changed something');
});

test('fields are called as people call them', () => {
  expect(fieldName('owned_by')).toBe('owner');
  expect(fieldName('app_acme__root_cause')).toBe('root cause');
});

test('the newest event counts, in whatever order they come', () => {
  expect(newest({ events: [event({ date: '2026-01-01T00:00:00Z' }), event({ date: '2026-01-03T00:00:00Z', body: 'last' }), event({ date: '2026-01-02T00:00:00Z' })] })?.body).toBe('last');
  expect(newest({ events: [] })).toBeUndefined();
});

test('what can wait comes back later than now, and no two times are the same', () => {
  for (const day of [1, 2, 3, 4, 5, 6, 7, 8]) {
    for (const hour of [0, 8, 17, 18, 23]) {
      const now = new Date(2026, 5, day, hour, 30).getTime();
      const times = untils(now).map(({ at }) => at);
      expect(times.every((at) => at > now)).toBe(true);
      expect(new Set(times).size).toBe(times.length);
      const monday = untils(now).find(({ id }) => id === 'monday');
      if (monday) expect(new Date(monday.at).getDay()).toBe(1);
    }
  }
});

test('rows keep their place, and what comes meanwhile is counted', () => {
  expect(held([], ['c', 'b', 'a'])).toEqual({ rows: ['c', 'b', 'a'], fresh: [] });
  expect(held(['c', 'b', 'a'], ['d', 'a', 'c', 'b'])).toEqual({ rows: ['c', 'b', 'a'], fresh: ['d'] });
  expect(held(['c', 'b'], ['d', 'b'])).toEqual({ rows: ['b'], fresh: ['d'] });
  expect(held(['c'], ['d'])).toEqual({ rows: ['d'], fresh: [] });
});
