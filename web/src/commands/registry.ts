// What commands do at the moment.
import { useEffect, useRef } from 'react';
import { Signal } from '../store/signal';
import { KeyReader, chord, isField } from './keys';

type Handlers = Partial<Record<string, (() => void) | false | undefined>>;

/** Counts up whenever other commands can be done. */
export const version = new Signal(0);
/** Whether single letters are commands. */
export const letters = new Signal(true);
/** Who is closest to what is shown has a command first. */
export type Level = 'app' | 'view' | 'inside' | 'detail';
const LEVELS: readonly Level[] = ['detail', 'inside', 'view', 'app'];

interface Entry {
  level: Level;
  current: Handlers;
}

const entries: Entry[] = [];

/** What does the command now, if anything does. */
export function handler(id: string): (() => void) | undefined {
  for (const level of LEVELS) {
    for (const entry of entries.toReversed()) {
      const found = entry.level === level && entry.current[id];
      if (found) return found;
    }
  }
  return undefined;
}

export function run(id: string): boolean {
  const found = handler(id);
  found?.();
  return found !== undefined;
}

/** Takes commands while the component is there. */
export function useCommands(level: Level, handlers: Handlers): void {
  const ref = useRef(handlers);
  ref.current = handlers;
  useEffect(() => {
    const entry: Entry = { level, get current() { return ref.current; } };
    entries.push(entry);
    version.update((n) => n + 1);
    return () => {
      entries.splice(entries.indexOf(entry), 1);
      version.update((n) => n + 1);
    };
  }, [level]);
}

/** Listens to the keyboard until the returned function ends it. */
export function listenToKeys(): () => void {
  const reader = new KeyReader();
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    // Dialogs and menus have their own keys.
    if (document.querySelector('[data-modal]')) return;
    const target = event.target as HTMLElement | null;
    if (target?.closest?.('[role="menu"]')) return;
    const pressed = chord(event);
    const isPressed = target?.closest?.('button, a, [role="menuitem"], summary') != null;
    if (isPressed && (pressed === 'Enter' || pressed === 'Space')) return;
    for (const command of reader.read(pressed, event.timeStamp, { inField: isField(target), letters: letters.get() })) {
      if (run(command.id)) {
        event.preventDefault();
        return;
      }
    }
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}
