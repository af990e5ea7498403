// The columns of a list beside the title, each of which can be left out.

export interface Column {
  id: string;
  label: string;
  /** As the grid of a row has it. */
  width: string;
}

export const COLUMNS: readonly Column[] = [
  { id: 'part', label: 'Part', width: '118px' },
  { id: 'acc', label: 'Customer', width: '132px' },
  { id: 'when-due', label: 'Due', width: '112px' },
  { id: 'own', label: 'Owner', width: '24px' },
  { id: 'when', label: 'Changed', width: '54px' },
];

/** The grid of a row with the columns that are not hidden. */
export function template(hidden: readonly string[]): string {
  const widths = COLUMNS.filter(({ id }) => !hidden.includes(id)).map(({ width }) => width);
  return ['18px', '50px', '62px', 'minmax(0, 1fr)', ...widths].join(' ');
}
