// From a pressed key to a command. Single letters do nothing in a field, and can be switched off.
import { COMMANDS, type Command } from './table';

/** How long the second key of a sequence may take. */
const SEQUENCE_MS = 1200;

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** What a key event is called in the table. */
export function chord(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  const isLetter = /^\p{L}$/u.test(key);
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  // A sign such as `?` says by itself that Shift was held.
  if (event.shiftKey && (isLetter || key.length > 1)) parts.push('Shift');
  const plain = isLetter ? (event.shiftKey ? key.toUpperCase() : key.toLowerCase()) : key;
  return [...parts, plain].join('+');
}

/** Whether letters are text here. */
export function isField(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return element?.closest?.('input, textarea, select, [contenteditable="true"]') != null;
}

const isBare = (keys: string): boolean => !keys.includes('Mod+') && !keys.includes('Alt+') && /^(.|Shift\+.|. .)$/u.test(keys);

/** What every field does itself. */
const OF_FIELDS = new Set(['Mod+z', 'Mod+a']);

/** Finds the commands that keys stand for; it remembers the first key of a sequence. */
export class KeyReader {
  #first: { key: string; at: number } | undefined;

  /** The commands of a key, the first of which that can be done counts. */
  read(pressed: string, at: number, { inField, letters }: { inField: boolean; letters: boolean }): Command[] {
    const first = this.#first && at - this.#first.at < SEQUENCE_MS ? this.#first.key : undefined;
    this.#first = undefined;
    const find = (keys: string): Command[] => COMMANDS.filter((each) => each.place !== 'writing' &&
      each.keys.some((known) => known === keys && (!isBare(known) || (letters && !inField))));
    if (inField && (OF_FIELDS.has(pressed) || (!pressed.includes('Mod+') && pressed !== 'Escape'))) return [];
    if (first) {
      const both = find(`${first} ${pressed}`);
      if (both.length > 0) return both;
    }
    if (!inField && COMMANDS.some((each) => each.keys.some((keys) => keys.startsWith(`${pressed} `)))) {
      this.#first = { key: pressed, at };
    }
    return find(pressed);
  }
}

const NAMES: Record<string, string> = {
  Mod: isMac ? '⌘' : 'Ctrl', Shift: '⇧', Alt: isMac ? '⌥' : 'Alt', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←',
  ArrowRight: '→', Escape: 'Esc', PageDown: 'PgDn', PageUp: 'PgUp',
};

/** The keys of a command as they are shown. */
export function shown(keys: string): string[] {
  return keys.split(' ').map((each) => each.split(/\+(?=.)/).map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(' '));
}
