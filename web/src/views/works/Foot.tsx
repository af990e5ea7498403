// The keys that help most here, and what changed last.
import { useSignal } from '../../store/hooks';
import { lastEvent, said } from '../../store/live';
import { Signal } from '../../store/signal';
import { Kbd } from '../../ui/bits';

const LIST: Array<[string[], string]> = [
  [['J', 'K'], 'move'], [['Enter'], 'open'], [['X'], 'select'], [['S'], 'stage'], [['A'], 'owner'], [['?'], 'all keys'],
];
const BOARD: Array<[string[], string]> = [
  [['H', 'J', 'K', 'L'], 'card'], [['⇧ H', '⇧ L'], 'move'], [['Space'], 'lift'], [['Enter'], 'open'], [['?'], 'all keys'],
];

const MOVING: Array<[string[], string]> = [[['H', 'L'], 'column'], [['Enter'], 'drop'], [['Esc'], 'leave it']];

/** The card that is lifted, and where it may go. */
export const moving = new Signal<{ what: string; to: string } | null>(null);

export function Foot({ isBoard }: { isBoard: boolean }) {
  const last = useSignal(lastEvent);
  const lifted = useSignal(moving);
  if (lifted) {
    return (
      <footer className="foot moving" role="status">
        <span>{lifted.what}</span>
        {MOVING.map(([keys, what]) => <span key={what} className="hint">{keys.map((key) => <Kbd key={key}>{key}</Kbd>)} {what}</span>)}
        <span className="last">{lifted.to}</span>
      </footer>
    );
  }
  return (
    <footer className="foot">
      {(isBoard ? BOARD : LIST).map(([keys, what]) => (
        <span key={what}>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)} {what}</span>
      ))}
      {last && <span className="last">{said(last)}</span>}
    </footer>
  );
}
