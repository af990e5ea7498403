// The works that commands are about: what the list has selected or points at, or the work that is
// open on its page.
let current: () => string[] = () => [];

export const targets = (): string[] => current();

/** The view that is there says what commands are about, until the returned function ends that. */
export function setTargets(of: () => string[]): () => void {
  const before = current;
  current = of;
  return () => { if (current === of) current = before; };
}

/** Does something about these works, whatever the view is about. */
export function aim(ids: string[], act: () => void): void {
  const end = setTargets(() => ids);
  act();
  end();
}
