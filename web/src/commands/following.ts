// Follows works, or no longer, and says so with a way back.
import { asRefusal } from '../api/errors';
import { follows, setFollowing } from '../store/followers';
import { each } from '../store/tree';
import { changes, works } from '../store/works';
import { en } from '../text/en';
import { toast } from '../ui/toast';
import { idOf } from '../works/work';

/** Of several works, all are followed if one of them is not yet. */
export async function switchFollowing(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  try {
    const now = new Map<string, boolean>();
    await each(ids, async (id) => { now.set(id, await follows(id)); });
    const isOn = [...now.values()].includes(false);
    const some = ids.filter((id) => now.get(id) !== isOn);
    await setFollowing(some, isOn);
    const back = changes.remember(() => void setFollowing(some, !isOn).catch(refused));
    const [first] = ids;
    const work = ids.length === 1 && first ? works.get(first) : undefined;
    const what = work ? idOf(work) : en.works(ids.length);
    toast(isOn ? `You follow ${what}.` : `You no longer follow ${what}.`, { label: 'Undo', run: back });
  } catch (error) {
    refused(error);
  }
}

const refused = (error: unknown): void => toast(en.refusal(asRefusal(error)));
