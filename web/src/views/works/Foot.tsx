// The keys that help most here, and what changed last.
import { useSignal } from '../../store/hooks';
import { lastEvent, said } from '../../store/live';
import { Kbd } from '../../ui/bits';

const LIST: Array<[string[], string]> = [
  [['J', 'K'], 'move'], [['Enter'], 'open'], [['X'], 'select'], [['S'], 'stage'], [['A'], 'owner'], [['?'], 'all keys'],
];
const BOARD: Array<[string[], string]> = [
  [['H', 'J', 'K', 'L'], 'card'], [['⇧ H', '⇧ L'], 'move'], [['Space'], 'lift'], [['Enter'], 'open'], [['?'], 'all keys'],
];

export function Foot({ isBoard }: { isBoard: boolean }) {
  const last = useSignal(lastEvent);
  return (
    <footer className="foot">
      {(isBoard ? BOARD : LIST).map(([keys, what]) => (
        <span key={what}>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)} {what}</span>
      ))}
      {last && <span className="last">{said(last)}</span>}
    </footer>
  );
}
