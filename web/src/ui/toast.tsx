// What is said where there is no better place: below, for a while, and to screen readers.
import { useEffect } from 'react';
import { Signal } from '../store/signal';
import { useSignal } from '../store/hooks';
import { Icon } from './Icon';

interface Toast {
  text: string;
  action?: { label: string; run: () => void };
}

const STAYS_MS = 8000;
const current = new Signal<Toast | null>(null);

export function toast(text: string, action?: Toast['action']): void {
  current.set({ text, ...(action ? { action } : {}) });
}

export function ToastPlace() {
  const now = useSignal(current);
  useEffect(() => {
    if (!now) return undefined;
    const timer = setTimeout(() => current.set(null), STAYS_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return (
    <div className="toasts" role="status">
      {now && (
        <div className="toast">
          <span>{now.text}</span>
          {now.action && <button type="button" className="btn" onClick={() => { now.action?.run(); current.set(null); }}>{now.action.label}</button>}
          <button type="button" className="btn" aria-label="Close" onClick={() => current.set(null)}><Icon name="x" /></button>
        </div>
      )}
    </div>
  );
}
