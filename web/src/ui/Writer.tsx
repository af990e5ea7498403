// A field for Markdown, with the keys of the editor. `@` offers people, `#` works and parts. It stays a text box of many
// lines, which a combobox is not: the list is told by its active option.
import { useId, useRef, useState, type ComponentProps, type KeyboardEvent, type RefObject } from 'react';
import { edit, replace } from '../markdown/editor';
import { namingAt, type Naming } from '../markdown/naming';
import type { Work } from '../works/work';
import { Names, type Keys } from './Names';

interface Props extends Omit<ComponentProps<'textarea'>, 'value' | 'onChange' | 'ref'> {
  value: string;
  onWrite: (text: string) => void;
  /** The work that it is about: its people are offered first. */
  work?: Work;
  /** Whether it is no Markdown: then it is a text box and nothing more. */
  isPlain?: boolean;
  ref?: RefObject<HTMLTextAreaElement | null>;
}

export function Writer({ value, onWrite, work, isPlain = false, ref, onKeyDown, ...rest }: Props) {
  const own = useRef<HTMLTextAreaElement>(null);
  const field = ref ?? own;
  const id = useId();
  const [naming, setNaming] = useState<Naming>();
  /** Where a sign is whose list was closed. */
  const [shut, setShut] = useState<number>();
  const [active, setActive] = useState<string>();
  const keys = useRef<Keys>(undefined);
  const look = (): void => {
    const box = field.current;
    if (!box) return;
    const isHere = document.activeElement === box && box.selectionStart === box.selectionEnd;
    const next = isHere && !isPlain ? namingAt(box.value, box.selectionStart) : undefined;
    setNaming((now) => (now?.from === next?.from && now?.query === next?.query && now?.sign === next?.sign ? now : next));
    if (shut !== undefined && !/[@#]/.test(box.value[shut] ?? '')) setShut(undefined);
  };
  const isOpen = naming !== undefined && naming.from !== shut;
  const take = (text: string): void => {
    const box = field.current;
    if (!box || !naming) return;
    replace(box, naming.from, naming.from + naming.query.length + 1, `${text} `);
    onWrite(box.value);
    setNaming(undefined);
  };
  return (
    <>
      <textarea
        dir="auto" {...rest} ref={field} value={value} {...(isPlain ? {} : { 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox' })}
        {...(isOpen && active ? { 'aria-controls': id, 'aria-activedescendant': active } : {})}
        onChange={(event) => { onWrite(event.target.value); look(); }} onSelect={look} onBlur={(event) => { setNaming(undefined); rest.onBlur?.(event); }}
        onKeyDown={(event: KeyboardEvent<HTMLTextAreaElement>) => {
          if (event.nativeEvent.isComposing) return;
          if (isOpen && keys.current?.(event.nativeEvent)) {
            event.preventDefault();
            event.stopPropagation();
            if (event.key === 'Escape') setShut(naming.from);
            return;
          }
          onKeyDown?.(event);
          if (!event.defaultPrevented && !isPlain) edit(event, onWrite);
        }}
      />
      {isOpen && <Names id={id} naming={naming} field={field} work={work} keys={keys} onTake={take} onActive={setActive} />}
    </>
  );
}
