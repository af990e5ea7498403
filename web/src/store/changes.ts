// The only way to change a work: a change lies over it at once, waits its turn, is sent, and is
// settled by the answer. Changes of one work are sent one after another, those of different works
// side by side.
//
// Choices are sent without a condition, so the last write of a field wins. Words are sent with the
// revision that their writer saw: if somebody else changed the same words meanwhile, both versions
// are shown, and neither is lost.
import type { Refusal } from '../api/errors';
import type { Entities } from './entities';
import { merge, type Merged } from './merge';
import { Signal } from './signal';

/** The members of a works.update, without the id. */
export type Members = Record<string, unknown>;

/** The words that an object has in a field: in a member, or in one of `custom_fields`. */
export function wordsOf(object: object, field: string): string {
  const found = field.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], object);
  return String(found ?? '');
}

/** The field whose words a change replaces, and what its writer saw. */
export interface Words {
  field: string;
  before: string;
  mine: string;
  revision: number | undefined;
}

export interface Change<T> {
  /** Unique; the server does what has this key once. */
  readonly key: string;
  readonly id: string;
  /** The field that it is about, where a refusal is shown. */
  readonly field: string;
  readonly show: Partial<T>;
  readonly body: Members;
  readonly words?: Words;
  /** What takes it back. */
  readonly inverse?: { show: Partial<T>; body: Members };
}

/** The same words were changed by somebody else. */
export interface Conflict<T> {
  change: Change<T>;
  theirs: string;
  by: string;
  merged: Merged;
  revision: number;
}

/** A change that the server did not accept. */
export interface Refused<T> {
  change: Change<T>;
  refusal: Refusal;
}

/** What is not settled about a work. */
export interface Standing<T> {
  saving: number;
  /** Whether a change waits for the server to answer again. */
  isWaiting: boolean;
  refused: readonly Refused<T>[];
  conflicts: readonly Conflict<T>[];
}

export type Outcome = 'saved' | 'refused' | 'conflict' | 'dropped';

export interface Told<T> {
  object: T;
  revision: number;
}

/** What changes need of the outside. */
export interface Outside<T> {
  send(change: Change<T>, revision: number | undefined): Promise<Told<T>>;
  fetch(id: string): Promise<Told<T>>;
  /** Outlives a reload. */
  keep(change: Change<T>): void;
  forget(key: string): void;
  wait(ms: number): Promise<void>;
  asRefusal(error: unknown): Refusal;
  nameOfLast(object: T): string;
}

/** Of the six connections that HTTP/1.1 gives, one holds the feed and one stays free. */
const AT_ONCE = 4;
const RETRY_MAX_MS = 30_000;
const UNDO_MAX = 100;

const QUIET: Standing<never> = { saving: 0, isWaiting: false, refused: [], conflicts: [] };

interface Queued<T> {
  change: Change<T>;
  done: (outcome: Outcome) => void;
}

export class Changes<T extends { id: string; display_id?: string }> {
  /** How many changes wait for the server to answer again. */
  readonly waiting = new Signal(0);
  /** The refusals since the last look, for whom the field is out of sight. */
  readonly lastRefused = new Signal<Refused<T> | null>(null);
  #queues = new Map<string, Queued<T>[]>();
  #running = new Set<string>();
  #ready: string[] = [];
  #standings = new Map<string, Standing<T>>();
  #listeners = new Map<string, Set<() => void>>();
  #undo: Array<Change<T>[] | (() => void)> = [];
  #wake: Array<() => void> = [];
  #open = new Set<string>();

  constructor(private readonly entities: Entities<T>, private readonly outside: Outside<T>) {}

  /** Begins changes that belong together. The promise tells how each of them ended. */
  begin(changes: readonly Change<T>[]): Promise<Outcome[]> {
    const undoable = changes.filter((change) => change.inverse);
    if (undoable.length > 0) this.#undo = [...this.#undo, undoable].slice(-UNDO_MAX);
    return Promise.all(changes.map((change) => this.#add(change)));
  }

  /** Something else was done, which this takes back. The answer takes it back, too, unless that has been done. */
  remember(back: () => void): () => void {
    this.#undo = [...this.#undo, back].slice(-UNDO_MAX);
    return () => {
      if (!this.#undo.includes(back)) return;
      this.#undo = this.#undo.filter((each) => each !== back);
      back();
    };
  }

  /** Takes back what was done last: changes are changes again. Words are, once it is known what became of them. */
  undo(newKey: () => string): Promise<Outcome[]> | undefined {
    const last = this.#undo.at(-1);
    const isOpen = ({ key, id, field, words }: Change<T>): boolean =>
      words !== undefined && (this.isOpen(key) || this.standing(id).conflicts.some(({ change }) => change.field === field));
    if (!last || (Array.isArray(last) && last.some(isOpen))) return undefined;
    this.#undo = this.#undo.slice(0, -1);
    if (!Array.isArray(last)) {
      last();
      return Promise.resolve([]);
    }
    const back = last.flatMap((change) => {
      const { inverse, id, field, words } = change;
      if (!inverse) return [];
      const turned = words && { field: words.field, before: words.mine, mine: words.before, revision: words.revision };
      return [{ key: newKey(), id, field, show: inverse.show, body: inverse.body, ...(turned ? { words: turned } : {}) }];
    });
    return Promise.all(back.map((change) => this.#add(change)));
  }

  /** Whether a change has no answer yet. */
  isOpen(key: string): boolean {
    return this.#open.has(key);
  }

  standing(id: string): Standing<T> {
    return this.#standings.get(id) ?? QUIET;
  }

  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    listeners.add(listener);
    return () => { listeners.delete(listener); };
  }

  /** What was refused was seen. */
  dismiss(id: string, field: string): void {
    this.#stand(id, (now) => ({ ...now, refused: now.refused.filter(({ change }) => change.field !== field) }));
  }

  /** Ends a conflict with a change, or without one if the words of the others stay. */
  resolve(conflict: Conflict<T>, change: Change<T> | undefined): void {
    this.#drop(conflict);
    if (change) void this.begin([change]);
  }

  /** The server answers again: nothing waits any longer. */
  wake(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  #add(change: Change<T>): Promise<Outcome> {
    return new Promise((done) => {
      this.#open.add(change.key);
      this.entities.lay(change);
      this.outside.keep(change);
      const queue = this.#queues.get(change.id) ?? [];
      this.#queues.set(change.id, queue);
      queue.push({ change, done });
      this.#stand(change.id, (now) => ({
        ...now,
        saving: now.saving + 1,
        refused: now.refused.filter((each) => each.change.field !== change.field),
      }));
      if (queue.length === 1) this.#ready.push(change.id);
      this.#start();
    });
  }

  #start(): void {
    while (this.#running.size < AT_ONCE) {
      const id = this.#ready.shift();
      if (id === undefined) return;
      this.#running.add(id);
      void this.#run(id);
    }
  }

