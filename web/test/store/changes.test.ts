// Random orders of changes, answers, refusals, lost answers and changes of others, beside a model:
// what a server would hold that did each accepted change once, in the order of the sends.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../src/api/errors';
import { Changes, type Change, type Told } from '../../src/store/changes';
import { Entities } from '../../src/store/entities';

interface Thing {
  id: string;
  title: string;
  stage: string;
  owner: string;
}

type Field = 'title' | 'stage' | 'owner';

const tick = async (): Promise<void> => { for (let n = 0; n < 12; n++) await Promise.resolve(); };

/** A server that answers when it is told to, and does what has a key once. */
class Server {
  things = new Map<string, { thing: Thing; revision: number }>();
  done = new Map<string, Told<Thing>>();
  held: Array<{ change: Change<Thing>; revision: number | undefined; answer: (told: Told<Thing>) => void; fail: (why: Refusal) => void }> = [];
  sent: string[] = [];
  kept = new Set<string>();
  waits: Array<() => void> = [];

  constructor(ids: string[]) {
    for (const id of ids) this.things.set(id, { thing: { id, title: 'old', stage: 'open', owner: 'ada' }, revision: 1 });
  }

  get outside() {
    return {
      send: (change: Change<Thing>, revision: number | undefined) => new Promise<Told<Thing>>((answer, fail) => {
        this.sent.push(change.key);
        this.held.push({ change, revision, answer, fail });
      }),
      fetch: async (id: string) => this.told(id),
      keep: (change: Change<Thing>) => { this.kept.add(change.key); },
      forget: (key: string) => { this.kept.delete(key); },
      wait: () => new Promise<void>((done) => { this.waits.push(done); }),
      asRefusal: (error: unknown) => error as Refusal,
      nameOfLast: () => 'Jonas',
    };
  }

  told(id: string): Told<Thing> {
    const { thing, revision } = this.things.get(id)!;
    return { object: { ...thing }, revision };
  }

  /** Somebody else's change. */
  write(id: string, some: Partial<Thing>): void {
    const held = this.things.get(id)!;
    held.thing = { ...held.thing, ...some };
    held.revision += 1;
  }

  /** Answers one of the calls that wait. */
  settle(at: number, how: 'answer' | 'refuse' | 'lose' | 'fail'): void {
    const [call] = this.held.splice(at % this.held.length, 1);
    if (!call) return;
    const { change, revision, answer, fail } = call;
    const before = this.done.get(change.key);
    if (how === 'fail') return fail(new Refusal(503, 'service_unavailable', 'later'));
    if (before) return answer(before);
    if (how === 'refuse') return fail(new Refusal(400, 'value_not_permitted', 'no'));
    if (revision !== undefined && revision !== this.things.get(change.id)!.revision) {
      return fail(new Refusal(412, 'precondition_failed', 'changed'));
    }
    this.write(change.id, change.body as Partial<Thing>);
    const told = this.told(change.id);
    this.done.set(change.key, told);
    if (how === 'lose') fail(new Refusal(0, 'network', 'gone'));
    else answer(told);
  }

  goOn(): void {
    for (const wake of this.waits.splice(0)) wake();
  }
}

function begun(ids: string[]) {
  const server = new Server(ids);
  const things = new Entities<Thing>();
  for (const id of ids) things.put(server.told(id).object, 1);
  const changes = new Changes<Thing>(things, server.outside);
  let count = 0;
  const change = (id: string, field: Field, value: string, isGuarded = false): Change<Thing> => ({
    key: `key-${count++}`, id, field, show: { [field]: value } as Partial<Thing>, body: { [field]: value },
    inverse: { show: { [field]: things.get(id)![field] } as Partial<Thing>, body: { [field]: things.get(id)![field] } },
    ...(isGuarded ? { words: { field, before: things.base(id)![field], mine: value, revision: things.revision(id) } } : {}),
  });
  return { server, things, changes, change };
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), field: fc.constantFrom<Field>('stage', 'owner'), value: fc.constantFrom('1', '2', '3') }),
  fc.record({ kind: fc.constant('settle' as const), at: fc.nat(9), how: fc.constantFrom('answer' as const, 'refuse' as const, 'lose' as const, 'fail' as const) }),
  fc.record({ kind: fc.constant('other' as const), id: fc.constantFrom('a', 'b'), field: fc.constantFrom<Field>('stage', 'title'), value: fc.constantFrom('x', 'y') }),
  fc.record({ kind: fc.constant('event' as const), id: fc.constantFrom('a', 'b', 'c') }),
  fc.constant({ kind: 'wake' as const }),
);

