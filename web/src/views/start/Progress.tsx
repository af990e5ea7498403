// How far something is that takes a while.
import type { Progress as State } from '../../store/importer';
import { en } from '../../text/en';

export function Progress({ state: { what, done, of } }: { state: State }) {
  const share = of > 0 ? done / of : 1;
  return (
    <div className="progress-of" role="progressbar" aria-label={what} aria-valuemin={0} aria-valuemax={of} aria-valuenow={done}>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect className="bed" width="100" height="4" /><rect className="done" width={100 * share} height="4" /></svg>
      <span>{what}</span><span className="n">{en.number(done)} of {en.number(of)}</span>
    </div>
  );
}
