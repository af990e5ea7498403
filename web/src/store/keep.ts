// What outlives a reload: drafts, and changes that the server has not answered. Nothing else is
// written to the disk. Everything is named after the user, so that nobody finds another's words.

const NAME = 'worksmith';
const STORES = ['drafts', 'changes'] as const;
type StoreName = (typeof STORES)[number];

let opened: Promise<IDBDatabase | null> | undefined;

function database(): Promise<IDBDatabase | null> {
  opened ??= new Promise((done) => {
    if (!('indexedDB' in globalThis)) return done(null);
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => { for (const store of STORES) request.result.createObjectStore(store); };
    request.onsuccess = () => done(request.result);
    // A browser that keeps nothing, as in a private window, works all the same.
    request.onerror = () => done(null);
  });
  return opened;
}

async function write(store: StoreName, act: (store: IDBObjectStore) => void): Promise<void> {
  const db = await database();
  if (db) act(db.transaction(store, 'readwrite').objectStore(store));
}

const draftKey = (user: string, place: string): string => `${user} ${place}`;

function read<T>(request: IDBRequest<T>): Promise<T | undefined> {
  return new Promise((done) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(undefined);
  });
}

let count = 0;

/** Keeps a change in place of the draft that it was, both at once or neither. */
export function keepChange(user: string, key: string, change: unknown, draft?: string): void {
  const [at, nth] = [Date.now(), count++];
  void database().then((db) => {
    const all = db?.transaction([...STORES], 'readwrite');
    all?.objectStore('changes').put({ user, change, at, nth }, key);
    if (draft !== undefined) all?.objectStore('drafts').delete(draftKey(user, draft));
  });
}

export function forgetChange(key: string): void {
  void write('changes', (store) => store.delete(key));
}

/** The user's changes that have no answer yet, in the order in which they were made. */
export async function keptChanges(user: string): Promise<unknown[]> {
  const db = await database();
  if (!db) return [];
  const rows = await read(db.transaction('changes').objectStore('changes').getAll()) ?? [];
  return (rows as Array<{ user: string; change: unknown; at: number; nth: number }>)
    .filter((row) => row.user === user).sort((a, b) => a.at - b.at || a.nth - b.nth).map((row) => row.change);
}

export function keepDraft(user: string, place: string, text: string): void {
  void write('drafts', (store) => {
    if (text) store.put(text, draftKey(user, place));
    else store.delete(draftKey(user, place));
  });
}

export async function keptDraft(user: string, place: string): Promise<string> {
  const db = await database();
  if (!db) return '';
  return await read(db.transaction('drafts').objectStore('drafts').get(draftKey(user, place))) as string | undefined ?? '';
}
