// Gives the filters that are shown a name, for everybody in the org.
import { Dialog } from '@base-ui/react/dialog';
import { useState, type FormEvent } from 'react';
import { call, uniqueKey } from '../api/call';
import { asRefusal, type Refusal } from '../api/errors';
import { useNames } from '../store/hooks';
import { queries } from '../store/queries';
import { en } from '../text/en';
import { namesFor } from '../store/within';
import { ask, format, pathOf, type View } from '../works/filter';

export function SaveView({ view, onClose }: { view: View; onClose: () => void }) {
  const names = useNames();
  const [name, setName] = useState('');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      // Other clients get the filter; the description is the address, with order and groups.
      const description = pathOf(view).includes('?') ? pathOf(view) : `/works?${format(view)}`;
      const filter = ask(view.filters, await namesFor(view.filters, names)) ?? {};
      await call('vistas.create', { type: 'dynamic', name: name.trim(), description, filter_type: 'works', filter: { ...filter } }, { key: uniqueKey() });
      void queries.invalidateQueries({ queryKey: ['vistas'] });
      onClose();
    } catch (error) {
      setRefusal(asRefusal(error));
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="sheet small" data-modal>
          <form onSubmit={(event) => void save(event)}>
            <Dialog.Title>Save this view</Dialog.Title>
            <label className="pick">
              <span>Name</span>
              <input className="title" value={name} autoFocus required maxLength={256} dir="auto" placeholder="Late at Skerry" onChange={(event) => setName(event.target.value)} />
            </label>
            <p className="quiet">Everybody in the org finds it in the rail. “Me” stays whoever looks.</p>
            {refusal && <p className="wrong" role="alert">{en.refusal(refusal)}</p>}
            <footer>
              <Dialog.Close className="btn line">Not now</Dialog.Close>
              <button type="submit" className="btn main" disabled={name.trim() === ''}>Save</button>
            </footer>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
