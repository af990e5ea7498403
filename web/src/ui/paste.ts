// What is pasted and too long: a field would cut it without a word. It is left out, and it is said why.
import { useState, type ClipboardEvent } from 'react';
import { en } from '../text/en';

/** The most characters that a text and a title take. */
export const TEXT_MAX = 65_536;
export const TITLE_MAX = 256;

export interface PasteLimit {
  /** What is wrong with what was pasted. */
  tooLong: string;
  onPaste: (event: ClipboardEvent<HTMLTextAreaElement | HTMLInputElement>) => void;
}

export function usePasteLimit(most: number): PasteLimit {
  const [tooLong, say] = useState('');
  return {
    tooLong,
    onPaste(event) {
      const { value, selectionStart, selectionEnd } = event.currentTarget;
      const pasted = event.clipboardData.getData('text/plain');
      const rest = value.length - ((selectionEnd ?? 0) - (selectionStart ?? 0));
      const isLong = rest + pasted.length > most;
      say(isLong ? en.tooLong(pasted.length, most) : '');
      if (isLong) event.preventDefault();
    },
  };
}
