// Asks before works are deleted: nothing brings them back.
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useState } from 'react';
import { asRefusal } from '../api/errors';
import { deleteWork, works } from '../store/works';
import { en } from '../text/en';
import { idOf } from '../works/work';

export function DeleteDialog({ ids, onClose }: { ids: string[]; onClose: () => void }) {
  const [said, say] = useState('');
  const first = ids[0] ? works.get(ids[0]) : undefined;
  const what = ids.length === 1 && first ? idOf(first) : en.works(ids.length);
  const doIt = async (): Promise<void> => {
    try {
      for (const id of ids) await deleteWork(id);
      onClose();
    } catch (error) {
      say(en.refusal(asRefusal(error)));
    }
  };
  return (
    <AlertDialog.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="scrim" />
        <AlertDialog.Popup className="sheet small" data-modal>
          <AlertDialog.Title>Delete {what}?</AlertDialog.Title>
          <AlertDialog.Description>
            {first && ids.length === 1 && <><bdi>{first.title}</bdi><br /></>}
            Its talk and its links go with it. Nothing brings it back.
          </AlertDialog.Description>
          {said && <p className="wrong" role="alert">{said}</p>}
          <footer>
            <AlertDialog.Close className="btn line">Keep it</AlertDialog.Close>
            <button type="button" className="btn danger" onClick={() => void doIt()}>Delete</button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
