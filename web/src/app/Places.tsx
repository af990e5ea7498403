// On a phone: the views and whoever is signed in, as a sheet from below. On a desk both are in the rail.
import { Dialog } from '@base-ui/react/dialog';
import { open } from '../commands/overlay';
import { asSummary } from '../store/asked';
import { useSignal } from '../store/hooks';
import { prefer, preferences, type Theme } from '../store/preferences';
import { signOut, signedIn } from '../store/session';
import { Avatar } from '../ui/bits';
import { Icon } from '../ui/Icon';
import { nameOf } from '../works/work';
import { RailLinks } from './RailLinks';

const THEMES: ReadonlyArray<readonly [Theme, string]> = [['auto', 'As the system'], ['light', 'Light'], ['dark', 'Dark']];

export function Places({ onClose }: { onClose: () => void }) {
  const { org, user } = signedIn();
  const { theme } = useSignal(preferences);
  const me = asSummary(user);
  return (
    <Dialog.Root open onOpenChange={(isOpen) => { if (!isOpen) onClose(); }}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="sheet below places" data-modal>
          <header>
            <Avatar user={me} isBig />
            <div className="whose"><Dialog.Title dir="auto">{nameOf(me)}</Dialog.Title><span className="quiet" dir="auto">{org.display_name}</span></div>
            <Dialog.Close className="btn" aria-label="Close"><Icon name="x" /></Dialog.Close>
          </header>
          <button type="button" className="ask" onClick={() => open({ kind: 'palette' })}><Icon name="search" />Find or do</button>
          <nav aria-label="Views" onClick={(event) => { if ((event.target as HTMLElement).closest('a')) onClose(); }}><RailLinks /></nav>
          <footer>
            <div className="seg" role="group" aria-label="Colours">
              {THEMES.map(([each, label]) => <button key={each} type="button" aria-pressed={theme === each} onClick={() => prefer({ theme: each })}>{label}</button>)}
            </div>
            <button type="button" className="btn line" onClick={() => void signOut()}>Sign out</button>
          </footer>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
