import { expect, test } from 'vitest';
import type { AuthToken } from '../../src/api/types.gen';
import { ending, inOrder, kindOf } from '../../src/works/tokens';

const TYPE = 'urn:devrev:params:oauth:token-type:';
const now = Date.parse('2026-11-29T12:00:00Z');
const token = (some: Partial<AuthToken>): AuthToken => ({
  id: 'don:token', issued_at: '2026-11-01T00:00:00Z', requested_token_type: `${TYPE}pat`, status: 'active', subject: 'don:me', token_hint: '', ...some,
} as AuthToken);

test('a token says when it ends, and that it is soon', () => {
  expect(ending(token({}), now)).toEqual({ text: 'does not end', isSoon: false });
  expect(ending(token({ expires_at: '2026-12-03T12:00:00Z' }), now)).toEqual({ text: 'in 4 days', isSoon: true });
  expect(ending(token({ expires_at: '2027-12-03T12:00:00Z' }), now).isSoon).toBe(false);
  expect(ending(token({ expires_at: '2026-11-01T12:00:00Z' }), now).text).toBe('expired');
  expect(ending(token({ status: 'revoked' }), now).text).toBe('revoked');
});

test('what works comes first, sessions after tokens', () => {
  const tokens = [
    token({ id: 'old', status: 'revoked' }), token({ id: 'session', requested_token_type: `${TYPE}session:dev` as AuthToken['requested_token_type'] }),
    token({ id: 'first' }), token({ id: 'new', issued_at: '2026-11-20T00:00:00Z' }),
  ];
  expect(inOrder(tokens).map(({ id }) => id)).toEqual(['new', 'first', 'session', 'old']);
  expect(tokens.map(kindOf)).toEqual(['personal', 'session', 'personal', 'personal']);
});
