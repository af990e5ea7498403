// A field to type into and what fits below: the palette, and the choice of every value.
import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { marked, ranked } from '../text/rank';
import { Icon } from './Icon';
import { Kbd } from './bits';

export interface Choice {
  id: string;
  label: string;
  hint?: ReactNode;
  /** A second line. */
  below?: ReactNode;
  mark?: ReactNode;
  /** Words that find it, too. */
  also?: string;
  isOn?: boolean;
  /** Why it can't be picked. */
  shut?: string | undefined;
  pick(): void;
  /** Shows what else can be done with it. */
  more?: () => void;
}

export interface ChoiceGroup {
  label: string;
  items: Choice[];
  /** Found by the server; the order is its own. */
  isFound?: boolean;
}

export interface PickerProps {
  title: string;
  about?: string | undefined;
  placeholder?: string;
  groups: ChoiceGroup[];
  /** Whether several are picked before it closes. */
  isMany?: boolean;
  /** Whether another question follows, so that it stays open. */
  isStep?: boolean;
  /** What is in the field to begin with, so that it can be changed. */
  initial?: string | undefined;
  /** Whether the field is empty again when something was picked: each is written anew. */
  isWritten?: boolean;
  onQuery?: (query: string) => void;
  /** With `Ctrl+Enter`, or when the picker is closed after several were picked. */
  onDone?: () => void;
  onClear?: (() => void) | undefined;
  onClose: () => void;
  /** What is said if nothing fits. */
  empty?: string;
  hints?: ReactNode;
}

export function Picker(props: PickerProps) {
  const { title, about, placeholder, groups, isMany, isStep, initial = '', isWritten, onQuery, onDone, onClear, onClose, empty, hints } = props;
  const [query, setQuery] = useState(initial);
  const [here, setHere] = useState<Choice>();
  const fitting = useMemo(() => fit(groups, query), [groups, query]);
  const done = (): void => { onDone?.(); onClose(); };
  const write = (text: string): void => { setQuery(text); onQuery?.(text); };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      done();
    } else if (event.key === 'Backspace' && event.altKey && onClear) {
      event.preventDefault();
      onClear();
      onClose();
    } else if (event.key === 'Tab' && !event.shiftKey && here?.more) {
      event.preventDefault();
      event.stopPropagation();
      here.more();
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => { if (!open) (isMany ? done : onClose)(); }}>
      <Dialog.Portal>
        <Dialog.Backdrop className="scrim" />
        <Dialog.Popup className="pal" data-modal onKeyDownCapture={onKeyDown}>
          <Dialog.Title className="sr">{title}</Dialog.Title>
          <Autocomplete.Root
            items={fitting} open inline autoHighlight="always" mode="none" filter={null} value={query}
            itemToStringValue={(item: Choice) => item.label} onItemHighlighted={(item) => setHere(item as Choice | undefined)}
            onValueChange={(value, { reason }) => {
              if (reason === 'item-press') return;
              write(value);
            }}
          >
            <div className="in">
              <Icon name="search" />
              <Autocomplete.Input placeholder={placeholder ?? title} aria-label={placeholder ?? title} autoFocus spellCheck={false} dir="auto" onFocus={(event) => event.currentTarget.select()} />
              {about && <span className="for">{about}</span>}
            </div>
            <Autocomplete.Empty className="none">{empty ?? 'Nothing fits.'}</Autocomplete.Empty>
            <Autocomplete.List className="list-of">
              {(group: ChoiceGroup) => (
                <Autocomplete.Group key={`${group.label} ${group.isFound ?? false}`} items={group.items}>
                  {group.label && <Autocomplete.GroupLabel className="h">{group.label}</Autocomplete.GroupLabel>}
                  <Autocomplete.Collection>
                    {(item: Choice) => (
                      <Autocomplete.Item
                        key={item.id} value={item} className={item.below ? 'it two' : 'it'} disabled={item.shut !== undefined}
                        onClick={() => { item.pick(); if (isWritten) write(''); if (!isMany && !isStep) onClose(); }}
                      >
                        <span className="ic">{item.isOn ? <Icon name="check" /> : item.mark}</span>
                        {item.isOn && item.mark}
                        <span className="l" dir="auto">
                          {marked(query, item.label).map((piece, at) =>
                            piece.isTyped ? <b key={at}>{piece.text}</b> : <span key={at}>{piece.text}</span>)}
                          {item.below && <small>{item.below}</small>}
                        </span>
                        <span className="k">{item.shut ?? item.hint}{!item.shut && typeof item.hint === 'string' && <span className="enter"><Kbd>↵</Kbd></span>}</span>
                      </Autocomplete.Item>
                    )}
                  </Autocomplete.Collection>
                </Autocomplete.Group>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
          <div className="ft" aria-hidden="true">
            <span><Kbd>↑</Kbd><Kbd>↓</Kbd> choose</span>
            <span><Kbd>↵</Kbd> {isMany ? 'on or off' : 'do it'}</span>
            {isMany && <span><Kbd>Ctrl ↵</Kbd> done</span>}
            {here?.more && <span><Kbd>Tab</Kbd> more for this</span>}
            {onClear && <span><Kbd>Alt ⌫</Kbd> clear</span>}
            {hints}
            <span><Kbd>Esc</Kbd> {isMany ? 'done' : 'back'}</span>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function fit(groups: ChoiceGroup[], query: string): ChoiceGroup[] {
  return groups
    .map((group) => ({
      ...group,
      items: group.isFound ? group.items : ranked(query, group.items, (item) => `${item.label} ${item.also ?? ''}`),
    }))
    .filter((group) => group.items.length > 0);
}
