// How components read what is held; each is told only of what it shows.
import { useCallback, useSyncExternalStore } from 'react';
import type { Names } from '../works/filter';
import type { Work } from '../works/work';
import type { Standing } from './changes';
import type { Selection } from './selection';
import type { Signal } from './signal';
import { session } from './session';
import { changes, works } from './works';

export function useSignal<T>(signal: Signal<T>): T {
  return useSyncExternalStore(signal.subscribe, signal.get);
}

export function useWork(id: string): Work | undefined {
  const subscribe = useCallback((listener: () => void) => works.subscribe(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => works.get(id));
}

export function useIsGone(id: string): boolean {
  const subscribe = useCallback((listener: () => void) => works.subscribe(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => works.isGone(id));
}

export function useStanding(id: string): Standing<Work> {
  const subscribe = useCallback((listener: () => void) => changes.subscribe(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => changes.standing(id));
}

export function useRowState(selection: Selection, id: string): number {
  const subscribe = useCallback((listener: () => void) => selection.subscribeRow(id, listener), [selection, id]);
  return useSyncExternalStore(subscribe, () => selection.state(id));
}

export function useCursor(selection: Selection): string | null {
  return useSyncExternalStore(selection.subscribe, () => selection.cursor);
}

export function useSelected(selection: Selection): ReadonlySet<string> {
  return useSyncExternalStore(selection.subscribe, () => selection.selected);
}

/** What stands for ids that addresses do not hold. */
export function useNames(): Names {
  const now = useSignal(session);
  return now.kind === 'in' ? { me: now.user.id, org: now.org.id } : { me: '', org: '' };
}
