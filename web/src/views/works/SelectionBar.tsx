// What can be done with the works that are selected.
import { run } from '../../commands/registry';
import { open } from '../../commands/overlay';
import { useSelected } from '../../store/hooks';
import type { Selection } from '../../store/selection';
import { en } from '../../text/en';
import { Kbd } from '../../ui/bits';
import { isMac } from '../../commands/keys';

const OFFERED: Array<[string, string, string]> = [
  ['work.stage', 'Stage', 'S'], ['work.owner', 'Owner', 'A'], ['work.urgency', 'Urgency', 'P'], ['work.part', 'Part', 'M'],
  ['work.due', 'Due', 'D'], ['work.tags', 'Tags', 'T'],
];

export function SelectionBar({ selection }: { selection: Selection }) {
  const selected = useSelected(selection);
  return (
    <div className="selbar" role="toolbar" aria-label="Selected works">
      <b>{en.selected(selected.size)}</b>
      {OFFERED.map(([id, label, key]) => (
        <button key={id} type="button" className="btn" onClick={() => run(id)}>{label} <Kbd>{key}</Kbd></button>
      ))}
      <button type="button" className="btn" onClick={() => open({ kind: 'palette' })}>More <Kbd>{isMac ? '⌘ K' : 'Ctrl K'}</Kbd></button>
      <button type="button" className="btn end" onClick={() => selection.set([])}>Clear <Kbd>Esc</Kbd></button>
    </div>
  );
}
