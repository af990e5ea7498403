// Something that is done once and told when the server has answered: making, moving, publishing.
import { useCallback, useRef, useState } from 'react';
import { uniqueKey } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import { queries } from './queries';

export interface Act {
  isBusy: boolean;
  why: Refusal | undefined;
  /** Does it, asks again for what these queries have, and tells whether it went well. */
  run(doIt: () => Promise<unknown>, ...stale: string[]): Promise<boolean>;
  /** What was refused was seen. */
  forget(): void;
}

export function useAct(): Act {
  const [state, set] = useState<{ isBusy: boolean; why: Refusal | undefined }>({ isBusy: false, why: undefined });
  const run = useCallback(async (doIt: () => Promise<unknown>, ...stale: string[]): Promise<boolean> => {
    set({ isBusy: true, why: undefined });
    try {
      await doIt();
      await Promise.all(stale.map((name) => queries.invalidateQueries({ queryKey: [name] })));
      set({ isBusy: false, why: undefined });
      return true;
    } catch (error) {
      set({ isBusy: false, why: asRefusal(error) });
      return false;
    }
  }, []);
  return { ...state, run, forget: () => set({ isBusy: false, why: undefined }) };
}

/** Keys for requests: one for the same request however often it is sent, so that a lost answer does nothing twice. */
export function useRequestKey(): (request: unknown) => string {
  const last = useRef({ request: '', key: '' });
  return useCallback((request) => {
    const text = JSON.stringify(request);
    if (last.current.request !== text) last.current = { request: text, key: uniqueKey() };
    return last.current.key;
  }, []);
}
