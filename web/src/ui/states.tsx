// What a view shows before its answer is there, and when it failed.
import type { UseQueryResult } from '@tanstack/react-query';
import { asRefusal } from '../api/errors';
import { Failed } from './bits';

/** Row-shaped blanks while it is asked for, the reason and a way on if it failed; nothing if all is there. */
export function Pending({ of }: { of: ReadonlyArray<UseQueryResult<unknown>> }) {
  const failed = of.find((query) => query.isError && query.data === undefined);
  if (failed) return <Failed why={asRefusal(failed.error)} onRetry={() => { for (const query of of) if (query.isError) void query.refetch(); }} />;
  if (of.every((query) => query.data !== undefined)) return null;
  return <Blanks />;
}

/** Shaped like rows, for when what is asked for takes longer than a moment. */
export function Blanks() {
  return (
    <div className="blanks" role="status" aria-label="Loading">
      {Array.from({ length: 8 }, (_, at) => <div key={at} className="row blank plain"><i className="long" /><i /></div>)}
    </div>
  );
}
