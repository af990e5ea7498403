// Objects as the server last told them, each once, with the changes that it has not answered yet
// laid over them. Whoever shows an object is told when it looks different.
import { Signal } from './signal';

type Listener = () => void;

/** Something that lies over an object until the server has answered. */
export interface Layer<T> {
  readonly id: string;
  readonly show: Partial<T>;
}

interface Held<T> {
  object: T;
  revision: number;
}

/** An object with what lies over it. Fields of the org lie over it one by one. */
export function over<T>(under: T, show: Partial<T>): T {
  const { custom_fields: fields } = show as { custom_fields?: object };
  const seen = { ...under, ...show };
  return fields ? { ...seen, custom_fields: { ...(under as { custom_fields?: object }).custom_fields, ...fields } } : seen;
}

export class Entities<T extends { id: string; display_id?: string }> {
  #base = new Map<string, Held<T>>();
  #ids = new Map<string, string>();
  #gone = new Set<string>();
  #layers = new Map<string, Layer<T>[]>();
  #views = new Map<string, T>();
  #listeners = new Map<string, Set<Listener>>();
  /** Counts every change of any object. */
  readonly version = new Signal(0);

  /** Takes what the server told, unless something newer is known. */
  put(object: T, revision: number): void {
    const known = this.#base.get(object.id);
    if (known && known.revision > revision) return;
    // What follows from others, such as clocks, changes without a revision.
    this.#base.set(object.id, { object, revision });
    if (object.display_id) this.#ids.set(object.display_id, object.id);
    this.#gone.delete(object.id);
    this.#changed(object.id);
  }

  /** The object is no more. */
  remove(id: string): void {
    this.#gone.add(id);
    this.#changed(id);
  }

  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** The id of an object that is known by its display id. */
  idOf(name: string): string | undefined {
    return this.#base.has(name) ? name : this.#ids.get(name);
  }

  /** The object with everything that lies over it. */
  get(id: string): T | undefined {
    const view = this.#views.get(id);
    if (view) return view;
    const base = this.#base.get(id);
    if (!base) return undefined;
    const layers = this.#layers.get(id);
    const seen = layers ? layers.reduce((under, layer) => over(under, layer.show), base.object) : base.object;
    this.#views.set(id, seen);
    return seen;
  }

  /** All that are held, as they are shown. */
  all(): T[] {
    return [...this.#base.keys()].filter((id) => !this.#gone.has(id)).flatMap((id) => this.get(id) ?? []);
  }

  /** The object as the server told it. */
  base(id: string): T | undefined {
    return this.#base.get(id)?.object;
  }

  revision(id: string): number | undefined {
    return this.#base.get(id)?.revision;
  }

  lay(layer: Layer<T>): void {
    this.#layers.set(layer.id, [...(this.#layers.get(layer.id) ?? []), layer]);
    this.#changed(layer.id);
  }

  lift(layer: Layer<T>): void {
    const rest = (this.#layers.get(layer.id) ?? []).filter((each) => each !== layer);
    if (rest.length > 0) this.#layers.set(layer.id, rest);
    else this.#layers.delete(layer.id);
    this.#changed(layer.id);
  }

  subscribe(id: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  }

  #changed(id: string): void {
    this.#views.delete(id);
    for (const listener of this.#listeners.get(id) ?? []) listener();
    this.version.update((n) => n + 1);
  }
}
