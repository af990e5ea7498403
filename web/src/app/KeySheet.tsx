// All keys, from the table of commands.
import { Dialog } from '@base-ui/react/dialog';
import { useRef } from 'react';
import { shown } from '../commands/keys';
import { COMMANDS, PLACES, type Place } from '../commands/table';
import { useSignal } from '../store/hooks';
import { preferences, prefer } from '../store/preferences';
import { Icon } from '../ui/Icon';
import { Kbd } from '../ui/bits';

export function KeySheet({ onClose }: { onClose: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  const { hasLetters } = useSignal(preferences);
  const places = Object.keys(PLACES) as Place[];
  return (
    <Dialog.Root open onOpenChange={(open) => { if (!open) onClose(); }}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="sheet keys" data-modal initialFocus={ref}>
          <header>
            <Dialog.Title>Keys</Dialog.Title>
            <label className="tick">
              <input type="checkbox" checked={hasLetters} onChange={(event) => prefer({ hasLetters: event.target.checked })} />
              Single letters are commands
            </label>
            <Dialog.Close className="btn" aria-label="Close"><Icon name="x" /></Dialog.Close>
          </header>
          <div className="cols-of" ref={ref} tabIndex={0} role="region" aria-label="All keys"><div className="cols-in">
            {places.map((place) => (
              <section key={place}>
                <h3>{PLACES[place]}</h3>
                <dl>
                  {COMMANDS.filter((command) => command.place === place && command.keys.length > 0).map((command) => (
                    <div key={command.id}>
                      <dt>{command.label}</dt>
                      <dd>
                        {command.keys.map((keys, at) => (
                          <span key={keys}>{at > 0 && <i> or </i>}{shown(keys).map((key) => <Kbd key={key}>{key}</Kbd>)}</span>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div></div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
