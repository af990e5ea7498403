// A few columns side by side, each with its number; the last one may be one that asks for somebody.
import { Link } from 'wouter';
import { en } from '../text/en';

export interface ColumnOf {
  label: string;
  value: number;
  isWarm?: boolean;
  path: string;
}

const HIGH = 112;

export function Columns({ columns }: { columns: ColumnOf[] }) {
  const most = Math.max(1, ...columns.map(({ value }) => value));
  return (
    <ul className="columns">
      {columns.map(({ label, value, isWarm, path }) => (
        <li key={label}>
          <Link href={path}>
            <b>{en.number(value)}</b>
            <svg width="100%" height={Math.max(1, (HIGH * value) / most)} aria-hidden="true"><rect className={isWarm && value > 0 ? 'warm' : ''} width="100%" height="100%" rx="2" /></svg>
            <span>{label}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
