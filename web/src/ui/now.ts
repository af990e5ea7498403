// The present, for what shows how much time is left. It moves twice a minute.
import { Signal } from '../store/signal';

export const now = new Signal(Date.now());

setInterval(() => {
  if (document.visibilityState === 'visible') now.set(Date.now());
}, 30_000);
document.addEventListener('visibilitychange', () => now.set(Date.now()));
