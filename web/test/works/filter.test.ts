import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FILTER_NAMES, GROUPS, LAYOUTS, OPEN_WORK, SORTS, ask, exact, fits, format, isWithin, parse, shortSprint, within, type Filters, type View } from '../../src/works/filter';
import type { Work } from '../../src/works/work';

const names = { me: 'don:me', org: 'don:identity:dvrv-us-1:devo/abc' };
const value = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'B', '1', '-', '.', '&', '=', 'é', '%', ' ', '+') })
  .map((text) => text.trim()).filter((text) => text !== '');
const filters = fc.dictionary(fc.constantFrom(...FILTER_NAMES), fc.uniqueArray(value, { minLength: 1, maxLength: 3 })) as fc.Arbitrary<Filters>;
const view: fc.Arbitrary<View> = fc.record({
  filters: filters.map((some) => ({ ...some })), sort: fc.constantFrom(...SORTS), group: fc.constantFrom(...GROUPS), layout: fc.constantFrom(...LAYOUTS),
});

test('an address stands for the view that it was made of', () => {
  fc.assert(fc.property(view, (shown) => { expect(parse(format(shown))).toEqual(shown); }));
});

test('any address is a view, and its own address is stable', () => {
  fc.assert(fc.property(fc.string(), (search) => {
    const query = format(parse(search));
    expect(format(parse(query))).toBe(query);
  }));
});

test('the address of open work is empty', () => {
  expect(format(OPEN_WORK)).toBe('');
  expect(parse('open=ISS-1')).toEqual(OPEN_WORK);
});

test('a view becomes a filter of works.list', () => {
  expect(ask(parse('kind=issue,ticket&owner=me&stage=triage&urgency=p0,p1').filters, names))
    .toEqual({ type: ['issue'], state: ['open', 'in_progress'], stage: { name: ['triage'] }, owned_by: ['don:me'], issue: { priority: ['p0', 'p1'] } });
  expect(ask(parse('urgency=p0,blocker').filters, names))
    .toEqual({ type: ['issue', 'ticket'], state: ['open', 'in_progress'], issue: { priority: ['p0'] }, ticket: { severity: ['blocker'] } });
  expect(ask(parse('kind=issue,ticket&customer=ACC-1').filters, names))
    .toEqual({ type: ['ticket'], state: ['open', 'in_progress'], ticket: { account: ['ACC-1'] } });
  expect(ask(parse('kind=task&customer=ACC-1').filters, names)).toBeNull();
});

test('a saved view is asked for by its id', () => {
  expect(ask(parse('kind=&state=&vista=VISTA-3').filters, names)).toEqual({ type: ['issue', 'ticket', 'task', 'opportunity'], vista: 'VISTA-3' });
});

test('a sprint in an address is that of the org', () => {
  const id = 'don:core:dvrv-us-1:devo/abc:vista/1:vista_group_item/2';
  expect(shortSprint(id)).toBe('1.2');
  expect(ask({ kind: ['issue'], sprint: ['1.2'] }, names)).toEqual({ type: ['issue'], issue: { sprint: [id] } });
});

test('a work fits what the server would list', () => {
  const work = {
    type: 'issue', id: 'don:1', display_id: 'ISS-1', title: 'x', state: 'open', stage: { name: 'triage' }, priority: 'p1',
    owned_by: [{ type: 'dev_user', id: 'don:me', display_id: 'DEVU-1' }],
  } as unknown as Work;
  expect(fits(work, parse('').filters, names)).toBe(true);
  expect(fits(work, parse('owner=me').filters, names)).toBe(true);
  expect(fits(work, parse('owner=DEVU-1').filters, names)).toBe(true);
  expect(fits(work, parse('owner=DEVU-2').filters, names)).toBe(false);
  expect(fits(work, parse('urgency=p0').filters, names)).toBe(false);
  expect(fits(work, parse('kind=ticket').filters, names)).toBe(false);
});

test('a part can be meant with all below it, and the address stays as short', () => {
  const below = new Map([['PROD-1..', ['PROD-1', 'don:capl', 'don:feat']]]);
  const { filters } = parse('kind=issue&part=PROD-1..,ENH-1');
  expect(format({ ...OPEN_WORK, filters })).toBe('kind=issue&part=PROD-1..,ENH-1');
  expect(ask(filters, { ...names, below })?.applies_to_part).toEqual(['PROD-1', 'don:capl', 'don:feat', 'ENH-1']);
  // Before that is known, it is the part itself.
  expect(ask(filters, names)?.applies_to_part).toEqual(['PROD-1', 'ENH-1']);
  const about = (id: string) => ({ type: 'issue', id: 'w', state: 'open', owned_by: [], applies_to_part: { id, display_id: id } }) as unknown as Work;
  expect([fits(about('don:feat'), filters, { ...names, below }), fits(about('don:other'), filters, { ...names, below })]).toEqual([true, false]);
  expect([within('PROD-1'), within('PROD-1..'), exact('PROD-1..'), isWithin('PROD-1')]).toEqual(['PROD-1..', 'PROD-1..', 'PROD-1', false]);
});
