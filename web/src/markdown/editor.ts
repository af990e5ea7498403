// Commands of the editor, on a plain text field: undo, spelling and input methods stay the browser's.
import type { KeyboardEvent } from 'react';

const AROUND: Record<string, [string, string]> = { b: ['**', '**'], i: ['_', '_'], e: ['`', '`'], k: ['[', '](https://)'] };
const BEFORE: Record<string, string> = { '7': '1. ', '8': '- ', '9': '> ', '&': '1. ', '*': '- ', '(': '> ' };

/** Does what the key stands for, if it does, and tells the new text. */
export function edit(event: KeyboardEvent<HTMLTextAreaElement>, write: (text: string) => void): void {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const field = event.currentTarget;
  const around = event.shiftKey ? undefined : AROUND[event.key.toLowerCase()];
  const before = event.shiftKey ? BEFORE[event.key] : undefined;
  if (!around && before === undefined) return;
  event.preventDefault();
  const { selectionStart: from, selectionEnd: to, value } = field;
  if (around) {
    replace(field, from, to, around[0] + value.slice(from, to) + around[1]);
    field.setSelectionRange(from + around[0].length, to + around[0].length);
  } else if (before !== undefined) {
    const start = value.lastIndexOf('\n', from - 1) + 1;
    replace(field, start, to, value.slice(start, to).split('\n').map((line) => before + line).join('\n'));
  }
  write(field.value);
}

/** As if it were typed, so that it can be undone. */
export function replace(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.setSelectionRange(from, to);
  if (!document.execCommand('insertText', false, text)) field.setRangeText(text, from, to, 'end');
}
