// What lies over the page.
import { lazy, Suspense } from 'react';
import { close, overlay } from '../commands/overlay';
import { FieldPicker } from '../fields/FieldPicker';
import { FilterPicker } from '../fields/FilterPicker';
import { useSignal } from '../store/hooks';
import { DeleteDialog } from './DeleteDialog';
import { KeySheet } from './KeySheet';
import { LinkPicker } from './LinkPicker';
import { Palette } from './Palette';
import { Places } from './Places';
import { SaveView } from './SaveView';

const NewWork = lazy(() => import('./NewWork'));

export default function Overlays() {
  const now = useSignal(overlay);
  switch (now?.kind) {
    case 'palette': return <Palette isSearch={now.isSearch ?? false} onClose={close} />;
    case 'places': return <Places onClose={close} />;
    case 'keys': return <KeySheet onClose={close} />;
    case 'new': return <Suspense fallback={null}><NewWork onClose={close} /></Suspense>;
    case 'field': return <FieldPicker ids={now.ids} name={now.field} onClose={close} />;
    case 'filter': return <FilterPicker name={now.name} values={now.values} onPick={now.onPick} onClose={close} />;
    case 'save': return <SaveView view={now.view} onClose={close} />;
    case 'link': return <LinkPicker id={now.id} onClose={close} />;
    case 'delete': return <DeleteDialog ids={now.ids} onClose={close} />;
    default: return null;
  }
}
