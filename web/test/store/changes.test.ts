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
  body: string;
  stage: string;
  owner: string;
}

type Field = 'title' | 'body' | 'stage' | 'owner';

const tick = async (): Promise<void> => { for (let n = 0; n < 12; n++) await Promise.resolve(); };

/** A server that answers when it is told to, and does what has a key once. */
class Server {
  things = new Map<string, { thing: Thing; revision: number }>();
  done = new Map<string, Told<Thing>>();
  held: Array<{ change: Change<Thing>; revision: number | undefined; answer: (told: Told<Thing>) => void; fail: (why: Refusal) => void }> = [];
  sent: string[] = [];
  /** What outlives a reload, in the order in which it was kept. */
  kept = new Map<string, Change<Thing>>();
  /** Every state that was ever told, by id and revision. */
  history = new Map<string, Thing>();
  refused = new Set<string>();
  isSignedOut = false;
  waits: Array<() => void> = [];
  pages = 0;

  constructor(ids: string[]) {
    for (const id of ids) {
      this.things.set(id, { thing: { id, title: 'old', body: 'old', stage: 'open', owner: 'ada' }, revision: 1 });
      this.history.set(`${id} 1`, this.told(id).object);
    }
  }

  /** What a page has of it, until another page is opened. */
  get outside() {
    const page = ++this.pages;
    const isThere = (): boolean => page === this.pages;
    return {
      send: (change: Change<Thing>, revision: number | undefined) => new Promise<Told<Thing>>((answer, fail) => {
        if (!isThere()) return;
        this.sent.push(change.key);
        this.held.push({ change, revision, answer, fail });
      }),
      fetch: async (id: string) => this.told(id),
      keep: (change: Change<Thing>) => { if (isThere()) this.kept.set(change.key, change); },
      forget: (key: string) => { if (isThere()) this.kept.delete(key); },
      wait: () => new Promise<void>((done) => { if (isThere()) this.waits.push(done); }),
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
    this.history.set(`${id} ${held.revision}`, { ...held.thing });
  }

  /** Answers one of the calls that wait. */
  settle(at: number, how: 'answer' | 'refuse' | 'lose' | 'fail'): void {
    const [call] = this.held.splice(at % this.held.length, 1);
    if (!call) return;
    const { change, revision, answer, fail } = call;
    const key = `${change.key} ${revision ?? ''}`;
    const before = this.done.get(key);
    if (this.isSignedOut) return fail(new Refusal(401, 'token_expired', 'who'));
    if (how === 'fail') return fail(new Refusal(503, 'service_unavailable', 'later'));
    if (before) return answer(before);
    if (how === 'refuse') {
      this.refused.add(change.key);
      return fail(new Refusal(400, 'value_not_permitted', 'no'));
    }
    if (revision !== undefined && revision !== this.things.get(change.id)!.revision) {
      return fail(new Refusal(412, 'precondition_failed', 'changed'));
    }
    this.write(change.id, change.body as Partial<Thing>);
    const told = this.told(change.id);
    this.done.set(key, told);
    if (how === 'lose') fail(new Refusal(0, 'network', 'gone'));
    else answer(told);
  }

  goOn(): void {
    for (const wake of this.waits.splice(0)) wake();
  }
}

interface Page {
  things: Entities<Thing>;
  changes: Changes<Thing>;
  change: (id: string, field: Field, value: string, isGuarded?: boolean) => Change<Thing>;
}

let count = 0;

/** A page that was just opened: it has what the server tells, and sends what an earlier one could not. */
function open(server: Server, outside = server.outside): Page {
  const things = new Entities<Thing>();
  for (const id of server.things.keys()) things.put(server.told(id).object, server.told(id).revision);
  const changes = new Changes<Thing>(things, outside);
  void changes.begin([...server.kept.values()].map(({ inverse: _, ...change }) => change));
  return {
    things, changes,
    change: (id, field, value, isGuarded = false) => {
      const before = things.get(id)![field];
      return {
        key: `key-${count++}`, id, field, show: { [field]: value } as Partial<Thing>, body: { [field]: value },
        inverse: { show: { [field]: before } as Partial<Thing>, body: { [field]: before } },
        ...(isGuarded ? { words: { field, before, mine: value, revision: things.revision(id) } } : {}),
      };
    },
  };
}

function begun(ids: string[]): Page & { server: Server } {
  const server = new Server(ids);
  return { server, ...open(server) };
}

const IDS = ['a', 'b', 'c', 'd', 'e'];
const thing = fc.constantFrom(...IDS);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('change' as const), id: thing, field: fc.constantFrom<Field>('stage', 'owner'), value: fc.constantFrom('1', '2', '3') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('words' as const), id: fc.constantFrom('a', 'b'), field: fc.constantFrom<Field>('title', 'body'), value: fc.constantFrom('old one', 'two old', 'three') }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('settle' as const), at: fc.nat(9), how: fc.constantFrom('answer' as const, 'refuse' as const, 'lose' as const, 'fail' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('other' as const), id: fc.constantFrom('a', 'b'), field: fc.constantFrom<Field>('stage', 'title', 'body'), value: fc.constantFrom('x old', 'old y') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('event' as const), id: thing }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('decide' as const), id: fc.constantFrom('a', 'b'), isMine: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'undo' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wake' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const), arrives: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('token' as const), isGood: fc.boolean() }) },
);

