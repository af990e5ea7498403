// How this browser likes it: nothing secret, and nothing that others need.
import { Signal } from './signal';

export type Theme = 'auto' | 'light' | 'dark';
export type Density = 'compact' | 'normal' | 'roomy';

export interface Preferences {
  theme: Theme;
  density: Density;
  isRailHidden: boolean;
  hasLetters: boolean;
  /** The columns that lists leave out. */
  hidden: readonly string[];
}

const KEY = 'worksmith-preferences';
const USUAL: Preferences = { theme: 'auto', density: 'normal', isRailHidden: false, hasLetters: true, hidden: [] };

function read(): Preferences {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
  } catch {
    return USUAL;
  }
}

export const preferences = new Signal<Preferences>(read());

export function prefer(some: Partial<Preferences>): void {
  preferences.update((now) => ({ ...now, ...some }));
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences.get()));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
  apply();
}

/** Puts theme and density where the style sheets look. */
export function apply(): void {
  const { theme, density } = preferences.get();
  const { dataset } = document.documentElement;
  if (theme === 'auto') delete dataset.theme;
  else dataset.theme = theme;
  dataset.density = density;
}
