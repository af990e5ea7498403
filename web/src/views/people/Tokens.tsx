// Tokens of one member: what they are for, when they end, and new ones, whose text is shown once.
import { useEffect, useMemo, useState } from 'react';
import type { AuthToken, DevUser } from '../../api/types.gen';
import { asRefusal } from '../../api/errors';
import { useRover } from '../../commands/rover';
import { useAct } from '../../store/act';
import { useSignal } from '../../store/hooks';
import { makeToken, revoke, useTokens } from '../../store/people';
import { signedIn } from '../../store/session';
import { en } from '../../text/en';
import { Empty, Failed, When } from '../../ui/bits';
import { ChoiceMenu } from '../../ui/Menu';
import { now } from '../../ui/now';
import { Input, Select, Sheet } from '../../ui/Sheet';
import { Pending } from '../../ui/states';
import { Sure } from '../../ui/Sure';
import { toast } from '../../ui/toast';
import { ending, inOrder, kindOf } from '../../works/tokens';
import { nameOf } from '../../works/work';

export function Tokens({ people, isMaking, onMade }: { people: readonly DevUser[]; isMaking: boolean; onMade: () => void }) {
  const me = signedIn().user.id;
  const [subject, choose] = useState(me);
  const tokens = useTokens(subject);
  const [ended, end] = useState<AuthToken>();
  const act = useAct();
  const rows = useMemo(() => inOrder(tokens.data ?? []), [tokens.data]);
  const keys = useMemo(() => rows.map(({ id }) => id), [rows]);
  const rover = useRover(keys, { label: (id) => rows.find((each) => each.id === id)?.token_hint ?? '' });
  const at = useSignal(now);
  useEffect(() => { if (act.why) toast(en.refusal(act.why)); }, [act.why]);
  const members = people.filter(({ state }) => state === 'active');
  return (
    <div className="page" ref={rover.ref} tabIndex={0} role="region" aria-label="Tokens">
      <header className="with-tools">
        <div><h2>Tokens</h2><p>Whoever has the text of a token is that member; it is shown once, when it is made</p></div>
        <div className="tools"><ChoiceMenu label="Of" value={subject} options={members.map((user) => ({ id: user.id, label: user.id === me ? `${nameOf(user)}, you` : nameOf(user) }))} onPick={choose} /></div>
      </header>
      {tokens.isError && !tokens.data
        ? <Failed why={asRefusal(tokens.error)} onRetry={() => void tokens.refetch()} />
        : <Pending of={[tokens]} />}
      {tokens.data && (rows.length === 0
        ? <Empty title="There are no tokens"><p>A token is made with New token, or with <code>worksmith token create</code>.</p></Empty>
        : (
          <table className="facts tokens">
            <thead><tr><th scope="col">For</th><th scope="col">Kind</th><th scope="col" className="wide">Rights</th><th scope="col">Ends</th><th scope="col" className="r wide">Made</th><th scope="col"><span className="sr">What can be done</span></th></tr></thead>
            <tbody>
              {rows.map((token) => {
                const { text, isSoon } = ending(token, at);
                const isActive = token.status === 'active';
                return (
                  <tr key={token.id} data-key={token.id} className={`${rover.at === token.id ? 'cursor' : ''}${isActive ? '' : ' away'}`} onClick={() => rover.move(token.id)}>
                    <td>{token.token_hint ? <bdi>{token.token_hint}</bdi> : <span className="quiet">no hint</span>}</td>
                    <td>{kindOf(token)}</td>
                    <td className="wide">{token.scopes?.length ? token.scopes.join(', ') : <span className="quiet">all that its owner has</span>}</td>
                    <td className={isSoon ? 'soon' : undefined}>{text}</td>
                    <td className="r wide quiet"><When at={token.issued_at} /></td>
                    <td className="r">{isActive && <button type="button" className="btn" onClick={() => end(token)}>Revoke</button>}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ))}
      {isMaking && <NewToken people={members} subject={subject} onClose={onMade} />}
      {ended && (
        <Sure
          title={`Revoke ${ended.token_hint || 'this token'}?`} does="Revoke" onClose={() => end(undefined)}
          text={kindOf(ended) === 'session' ? 'Whoever is signed in with it has to sign in again.' : 'What calls with it is refused from now on. A token can’t be given back its life.'}
          onDo={() => void act.run(() => revoke(ended.id), 'tokens')}
        />
      )}
    </div>
  );
}

const YEAR = '365';
const ENDS: ReadonlyArray<readonly [string, string]> = [['30', '30 days'], ['90', '90 days'], ['365', 'A year'], ['1825', 'Five years']];

function NewToken({ people, subject, onClose }: { people: readonly DevUser[]; subject: string; onClose: () => void }) {
  const me = signedIn().user.id;
  const [hint, setHint] = useState('');
  const [owner, setOwner] = useState(subject);
  const [days, setDays] = useState('90');
  const [scope, setScope] = useState('');
  const [made, setMade] = useState<string>();
  const act = useAct();
  if (made) return <Shown text={made} hint={hint} onClose={onClose} />;
  return (
    <Sheet
      title="New token" submit="Make it" why={act.why} isBusy={act.isBusy} canSend={hint.trim() !== ''} onClose={onClose}
      onSend={() => void act.run(async () => setMade(await makeToken(hint.trim(), Number(days), scope.trim(), owner === me ? undefined : owner)), 'tokens')}
    >
      <Input label="What it is for" value={hint} onChange={setHint} isFirst required placeholder="import from GitHub" />
      <div className="row-of">
        <Select label="Of" value={owner} onChange={setOwner} options={people.map((user) => [user.id, user.id === me ? `${nameOf(user)}, you` : nameOf(user)])} />
        <Select label="Ends in" value={owner === me ? days : YEAR} onChange={setDays} options={owner === me ? ENDS : ENDS.filter(([id]) => id === YEAR)} />
      </div>
      <Input label="Rights; empty for all that its owner has" value={scope} onChange={setScope} placeholder="issue:read ticket:write" max={4096} />
    </Sheet>
  );
}

function Shown({ text, hint, onClose }: { text: string; hint: string; onClose: () => void }) {
  const [isCopied, copied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      // Plain HTTP from another machine has no clipboard; the text can be selected.
      await navigator.clipboard.writeText(text);
      copied(true);
    } catch {
      document.querySelector<HTMLTextAreaElement>('.token-text')?.select();
    }
  };
  return (
    <Sheet title={`Token: ${hint}`} submit={isCopied ? 'Copied' : 'Copy'} note="It is not shown again" onSend={() => void copy()} onClose={onClose}>
      <textarea className="token-text" aria-label="The text of the token" readOnly rows={5} value={text} onFocus={(event) => event.target.select()} />
    </Sheet>
  );
}