  async #run(id: string): Promise<void> {
    const queue = this.#queues.get(id);
    const next = queue?.[0];
    if (queue && next) {
      const outcome = await this.#settle(next.change);
      queue.shift();
      if (outcome !== 'saved') this.#forget(next.change);
      if (queue.length === 0) this.#queues.delete(id);
      this.#stand(id, (now) => ({ ...now, saving: now.saving - 1 }));
      next.done(outcome);
    }
    this.#running.delete(id);
    if (queue && queue.length > 0) this.#ready.push(id);
    this.#start();
  }

  /** Sends a change until the server has decided about it. */
  async #settle(change: Change<T>): Promise<Outcome> {
    let revision = this.#seen(change);
    for (let tries = 0; ;) {
      try {
        const told = await this.outside.send(change, revision);
        this.entities.put(told.object, told.revision);
        this.#end(change);
        return 'saved';
      } catch (error) {
        const refusal = this.outside.asRefusal(error);
        if (refusal.isSignedOut) {
          await this.#pause(change.id, undefined);
        } else if (refusal.isTemporary) {
          await this.#pause(change.id, refusal.retryAfterMs ?? Math.min(500 * 2 ** tries++, RETRY_MAX_MS));
        } else if (refusal.status === 412 && change.words) {
          const seen = await this.#compare(change, change.words);
          if (seen === 'conflict') return 'conflict';
          if (seen !== undefined) revision = seen;
        } else {
          this.#end(change);
          if (refusal.status === 404) this.entities.remove(change.id);
          const refused = { change, refusal };
          this.#stand(change.id, (now) => ({ ...now, refused: [...now.refused, refused] }));
          this.lastRefused.set(refused);
          return 'refused';
        }
      }
    }
  }

  /** The revision to write words on: the newest that has what their writer saw. */
  #seen({ id, words }: Change<T>): number | undefined {
    if (!words) return undefined;
    const known = this.entities.base(id);
    return known && wordsOf(known, words.field) === words.before ? this.entities.revision(id) : words.revision;
  }

  /** Whether the words are still those that the writer saw: then the revision to write on. */
  async #compare(change: Change<T>, words: Words): Promise<number | 'conflict' | undefined> {
    let told: Told<T>;
    try {
      told = await this.outside.fetch(change.id);
    } catch {
      // The next try tells what is wrong.
      return undefined;
    }
    this.entities.put(told.object, told.revision);
    const theirs = wordsOf(told.object, words.field);
    if (theirs === words.before || theirs === words.mine) return told.revision;
    const conflict = {
      change,
      theirs,
      by: this.outside.nameOfLast(told.object),
      merged: merge(words.before, words.mine, theirs),
      revision: told.revision,
    };
    // Who wrote again wrote on what they had written before.
    for (const earlier of this.standing(change.id).conflicts) if (earlier.change.field === change.field) this.#drop(earlier);
    this.#stand(change.id, (now) => ({ ...now, conflicts: [...now.conflicts, conflict] }));
    return 'conflict';
  }

  /** What was not done is not taken back. */
  #forget(change: Change<T>): void {
    this.#undo = this.#undo
      .map((each) => (Array.isArray(each) ? each.filter((one) => one !== change) : each))
      .filter((each) => !Array.isArray(each) || each.length > 0);
  }

  #drop(conflict: Conflict<T>): void {
    this.#end(conflict.change);
    this.#stand(conflict.change.id, (now) => ({ ...now, conflicts: now.conflicts.filter((each) => each !== conflict) }));
  }

  #end(change: Change<T>): void {
    this.#open.delete(change.key);
    this.entities.lift(change);
    this.outside.forget(change.key);
  }

  /** Waits for so long, or until it is woken. */
  async #pause(id: string, ms: number | undefined): Promise<void> {
    this.waiting.update((count) => count + 1);
    this.#stand(id, (now) => ({ ...now, isWaiting: true }));
    const woken = new Promise<void>((wake) => this.#wake.push(wake));
    await (ms === undefined ? woken : Promise.race([this.outside.wait(ms), woken]));
    this.waiting.update((count) => count - 1);
    this.#stand(id, (now) => ({ ...now, isWaiting: false }));
  }

  #stand(id: string, change: (now: Standing<T>) => Standing<T>): void {
    const next = change(this.standing(id));
    const isQuiet = next.saving === 0 && next.refused.length === 0 && next.conflicts.length === 0 && !next.isWaiting;
    if (isQuiet) this.#standings.delete(id);
    else this.#standings.set(id, next);
    for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}
