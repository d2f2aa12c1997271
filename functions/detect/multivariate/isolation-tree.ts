/** Isolation trees (Liu, Ting and Zhou 2008), apart from what they are grown on. */

/** A tree in preorder: the left child follows its parent. Plain JSON. */
export interface IsolationTree {
  /** Column a node splits on; -1 at a leaf. */
  readonly column: number[];
  /** Where it splits: smaller goes left. At a leaf, the path length it stands for. */
  readonly value: number[];
  /** Index of the right child; 0 at a leaf. */
  readonly right: number[];
}

/** Average path length of an unsuccessful search among n points (Liu et al. 2008, eq. 1). */
export function averagePath(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + 0.5772156649) - (2 * (n - 1)) / n;
}

/** Grows one tree down to the average depth of `rows`. Columns that do not vary are never split on. */
export function growTree(rows: readonly ArrayLike<number>[], random: () => number): IsolationTree {
  const tree: IsolationTree = { column: [], value: [], right: [] };
  grow(tree, [...rows], Math.ceil(Math.log2(Math.max(2, rows.length))), 0, random);
  return tree;
}

function grow(
  tree: IsolationTree,
  rows: ArrayLike<number>[],
  limit: number,
  depth: number,
  random: () => number,
): void {
  const at = tree.column.length;
  const split = depth < limit && rows.length > 1 ? chooseSplit(rows, random) : undefined;
  tree.right.push(0);
  tree.column.push(split?.column ?? -1);
  tree.value.push(split?.value ?? rounded(depth + averagePath(rows.length)));
  if (!split) return;
  const isLeft = (row: ArrayLike<number>) => row[split.column]! < split.value;
  grow(tree, rows.filter(isLeft), limit, depth + 1, random);
  tree.right[at] = tree.column.length;
  const others = rows.filter((row) => !isLeft(row));
  grow(tree, others, limit, depth + 1, random);
}

/** A column that varies, all equally likely, and a place between its least and greatest value. */
function chooseSplit(rows: readonly ArrayLike<number>[], random: () => number) {
  const untried = Array.from({ length: rows[0]?.length ?? 0 }, (_, column) => column);
  while (untried.length > 0) {
    const [column] = untried.splice(Math.floor(random() * untried.length), 1) as [number];
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      low = Math.min(low, row[column]!);
      high = Math.max(high, row[column]!);
    }
    const value = rounded(low + random() * (high - low));
    if (value > low && value <= high) return { column, value };
  }
  return undefined;
}

/** Models are stored as text: five digits are enough for where a random split lies. */
const rounded = (value: number): number => Number(value.toPrecision(5));

/**
 * Path length of a row in a tree. The columns that led it to a leaf share what it was isolated faster than the deepest
 * leaf by (local DIFFI, Carletti et al. 2023).
 * @param shares a sum a column, added to; @param deepest path length that isolates nothing.
 */
export function pathLength(tree: IsolationTree, row: ArrayLike<number>, shares: Float64Array, deepest: number): number {
  const path: number[] = [];
  let at = 0;
  for (let column = tree.column[0]!; column >= 0; column = tree.column[at]!) {
    path.push(column);
    at = row[column]! < tree.value[at]! ? at + 1 : tree.right[at]!;
  }
  const length = tree.value[at]!;
  const saved = Math.max(0, 1 / Math.max(1, length) - 1 / Math.max(1, deepest));
  for (const column of path) shares[column]! += saved / path.length;
  return length;
}
