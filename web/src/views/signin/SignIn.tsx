// The way in: a token.
import { useState, type FormEvent } from 'react';
import { asRefusal, type Refusal } from '../../api/errors';
import { signIn } from '../../store/session';
import { Icon } from '../../ui/Icon';

function said(why: Refusal): string {
  switch (why.kind) {
    case 'token_expired': return 'This token has expired. Make a new one.';
    case 'token_revoked': return 'This token was revoked. Make a new one.';
    case 'network': return 'The server does not answer.';
    case 'unauthenticated': return why.body.field_name === 'code'
      ? 'This link was used before, or the server has been started again since. Sign in with a token.'
      : 'This token is not known here. Is it whole?';
    default: return why.message;
  }
}

export function SignIn({ why, isAgain = false }: { why: Refusal | undefined; isAgain?: boolean }) {
  const [token, setToken] = useState('');
  const [refusal, setRefusal] = useState(why);
  const [isSending, setSending] = useState(false);
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setSending(true);
    try {
      await signIn(token.trim());
    } catch (error) {
      setRefusal(asRefusal(error));
      setSending(false);
    }
  };
  return (
    <main className="signin">
      <form onSubmit={(event) => void send(event)}>
        <h1><Icon name="mark" className="mark" />Worksmith</h1>
        <label htmlFor="token">Token</label>
        <input
          id="token" type="password" autoComplete="current-password" autoFocus value={token} spellCheck={false}
          aria-invalid={refusal !== undefined} aria-describedby={refusal ? 'wrong hint' : 'hint'} onChange={(event) => setToken(event.target.value)}
        />
        {isAgain && <p className="quiet">Sign in again: what you wrote is still here, and what waits is sent then.</p>}
        {refusal && <p className="wrong" id="wrong" role="alert">{said(refusal)}</p>}
        <button type="submit" className="btn main" disabled={isSending || token.trim() === ''}>Sign in</button>
        <p className="quiet" id="hint">
          Whoever runs the server makes one: <code>worksmith token create</code>. It stays in a cookie that no script can read.
        </p>
      </form>
    </main>
  );
}
