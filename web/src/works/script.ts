// The script of the sample org: calls whose texts name what earlier calls have made.

export interface Call {
  op: string;
  body: Record<string, unknown>;
  as?: string;
  /** Who does it, if it is not who begins. */
  by?: string;
  /** When it was done: `{now-3d}`. */
  at?: string;
  /** The bytes of a file that is prepared. */
  file?: string;
}

export interface Script { calls: Call[] }

const UNIT: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000 };

/** What stands for `{name}`, `{now-3d}` and `DEVU-1`, which is whoever begins. */
export class Names {
  readonly #known = new Map<string, string>();

  constructor(readonly now: number, private readonly me: string) {}

  keep(name: string, id: string): void {
    this.#known.set(name, id);
  }

  get(name: string): string | undefined {
    return this.#known.get(name);
  }

  fill<T>(value: T): T {
    if (typeof value === 'string') return this.#text(value) as T;
    if (Array.isArray(value)) return value.map((each: unknown) => this.fill(each)) as T;
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.fill(each)])) as T;
    }
    return value;
  }

  #text(text: string): string {
    if (text === 'DEVU-1') return this.me;
    return text.replace(/\{([a-z0-9+-]+)\}/g, (whole, name: string) => {
      const [, n, unit] = /^now(?:([+-]\d+)([dhm]))?$/.exec(name) ?? [];
      if (name.startsWith('now')) return new Date(this.now + Number(n ?? 0) * (UNIT[unit ?? 'd'] ?? 0)).toISOString();
      return (name === 'me' ? this.me : this.#known.get(name)) ?? whole;
    });
  }
}

/** The id of the single object of an answer. */
export function made(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const [object] = Object.values(answer as Record<string, unknown>);
  const of = typeof object === 'object' && object !== null ? object as { id?: unknown } : answer as { id?: unknown };
  return typeof of.id === 'string' ? of.id : undefined;
}

/** The calls of a kind of object, as people count them. */
export function nounOf(op: string): string {
  const [family = ''] = op.split('.');
  const nouns: Record<string, string> = {
    works: 'Works', 'timeline-entries': 'Talk', parts: 'Parts', tags: 'Tags', slas: 'SLAs', 'dev-users': 'People', accounts: 'Customers', links: 'Links',
  };
  return nouns[family] ?? 'Filling it';
}
