// Tokens in words.
import type { AuthToken } from '../api/types.gen';

const KINDS: Record<string, string> = {
  pat: 'personal', 'pat:act-as': 'personal', aat: 'application', 'aat:act-as': 'application', session: 'session', 'session:dev': 'session',
};

/** What a token is for, by its type. */
export const kindOf = ({ requested_token_type: type }: Pick<AuthToken, 'requested_token_type'>): string =>
  KINDS[type.slice(type.lastIndexOf('token-type:') + 'token-type:'.length)] ?? 'other';

const DAY = 86_400_000;

/** When it ends, and whether that is soon. */
export function ending(token: Pick<AuthToken, 'status' | 'expires_at'>, now: number): { text: string; isSoon: boolean } {
  if (token.status === 'revoked') return { text: 'revoked', isSoon: false };
  if (!token.expires_at) return { text: 'does not end', isSoon: false };
  const days = Math.ceil((Date.parse(token.expires_at) - now) / DAY);
  if (token.status === 'expired' || days <= 0) return { text: 'expired', isSoon: false };
  return { text: days === 1 ? 'within a day' : `in ${days} days`, isSoon: days <= 14 };
}

/** Those that work come first, then by when they were made, the newest first; sessions last. */
export function inOrder<T extends Pick<AuthToken, 'status' | 'issued_at' | 'requested_token_type'>>(tokens: readonly T[]): T[] {
  const rank = (token: T): number => (token.status === 'active' ? 0 : 2) + (kindOf(token) === 'session' ? 1 : 0);
  return [...tokens].sort((a, b) => rank(a) - rank(b) || Date.parse(b.issued_at) - Date.parse(a.issued_at));
}
