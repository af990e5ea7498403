import { expect, test } from 'vitest';
import type { Sla, SlaPolicy } from '../../src/api/types.gen';
import { asSet, customersOf, forWhom, isFor, minutesText, policyFor, readMinutes, slaFor } from '../../src/works/promise';

const tag = { id: 'don:core:dvrv-us-1:devo/1:tag/4', name: 'customer-impact' };
const metric = { id: 'don:core:dvrv-us-1:devo/1:metric_definition/1', name: 'First response time' };
const urgent: SlaPolicy = {
  name: 'Gold, urgent', selector: { applies_to: 'ticket', severity: ['blocker', 'high'], tags: [tag] },
  metrics: [{ metric, target: 60, warning_target: 45 }],
};
const any: SlaPolicy = { name: 'Gold', selector: { applies_to: 'ticket' }, metrics: [{ metric, target: 240 }] };
const blockers: SlaPolicy = { ...any, name: 'Blockers', selector: { applies_to: 'ticket', severity: ['blocker'], tags: [] } };

test('how long is read as it is written', () => {
  for (const minutes of [1, 45, 60, 90, 240, 605, 2880]) expect(readMinutes(minutesText(minutes))).toBe(minutes);
  expect(['4', '1:30', '2 days', '0.5 h', '45m', '1,5h'].map(readMinutes)).toEqual([240, 90, 2880, 30, 45, 90]);
  expect(['', 'soon', '0', '1:75', '-3 h', '1.001 h'].map(readMinutes)).toEqual(Array.from({ length: 6 }, () => undefined));
});

test('a policy says for what it is', () => {
  expect(forWhom(urgent.selector)).toBe('Ticket, severity Blocker or High, tag customer-impact');
  expect(forWhom(any.selector)).toBe('Ticket, any');
});

test('the first policy that fits holds, and one that looks at more does not fit', () => {
  const named = (policies: SlaPolicy[], severity: 'blocker' | 'high', tagged?: string) => policyFor(policies, 'ticket', severity, tagged)?.name;
  expect(named([urgent, blockers, any], 'blocker')).toBe('Blockers');
  expect(named([urgent, blockers, any], 'high')).toBe('Gold');
  expect(named([urgent, blockers, any], 'high', tag.id)).toBe('Gold, urgent');
  expect(named([urgent], 'high')).toBeUndefined();
  expect(policyFor([any], 'issue', 'high')).toBeUndefined();
});

test('a customer has the oldest SLA for its tier, else the oldest for all', () => {
  const sla = (name: string, created_date: string, some: Partial<Sla> = {}): Sla =>
    ({ id: name, name, created_date, status: 'published', sla_type: 'external', applies_to: ['ticket'], policies: [], ...some }) as Sla;
  const all = sla('all', '2026-01-01'), gold = sla('gold', '2026-03-01', { account_filter: { tier: ['gold'] } });
  const newer = sla('newer', '2026-05-01', { account_filter: { tier: ['gold', 'silver'] } });
  const slas = [newer, gold, all, sla('draft', '2025-01-01', { status: 'draft' })];
  const named = (tier?: string) => { const found = slaFor(slas, tier ? { tier } : {}); return found === 'none' ? found : found?.name; };
  expect([named('gold'), named('silver'), named('bronze'), named()]).toEqual(['gold', 'newer', 'all', 'all']);
  expect(slaFor([gold], { tier: 'bronze' })).toBe('none');
  expect(slaFor([all, sla('odd', '2026-02-01', { account_filter: { domains: ['x.example'] } })], {})).toBeUndefined();
  expect([isFor(gold, { tier: 'gold' }), isFor(gold, {}), isFor(all, {})]).toEqual([true, false, true]);
});

test('a policy is written as it was read', () => {
  expect(asSet(urgent)).toEqual({
    name: 'Gold, urgent', selector: { applies_to: 'ticket', severity: ['blocker', 'high'], tags: [tag.id] },
    metrics: [{ metric: metric.id, target: 60, warning_target: 45 }],
  });
});

test('an SLA says for whom it is', () => {
  const sla = { sla_type: 'external', account_filter: {} } as Sla;
  expect(customersOf(sla)).toBe('For every customer that no other SLA is for');
  expect(customersOf({ ...sla, account_filter: { tier: ['gold', 'silver'] } })).toBe('For customers of tier gold or silver');
});
