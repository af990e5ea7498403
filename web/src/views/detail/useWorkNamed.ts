// The work that an address names: what is held shows at once, and is asked for where it is not.
import { useEffect, useState } from 'react';
import { asRefusal, type Refusal } from '../../api/errors';
import { useSignal, useWork } from '../../store/hooks';
import { loadWork, works } from '../../store/works';
import type { Work } from '../../works/work';

export function useWorkNamed(name: string): { work: Work | undefined; why: Refusal | undefined; retry: () => void } {
  // A work that comes later, such as from a list, is found, too.
  useSignal(works.version);
  const id = works.idOf(name);
  const work = useWork(id ?? name);
  const [why, setWhy] = useState<Refusal>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (works.idOf(name) !== undefined) return;
    setWhy(undefined);
    loadWork(name).catch((error: unknown) => setWhy(asRefusal(error)));
  }, [name, tries]);
  return { work, why, retry: () => setTries((n) => n + 1) };
}
