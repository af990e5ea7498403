// The present, for what shows how much time is left. It moves twice a minute.
import { useEffect, useState } from 'react';
import { Signal } from '../store/signal';

export const now = new Signal(Date.now());

setInterval(() => {
  if (document.visibilityState === 'visible') now.set(Date.now());
}, 30_000);
document.addEventListener('visibilitychange', () => now.set(Date.now()));

/** The present to the second, while something that is shown goes by seconds. */
export function useSeconds(isNeeded: boolean): number {
  const [at, set] = useState(Date.now());
  useEffect(() => {
    if (!isNeeded) return undefined;
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return at;
}
