// The fields of a sprint: its name, and its first and last day.
import { Input } from '../../ui/Sheet';

/** When the first day begins, where whoever writes it is. */
export const beginOf = (day: string): string => new Date(`${day}T00:00`).toISOString();

/** When the last day ends. */
export const endOf = (day: string): string => new Date(`${day}T23:59:59`).toISOString();

export function SprintFields({ name, from, to, onName, onFrom, onTo }: {
  name: string;
  from: string;
  to: string;
  onName: (name: string) => void;
  onFrom: (day: string) => void;
  onTo: (day: string) => void;
}) {
  return (
    <>
      <Input label="Name" value={name} onChange={onName} isFirst required />
      <div className="row-of">
        <Input label="From" type="date" value={from} onChange={onFrom} />
        <Input label="To" type="date" value={to} onChange={onTo} />
      </div>
    </>
  );
}
