// How many works each has; a bar leads to them.
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { en } from '../text/en';

export interface Bar {
  key: string;
  label: string;
  mark?: ReactNode;
  value: number;
  /** How many of them are late. */
  late?: number;
  path: string;
}

export function Bars({ bars }: { bars: Bar[] }) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <ul className="bars">
      {bars.map(({ key, label, mark, value, late = 0, path }) => (
        <li key={key}>
          <Link href={path}>
            <span className="l">{mark && <span className="m" aria-hidden="true">{mark}</span>}<span dir="auto">{label}</span></span>
            <svg className="b" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width={(100 * value) / most} height="10" rx="1" />
              {late > 0 && <rect className="hot" x={(100 * (value - late)) / most} width={(100 * late) / most} height="10" rx="1" />}
            </svg>
            <span className="v">{en.number(value)}{late > 0 && <span className="sr">, {en.number(late)} late</span>}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
