// Parts as a tree: what belongs to what, which rows are seen, and how counts add up.
import type { PartType } from '../api/types.gen';

export interface Numbers {
  open: number;
  late: number;
}

export interface Node {
  id: string;
  name: string;
  children: Node[];
}

/** What may belong to what. */
const PARENTS: Record<PartType, readonly PartType[]> = {
  product: [],
  capability: ['product'],
  feature: ['capability', 'feature'],
  enhancement: ['product', 'capability', 'feature', 'enhancement', 'runnable', 'linkable'],
  runnable: ['product', 'capability', 'feature', 'enhancement', 'runnable', 'linkable'],
  linkable: ['product', 'capability', 'feature', 'enhancement', 'runnable', 'linkable'],
};

export const canHold = (parent: PartType, child: PartType): boolean => PARENTS[child].includes(parent);

/** The kinds of part that can be made in a part, or beside all others. */
export function kindsIn(parent: PartType | undefined): PartType[] {
  return (Object.keys(PARENTS) as PartType[]).filter((kind) => (parent ? canHold(parent, kind) : kind === 'product'));
}

/** The roots of the tree. What belongs to something that is not there is a root, and nothing is lost in a circle. */
export function grow(parts: ReadonlyArray<{ id: string; name: string }>, parents: ReadonlyMap<string, string>): Node[] {
  const nodes = new Map(parts.map(({ id, name }): [string, Node] => [id, { id, name, children: [] }]));
  const roots: Node[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(parents.get(node.id) ?? '');
    if (parent && !isBelow(node.id, parent.id, parents)) parent.children.push(node);
    else roots.push(node);
  }
  const sort = (list: Node[]): Node[] => {
    list.sort((a, b) => a.name.localeCompare(b.name));
    for (const node of list) sort(node.children);
    return list;
  };
  return sort(roots);
}

/** Whether a part is, at any depth, below another one or that part itself. */
export function isBelow(ancestor: string, part: string, parents: ReadonlyMap<string, string>): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = part; at !== undefined && !seen.has(at); at = parents.get(at)) {
    if (at === ancestor) return true;
    seen.add(at);
  }
  return false;
}

export interface TreeRow {
  id: string;
  depth: number;
  hasChildren: boolean;
  isFolded: boolean;
  /** Its place among its siblings, from 1, and how many there are. */
  at: number;
  of: number;
}

/** The rows that are seen, from above. */
export function rowsOf(roots: readonly Node[], folded: ReadonlySet<string>, depth = 0): TreeRow[] {
  return roots.flatMap((node, at): TreeRow[] => {
    const isFolded = folded.has(node.id);
    const row = { id: node.id, depth, hasChildren: node.children.length > 0, isFolded, at: at + 1, of: roots.length };
    return [row, ...(isFolded ? [] : rowsOf(node.children, folded, depth + 1))];
  });
}

/** The numbers of each part with all that is below it. */
export function sums(roots: readonly Node[], own: ReadonlyMap<string, Numbers>): Map<string, Numbers> {
  const all = new Map<string, Numbers>();
  const add = (node: Node): Numbers => {
    const sum = { open: own.get(node.id)?.open ?? 0, late: own.get(node.id)?.late ?? 0 };
    for (const child of node.children) {
      const below = add(child);
      sum.open += below.open;
      sum.late += below.late;
    }
    all.set(node.id, sum);
    return sum;
  };
  roots.forEach(add);
  return all;
}
