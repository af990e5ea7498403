// A cursor over the rows of a view: the keys of lists, for lists that are held whole.
import { useEffect, useRef, useState, type RefObject } from 'react';
import { announce } from '../ui/announce';
import { useCommands } from './registry';

const PAGE = 12;

export interface Rover {
  at: string | undefined;
  move(key: string): void;
  ref: RefObject<HTMLDivElement | null>;
}

/** The keys of the rows in their order; each row has its key as `data-key`, and its id as `row-KEY`. */
export function useRover(keys: readonly string[], { onOpen, label, isFocused = true }: {
  onOpen?: (key: string) => void;
  label?: (key: string) => string;
  /** Whether the list takes the focus when it comes. */
  isFocused?: boolean;
}): Rover {
  const [chosen, choose] = useState<string>();
  const ref = useRef<HTMLDivElement>(null);
  const at = chosen !== undefined && keys.includes(chosen) ? chosen : keys[0];
  const move = (key: string): void => {
    choose(key);
    if (label) announce(label(key));
    ref.current?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const to = (index: number) => (): void => {
    const key = keys[Math.max(0, Math.min(keys.length - 1, index))];
    if (key !== undefined) move(key);
  };
  const index = at === undefined ? 0 : keys.indexOf(at);
  useCommands('view', {
    next: to(index + 1), previous: to(index - 1), first: to(0), last: to(keys.length - 1),
    'page.down': to(index + PAGE), 'page.up': to(index - PAGE),
    open: onOpen && at !== undefined && (() => onOpen(at)),
  });
  const hasRows = keys.length > 0;
  useEffect(() => { if (isFocused && hasRows) ref.current?.focus({ preventScroll: true }); }, [isFocused, hasRows]);
  return { at, move, ref };
}