describe('any order of changes, answers and events', () => {
  test('ends with what the server has, and nothing is left over', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { server, things, changes, change } = begun(['a', 'b', 'c', 'd', 'e']);
      const outcomes: Array<Promise<unknown>> = [];
      for (const each of steps) {
        if (each.kind === 'change') {
          outcomes.push(changes.begin([change(each.id, each.field, each.value)]));
          // It is shown at once.
          expect(things.get(each.id)![each.field]).toBe(each.value);
        } else if (each.kind === 'settle' && server.held.length > 0) server.settle(each.at, each.how);
        else if (each.kind === 'other') server.write(each.id, { [each.field]: each.value });
        else if (each.kind === 'event') {
          const told = server.told(each.id);
          things.put(told.object, told.revision);
        } else server.goOn();
        await tick();
        expect(server.held.length).toBeLessThanOrEqual(4);
        const sending = server.held.map(({ change: { id } }) => id);
        expect(new Set(sending).size).toBe(sending.length);
      }
      while (server.held.length > 0 || server.waits.length > 0) {
        server.goOn();
        await tick();
        if (server.held.length > 0) server.settle(0, 'answer');
        await tick();
      }
      await Promise.all(outcomes);
      for (const id of server.things.keys()) {
        const told = server.told(id);
        things.put(told.object, told.revision);
        expect(things.get(id)).toEqual(told.object);
        expect(changes.standing(id).saving).toBe(0);
        expect(changes.standing(id).isWaiting).toBe(false);
      }
      expect(server.kept.size).toBe(0);
      expect(changes.waiting.get()).toBe(0);
    }), { numRuns: 300 });
  });
});

test('changes of one object are sent in their order, each once however often an answer is lost', async () => {
  const { server, changes, change } = begun(['a']);
  const [one, two] = [change('a', 'stage', '1'), change('a', 'stage', '2')];
  const done = changes.begin([one, two]);
  await tick();
  expect(server.sent).toEqual([one.key]);
  server.settle(0, 'lose');
  await tick();
  server.goOn();
  await tick();
  server.settle(0, 'answer');
  await tick();
  server.settle(0, 'answer');
  expect(await done).toEqual(['saved', 'saved']);
  expect(server.sent).toEqual([one.key, one.key, two.key]);
  expect(server.things.get('a')).toEqual({ thing: { id: 'a', title: 'old', stage: '2', owner: 'ada' }, revision: 3 });
});

test('a refusal takes back only its own change', async () => {
  const { server, things, changes, change } = begun(['a']);
  const done = changes.begin([change('a', 'stage', 'bad'), change('a', 'owner', 'grace')]);
  await tick();
  server.settle(0, 'refuse');
  await tick();
  expect(things.get('a')).toMatchObject({ stage: 'open', owner: 'grace' });
  expect(changes.standing('a').refused.map(({ change: { field } }) => field)).toEqual(['stage']);
  server.settle(0, 'answer');
  expect(await done).toEqual(['refused', 'saved']);
  changes.dismiss('a', 'stage');
  expect(changes.standing('a').refused).toEqual([]);
});

test('words that nobody else touched are sent again on the newer revision, without a question', async () => {
  const { server, things, changes, change } = begun(['a']);
  const done = changes.begin([change('a', 'title', 'mine', true)]);
  server.write('a', { stage: 'closed' });
  await tick();
  server.settle(0, 'answer');
  await tick();
  expect(server.held[0]?.revision).toBe(2);
  server.settle(0, 'answer');
  expect(await done).toEqual(['saved']);
  expect(things.get('a')).toMatchObject({ title: 'mine', stage: 'closed' });
});

test('the same words of two people are both kept until somebody decides', async () => {
  const { server, things, changes, change } = begun(['a']);
  server.things.get('a')!.thing.title = 'one two';
  things.put(server.told('a').object, 1);
  const done = changes.begin([change('a', 'title', 'one more two', true)]);
  server.write('a', { title: 'one two three' });
  await tick();
  server.settle(0, 'answer');
  expect(await done).toEqual(['conflict']);
  const { conflict } = changes.standing('a');
  expect(conflict).toMatchObject({ theirs: 'one two three', by: 'Jonas', merged: { text: 'one more two three', isClean: true }, revision: 2 });
  expect(things.get('a')!.title).toBe('one more two');
  expect(server.kept.size).toBe(1);

  const both = { ...change('a', 'title', 'one more two three', true) };
  changes.resolve('a', 'one more two three', both);
  await tick();
  server.settle(0, 'answer');
  await tick();
  expect(server.things.get('a')!.thing.title).toBe('one more two three');
  expect(changes.standing('a').conflict).toBeUndefined();
  expect(server.kept.size).toBe(0);
});

test('while the server does not answer, a change waits and is seen to; it is sent at once when told to', async () => {
  const { server, changes, change } = begun(['a']);
  void changes.begin([change('a', 'stage', '1')]);
  await tick();
  server.settle(0, 'fail');
  await tick();
  expect(changes.standing('a').isWaiting).toBe(true);
  expect(changes.waiting.get()).toBe(1);
  changes.wake();
  await tick();
  expect(server.sent.length).toBe(2);
});

test('undo sends what was there before', async () => {
  const { server, things, changes, change } = begun(['a']);
  void changes.begin([change('a', 'stage', '1')]);
  await tick();
  server.settle(0, 'answer');
  await tick();
  void changes.undo(() => 'back');
  expect(things.get('a')!.stage).toBe('open');
  await tick();
  server.settle(0, 'answer');
  await tick();
  expect(server.things.get('a')!.thing.stage).toBe('open');
  expect(changes.undo(() => 'again')).toBeUndefined();
});
