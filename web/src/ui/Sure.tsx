// A question before something that others notice, or that can't be taken back.
import { AlertDialog } from '@base-ui/react/alert-dialog';

export function Sure({ title, text, does, onDo, onClose }: { title: string; text: string; does: string; onDo: () => void; onClose: () => void }) {
  return (
    <AlertDialog.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="scrim" />
        <AlertDialog.Popup className="sheet small" data-modal>
          <AlertDialog.Title>{title}</AlertDialog.Title>
          <AlertDialog.Description>{text}</AlertDialog.Description>
          <footer>
            <AlertDialog.Close className="btn line">Leave it</AlertDialog.Close>
            <button type="button" className="btn danger" onClick={() => { onDo(); onClose(); }}>{does}</button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
