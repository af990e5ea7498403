// What went wrong with a call, as one type, whatever the reason.
import type { ErrorName } from './types.gen';

/** Why a call has no answer. `network` is no answer at all. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly kind: ErrorName | 'network' | 'unknown',
    message: string,
    readonly body: ErrorBody = {},
    readonly requestId = '',
    /** The milliseconds after which the server wants to be asked again. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }

  /** Whether the same call may succeed later. */
  get isTemporary(): boolean {
    return this.kind === 'network' || this.status === 429 || this.status >= 500;
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }

  /** What the server would have accepted, if it says so. */
  get allowed(): string[] {
    const values = this.body.allowed_values;
    return Array.isArray(values) ? values.map(String) : [];
  }
}

interface ErrorBody {
  type?: string;
  message?: string;
  detail?: string;
  field_name?: string;
  allowed_values?: unknown;
  [member: string]: unknown;
}

export function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(0, 'unknown', String(error));
}

/** The refusal that a response stands for. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const text = await response.text().catch(() => '');
  let body: ErrorBody = {};
  try {
    body = JSON.parse(text) as ErrorBody;
  } catch {
    // A proxy in between answered in words of its own.
  }
  const wait = Number(response.headers.get('retry-after'));
  return new Refusal(
    response.status,
    (body.type as ErrorName | undefined) ?? 'unknown',
    body.message ?? `the server answered ${response.status}`,
    body,
    response.headers.get('x-request-id') ?? '',
    wait > 0 ? wait * 1000 : undefined,
  );
}