/** Somebody decides about the first conflict of a thing: theirs, or mine on top of it. */
function decide({ changes, change }: Page, id: string, isMine: boolean): string | undefined {
  const [conflict] = changes.standing(id).conflicts;
  if (!conflict) return undefined;
  const { field, words } = conflict.change;
  const made = change(id, field as Field, words!.mine, true);
  const next = { ...made, words: { field, before: conflict.theirs, mine: words!.mine, revision: conflict.revision } };
  changes.resolve(conflict, isMine ? next : undefined);
  return isMine ? next.key : undefined;
}

describe('any order of changes, answers, refusals, lost answers, events, conflicts and reloads', () => {
  test('ends with what the server has, each change done once or known not to be, and no words gone', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const server = new Server(IDS);
      let page = open(server);
      /** The words that were written, and those of them about which somebody decided. */
      const written = new Map<string, string>();
      const decided = new Set<string>();
      for (const each of steps) {
        if (each.kind === 'change' || each.kind === 'words') {
          const made = page.change(each.id, each.field, each.value, each.kind === 'words');
          if (each.kind === 'words') {
            // Nobody writes before it is said which version counts.
            if (page.changes.standing(each.id).conflicts.some(({ change }) => change.field === each.field)) continue;
            written.set(made.key, `${each.id} ${each.field}`);
          }
          void page.changes.begin([made]);
          // It is shown at once, and outlives a reload.
          expect(page.things.get(each.id)![each.field]).toBe(each.value);
          expect(server.kept.has(made.key)).toBe(true);
        } else if (each.kind === 'settle' && server.held.length > 0) server.settle(each.at, each.how);
        else if (each.kind === 'other') server.write(each.id, { [each.field]: each.value });
        else if (each.kind === 'event') page.things.put(server.told(each.id).object, server.told(each.id).revision);
        else if (each.kind === 'decide') {
          const [conflict] = page.changes.standing(each.id).conflicts;
          const next = decide(page, each.id, each.isMine);
          if (conflict) decided.add(conflict.change.key);
          if (conflict && next !== undefined) written.set(next, `${each.id} ${conflict.change.field}`);
        } else if (each.kind === 'undo') void page.changes.undo(() => `key-${count++}`);
        else if (each.kind === 'token') {
          server.isSignedOut = !each.isGood;
          if (each.isGood) page.changes.wake();
        } else if (each.kind === 'reload') {
          // What the page before sent may still arrive; nobody listens to the answer.
          const { outside } = server;
          while (server.held.length > 0) server.settle(0, each.arrives ? 'lose' : 'fail');
          server.waits = [];
          await tick();
          page = open(server, outside);
        } else if (each.kind === 'wake') server.goOn();
        await tick();
        holds(server, page);
      }
      server.isSignedOut = false;
      page.changes.wake();
      await tick();
      while (server.held.length > 0 || server.waits.length > 0) {
        server.goOn();
        await tick();
        if (server.held.length > 0) server.settle(0, 'answer');
        await tick();
        holds(server, page);
      }
      // All words are stored, refused with a reason, or still there to decide about.
      const conflicts = new Map(IDS.flatMap((id) => page.changes.standing(id).conflicts.map((each) => [each.change.key, each] as const)));
      const kept = new Set<string>();
      for (const [key, place] of [...written].reverse()) {
        const isDone = [...server.done.keys()].some((each) => each.startsWith(`${key} `));
        const isKnown = isDone || server.refused.has(key) || conflicts.has(key) || decided.has(key);
        // Who wrote on while an answer was missing wrote on what they had written before.
        expect(isKnown || kept.has(place), key).toBe(true);
        kept.add(place);
      }
      for (const id of IDS) {
        while (page.changes.standing(id).conflicts.length > 0) decide(page, id, false);
        const told = server.told(id);
        page.things.put(told.object, told.revision);
        expect(page.things.get(id)).toEqual(told.object);
        expect(page.changes.standing(id).saving).toBe(0);
        expect(page.changes.standing(id).isWaiting).toBe(false);
      }
      expect(server.kept.size).toBe(0);
      expect(page.changes.waiting.get()).toBe(0);
    }), { numRuns: 400 });
  }, 20_000);
});

