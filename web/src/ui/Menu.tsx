// A button that opens a short list of choices, one of which is on.
import { Menu as Base } from '@base-ui/react/menu';
import type { ReactNode } from 'react';
import { Icon } from './Icon';

export function ChoiceMenu<T extends string>({ label, value, options, onPick }: {
  label: string;
  value: T;
  options: ReadonlyArray<{ id: T; label: string }>;
  onPick: (value: T) => void;
}) {
  const shown = options.find((option) => option.id === value)?.label ?? value;
  return (
    <Base.Root>
      <Base.Trigger className="btn"><span className="label">{label}</span> <b>{shown}</b><Icon name="down" /></Base.Trigger>
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={4}>
          <Base.Popup className="menu">
            <Base.RadioGroup value={value} onValueChange={(next: T) => onPick(next)}>
              {options.map((option) => (
                <Base.RadioItem key={option.id} value={option.id} className="it" closeOnClick>
                  <span className="ic"><Base.RadioItemIndicator><Icon name="check" /></Base.RadioItemIndicator></span>
                  {option.label}
                </Base.RadioItem>
              ))}
            </Base.RadioGroup>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** A button that opens a list of things that are each on or off. */
export function ToggleMenu({ label, options, on, onToggle }: {
  label: string;
  options: ReadonlyArray<{ id: string; label: string }>;
  on: (id: string) => boolean;
  onToggle: (id: string) => void;
}) {
  return (
    <Base.Root>
      <Base.Trigger className="btn">{label}<Icon name="down" /></Base.Trigger>
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={4}>
          <Base.Popup className="menu">
            {options.map((option) => (
              <Base.CheckboxItem key={option.id} className="it" checked={on(option.id)} onCheckedChange={() => onToggle(option.id)} closeOnClick={false}>
                <span className="ic"><Base.CheckboxItemIndicator><Icon name="check" /></Base.CheckboxItemIndicator></span>
                {option.label}
              </Base.CheckboxItem>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Things to do behind one button. */
export function ActionMenu({ label, trigger, className = 'btn', items }: {
  label: string;
  trigger: ReactNode;
  className?: string;
  items: ReadonlyArray<{ id: string; label: string; run: () => void }>;
}) {
  return (
    <Base.Root>
      <Base.Trigger className={className} aria-label={label}>{trigger}</Base.Trigger>
      <Base.Portal>
        <Base.Positioner align="end" sideOffset={4}>
          <Base.Popup className="menu">
            {items.map((item) => (
              <Base.Item key={item.id} className="it" onClick={item.run}>{item.label}</Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
