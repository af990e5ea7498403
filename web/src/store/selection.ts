// Which row has the cursor and which are selected. A change tells only the rows that it concerns.

type Listener = () => void;

export const AT_CURSOR = 1;
export const SELECTED = 2;

export class Selection {
  cursor: string | null = null;
  selected: ReadonlySet<string> = new Set();
  #rows = new Map<string, Set<Listener>>();
  #any = new Set<Listener>();

  move(id: string | null): void {
    const before = this.cursor;
    if (id === before) return;
    this.cursor = id;
    this.#tell([before, id]);
  }

  toggle(id: string): void {
    const selected = new Set(this.selected);
    if (!selected.delete(id)) selected.add(id);
    this.selected = selected;
    this.#tell([id]);
  }

  /** Selects exactly these. */
  set(ids: Iterable<string>): void {
    const before = this.selected;
    this.selected = new Set(ids);
    this.#tell(new Set([...before, ...this.selected]));
  }

  /** What a command is about: what is selected, else what the cursor is on. */
  get targets(): string[] {
    if (this.selected.size > 0) return [...this.selected];
    return this.cursor === null ? [] : [this.cursor];
  }

  state(id: string): number {
    return (id === this.cursor ? AT_CURSOR : 0) | (this.selected.has(id) ? SELECTED : 0);
  }

  subscribeRow(id: string, listener: Listener): () => void {
    const listeners = this.#rows.get(id) ?? new Set();
    this.#rows.set(id, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#rows.get(id) === listeners) this.#rows.delete(id);
    };
  }

  subscribe = (listener: Listener): (() => void) => {
    this.#any.add(listener);
    return () => { this.#any.delete(listener); };
  };

  #tell(ids: Iterable<string | null>): void {
    for (const id of ids) {
      if (id !== null) for (const listener of this.#rows.get(id) ?? []) listener();
    }
    for (const listener of this.#any) listener();
  }
}
