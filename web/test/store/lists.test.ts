// Pages of one list from both ends, beside what the server has.
import { expect, test, vi } from 'vitest';
import { WorkList } from '../../src/store/lists';
import { OPEN_WORK } from '../../src/works/filter';

const COUNT = 1000;
const all = Array.from({ length: COUNT }, (_, at) => ({ id: `w${at}`, type: 'issue', title: `${at}`, owned_by: [], stage: { name: 'queued' } }));
const asked: Array<{ mode?: string; cursor?: string }> = [];
let isBroken = false;

vi.mock('../../src/api/call', () => ({
  uniqueKey: () => 'k',
  onSignedOut: () => undefined,
  call: async (op: string, body: { limit: number; cursor?: string; mode?: string }) => {
    if (op === 'works.count') return { count: COUNT };
    asked.push(body);
    if (isBroken) throw new Error('not today');
    const isBefore = body.mode === 'before';
    const end = isBefore ? Number(body.cursor ?? COUNT) : Math.min(COUNT, Number(body.cursor ?? 0) + body.limit);
    const from = isBefore ? Math.max(0, end - body.limit) : Number(body.cursor ?? 0);
    return {
      works: all.slice(from, end), revisions: [],
      ...(end < COUNT ? { next_cursor: `${end}` } : {}), ...(from > 0 ? { prev_cursor: `${from}` } : {}),
    };
  },
}));

const ids = (from: number, to: number): string[] => all.slice(from, to).map(({ id }) => id);

async function open(): Promise<WorkList> {
  asked.length = 0;
  const list = new WorkList({ ...OPEN_WORK, group: 'none' }, { me: '', org: '' });
  await list.refresh();
  return list;
}

const group = (list: WorkList) => {
  const [only] = list.state.get().groups;
  if (!only) throw new Error('there is no group');
  return only;
};

test('the end is one call away, and what is between comes from either side', async () => {
  const list = await open();
  expect(group(list).ids).toEqual(ids(0, 50));
  await list.moreBefore('');
  expect(asked.length).toBe(2);
  expect(group(list)).toMatchObject({ ids: ids(0, 50), tail: ids(900, 1000), state: 'idle' });
  // Nothing was below it.
  expect(list.state.get().isAbove).toBe(false);
  await list.moreBefore('');
  expect(group(list).tail).toEqual(ids(800, 1000));
  expect(list.state.get().isAbove).toBe(true);
  await list.more('');
  expect(group(list).ids).toEqual(ids(0, 150));
  expect(list.state.get().isAbove).toBe(false);
  while (group(list).state !== 'done') await list.moreBefore('');
  expect(group(list)).toMatchObject({ ids: ids(0, COUNT), tail: [], next: undefined, before: undefined });
});

test('from the beginning alone it meets the tail', async () => {
  const list = await open();
  await list.moreBefore('');
  while (group(list).state !== 'done') await list.more('');
  expect(group(list).ids).toEqual(ids(0, COUNT));
  expect(asked.length).toBeLessThan(13);
});

test('what failed can be asked for again', async () => {
  const list = await open();
  isBroken = true;
  await list.moreBefore('');
  expect(group(list)).toMatchObject({ ids: ids(0, 50), tail: [], state: 'failed' });
  isBroken = false;
  await list.moreBefore('');
  expect(group(list)).toMatchObject({ tail: ids(900, 1000), state: 'idle' });
});

test('both ends are still there after it was asked for again', async () => {
  const list = await open();
  await list.moreBefore('');
  await list.refresh();
  expect(group(list)).toMatchObject({ ids: ids(0, 50), tail: ids(900, 1000), state: 'idle' });
});

test('what comes while it is asked for again stays', async () => {
  const list = await open();
  const again = list.refresh();
  await list.moreBefore('');
  await list.more('');
  await again;
  expect(group(list)).toMatchObject({ ids: ids(0, 150), tail: ids(900, 1000), state: 'idle' });
});
