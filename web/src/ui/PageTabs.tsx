// The pages of a view, below its title.
import { Link } from 'wouter';

export function PageTabs({ label, tabs, here }: { label: string; tabs: ReadonlyArray<{ name: string; path: string }>; here: string }) {
  return (
    <nav className="pages" aria-label={label}>
      {tabs.map(({ name, path }) => (
        <Link key={path} href={path} replace aria-current={path === here ? 'page' : undefined}>{name}</Link>
      ))}
    </nav>
  );
}
