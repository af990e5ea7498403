// What lies over the page: the palette, a picker, the key sheet, a form. One at a time.
import { Signal } from '../store/signal';
import type { FilterName, View } from '../works/filter';

export type Overlay =
  | { kind: 'palette'; isSearch?: boolean }
  | { kind: 'keys' }
  | { kind: 'places' }
  | { kind: 'new' }
  | { kind: 'field'; ids: string[]; field: string }
  | { kind: 'filter'; name?: FilterName; values: string[]; onPick: (name: FilterName, values: string[]) => void }
  | { kind: 'link'; id: string }
  | { kind: 'save'; view: View }
  | { kind: 'delete'; ids: string[] };

export const overlay = new Signal<Overlay | null>(null);

export const open = (what: Overlay): void => overlay.set(what);
export const close = (): void => overlay.set(null);