/** What is true at every moment. */
function holds(server: Server, { things, changes }: Page): void {
  expect(server.held.length).toBeLessThanOrEqual(4);
  const sending = server.held.map(({ change: { id } }) => id);
  expect(new Set(sending).size).toBe(sending.length);
  for (const id of IDS) {
    // Below what is not saved lies what the server told, and nothing looks saved that is not.
    expect(things.base(id)).toEqual(server.history.get(`${id} ${things.revision(id)}`));
    const { saving, conflicts } = changes.standing(id);
    if (saving === 0 && conflicts.length === 0) expect(things.get(id)).toEqual(things.base(id));
  }
}

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
  expect(server.things.get('a')).toEqual({ thing: { id: 'a', title: 'old', body: 'old', stage: '2', owner: 'ada' }, revision: 3 });
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
  const [conflict] = changes.standing('a').conflicts;
  expect(conflict).toMatchObject({ theirs: 'one two three', by: 'Jonas', merged: { text: 'one more two three', isClean: true }, revision: 2 });
  expect(things.get('a')!.title).toBe('one more two');
  expect(server.kept.size).toBe(1);

  const both = { ...change('a', 'title', 'one more two three', true) };
  changes.resolve(conflict!, both);
  await tick();
  server.settle(0, 'answer');
  await tick();
  expect(server.things.get('a')!.thing.title).toBe('one more two three');
  expect(changes.standing('a').conflicts).toEqual([]);
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

test('words are taken back where nobody wrote meanwhile, and else both versions are shown', async () => {
  const { server, changes, change } = begun(['a']);
  const write = async (value: string) => {
    const done = changes.begin([change('a', 'body', value, true)]);
    await tick();
    server.settle(0, 'answer');
    await done;
  };
  const back = async () => {
    const done = changes.undo(() => `key-${count++}`);
    await tick();
    server.settle(0, 'answer');
    await tick();
    return done;
  };
  await write('mine');
  expect(await back()).toEqual(['saved']);
  expect(server.things.get('a')!.thing.body).toBe('old');
  await write('mine again');
  server.write('a', { body: 'theirs' });
  expect(await back()).toEqual(['conflict']);
  expect(server.things.get('a')!.thing.body).toBe('theirs');
  expect(changes.standing('a').conflicts.map(({ theirs, change: { words } }) => [theirs, words!.mine])).toEqual([['theirs', 'old']]);
});

test('what was refused is not taken back', async () => {
  const { server, changes, change } = begun(['a']);
  const done = changes.begin([change('a', 'stage', '1')]);
  await tick();
  server.settle(0, 'refuse');
  expect(await done).toEqual(['refused']);
  expect(changes.undo(() => `key-${count++}`)).toBeUndefined();
});

describe('what was done beside changes', () => {
  const change = (key: string): Change<Thing> => ({
    key, id: 'a', field: 'owner', show: { owner: key }, body: { owner: key }, inverse: { show: { owner: 'ada' }, body: { owner: 'ada' } },
  });

  test('is taken back in its turn, and once', () => {
    const server = new Server(['a']);
    const things = new Entities<Thing>();
    things.put(server.told('a').object, 1);
    const changes = new Changes<Thing>(things, server.outside);
    let times = 0;
    void changes.begin([change('bob')]);
    const back = changes.remember(() => { times += 1; });
    void changes.begin([change('cyn')]);
    void changes.undo(() => 'first');
    expect([things.get('a')?.owner, times]).toEqual(['ada', 0]);
    void changes.undo(() => 'second');
    expect(times).toBe(1);
    back();
    expect(times).toBe(1);
    const other = changes.remember(() => { times += 1; });
    other();
    expect(times).toBe(2);
    expect(changes.undo(() => 'third')).toBeDefined();
    expect(changes.undo(() => 'fourth')).toBeUndefined();
  });

  test('is taken back although a change before it was refused', async () => {
    const { server, changes, change: begin } = begun(['a']);
    let times = 0;
    const done = changes.begin([begin('a', 'stage', '1')]);
    changes.remember(() => { times += 1; });
    await tick();
    server.settle(0, 'refuse');
    await done;
    void changes.undo(() => 'back');
    expect(times).toBe(1);
    expect(changes.undo(() => 'again')).toBeUndefined();
  });
});
