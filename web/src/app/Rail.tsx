// The rail: where one can go, how it looks, and who is here.
import { open } from '../commands/overlay';
import { isMac } from '../commands/keys';
import { asSummary } from '../store/asked';
import { useSignal } from '../store/hooks';
import { standing, tryNow } from '../store/live';
import { preferences, prefer, type Theme } from '../store/preferences';
import { signOut, signedIn } from '../store/session';
import { Avatar, Kbd } from '../ui/bits';
import { Icon } from '../ui/Icon';
import { ActionMenu } from '../ui/Menu';
import { nameOf } from '../works/work';
import { RailLinks } from './RailLinks';

export function Rail() {
  const { org, user } = signedIn();
  const themes: Array<[Theme, string]> = [['auto', 'As the system has it'], ['light', 'Light'], ['dark', 'Dark']];
  return (
    <aside className="rail" aria-label="Worksmith">
      <ActionMenu
        label={`${org.display_name}: settings`} className="org"
        trigger={<><Icon name="mark" className="mark" /><span>{org.display_name}</span><Icon name="down" /></>}
        items={[
          ...themes.map(([theme, label]) => ({ id: theme, label: `Colours: ${label}`, run: () => prefer({ theme }) })),
          { id: 'density', label: `Rows: ${preferences.get().density}, switch`, run: switchDensity },
          { id: 'out', label: 'Sign out', run: () => void signOut() },
        ]}
      />
      <button type="button" className="ask" onClick={() => open({ kind: 'palette' })}>
        <Icon name="search" /><span>Find or do</span><Kbd>{isMac ? '⌘ K' : 'Ctrl K'}</Kbd>
      </button>
      <nav aria-label="Views">
        <RailLinks />
      </nav>
      <div className="end">
        <Avatar user={asSummary(user)} /><span className="me">{nameOf(asSummary(user))}</span><Live />
      </div>
    </aside>
  );
}

export function switchDensity(): void {
  const next = { compact: 'normal', normal: 'roomy', roomy: 'compact' } as const;
  prefer({ density: next[preferences.get().density] });
}

function Live() {
  const now = useSignal(standing);
  if (now.kind === 'live') return <span className="live">Live</span>;
  if (now.kind === 'lost') return <button type="button" className="live off" onClick={tryNow}>Offline</button>;
  return <span className="live off">…</span>;
}
