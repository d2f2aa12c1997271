/**
 * One robust random cut tree (Guha, Mishra, Roy and Schrijvers 2016, "Robust random cut forest based anomaly detection on
 * streams") over a bounded sample of points. Inserting and removing a point leaves the tree distributed as one built
 * afresh (theorems 4 and 5 there), so a stream is followed at the cost of a path. Nodes lie in typed arrays: branches are
 * 0 .. capacity - 2, leaves `capacity` .. 2 × capacity - 1.
 */
import { next, type Randomness } from '../../../layers/core/statistics/random.ts';

export interface CutTree {
  readonly dimensions: number;
  readonly capacity: number;
  readonly cutDimension: Uint8Array;
  readonly cutValue: Float32Array;
  readonly left: Int16Array;
  readonly right: Int16Array;
  readonly parent: Int16Array;
  /** Points below a node; of a leaf, how often its point is in the sample. */
  readonly mass: Uint16Array;
  /** A node's bounding box: lows, then highs. A leaf's is its point, twice. */
  readonly box: Float32Array;
  /** Stacks of free branches and of free leaves. */
  readonly freeBranches: Int16Array;
  readonly freeLeaves: Int16Array;
  branches: number;
  leaves: number;
  root: number;
}

const NONE = -1;

export function startCutTree(dimensions: number, capacity: number): CutTree {
  const nodes = 2 * capacity;
  return {
    dimensions,
    capacity,
    cutDimension: new Uint8Array(capacity),
    cutValue: new Float32Array(capacity),
    left: new Int16Array(capacity),
    right: new Int16Array(capacity),
    parent: new Int16Array(nodes).fill(NONE),
    mass: new Uint16Array(nodes),
    box: new Float32Array(nodes * 2 * dimensions),
    freeBranches: Int16Array.from({ length: capacity }, (_, i) => capacity - 1 - i),
    freeLeaves: Int16Array.from({ length: capacity }, (_, i) => 2 * capacity - 1 - i),
    branches: 0,
    leaves: 0,
    root: NONE,
  };
}

export function massOf(tree: CutTree): number {
  return tree.root === NONE ? 0 : tree.mass[tree.root]!;
}

/**
 * Expected displacement of `point`, were it inserted (§3 there): by how much the other points' depths would grow, a share
 * of all points in 0..1, averaged over the random cuts, not over trees.
 */
export function displacement(tree: CutTree, point: Float32Array): number {
  let node = tree.root;
  if (node === NONE) return 0;
  const all = tree.mass[node]!;
  let reach = 1;
  let sum = 0;
  for (;;) {
    const apart = chanceApart(tree, node, point);
    sum += reach * apart * tree.mass[node]!;
    reach *= 1 - apart;
    if (node >= tree.capacity || reach < 1e-6) return sum / all;
    node = child(tree, node, point);
  }
}

/** Adds `point` to the sample; the tree must have room. */
export function insert(tree: CutTree, point: Float32Array, random: Randomness): void {
  if (tree.root === NONE) {
    tree.root = newLeaf(tree, point);
    return;
  }
  let node = tree.root;
  while (!cutApart(tree, node, point, random)) {
    tree.mass[node]!++;
    if (node >= tree.capacity) return; // the same point again
    extend(tree, node, point);
    node = child(tree, node, point);
  }
}

/** Takes one point, each equally likely, out of the sample. */
export function removeAny(tree: CutTree, random: Randomness): void {
  let node = tree.root;
  if (node === NONE) return;
  while (node < tree.capacity) {
    const left = tree.left[node]!;
    node = next(random) * tree.mass[node]! < tree.mass[left]! ? left : tree.right[node]!;
  }
  if (tree.mass[node]! > 1) for (let at = node; at !== NONE; at = tree.parent[at]!) tree.mass[at]!--;
  else removeLeaf(tree, node);
}

function removeLeaf(tree: CutTree, leaf: number): void {
  tree.leaves--;
  tree.freeLeaves[tree.capacity - 1 - tree.leaves] = leaf;
  const branch = tree.parent[leaf]!;
  if (branch === NONE) {
    tree.root = NONE;
    return;
  }
  const sibling = tree.left[branch] === leaf ? tree.right[branch]! : tree.left[branch]!;
  replace(tree, branch, sibling);
  tree.branches--;
  tree.freeBranches[tree.capacity - 1 - tree.branches] = branch;
  for (let at = tree.parent[sibling]!; at !== NONE; at = tree.parent[at]!) {
    tree.mass[at]!--;
    enclose(tree, at);
  }
}

/** The probability that a random cut of the box around `node` and `point` parts the two. */
function chanceApart({ box, dimensions }: CutTree, node: number, point: Float32Array): number {
  const low = node * 2 * dimensions;
  let added = 0;
  let range = 0;
  for (let j = 0; j < dimensions; j++) {
    const a = box[low + j]!;
    const b = box[low + dimensions + j]!;
    const x = point[j]!;
    range += b - a;
    if (x < a) added += a - x;
    else if (x > b) added += x - b;
  }
  return added === 0 ? 0 : added / (range + added);
}

/** Draws a cut of the box around `node` and `point`; when it parts them, puts a branch above `node` with the point beside it. */
function cutApart(tree: CutTree, node: number, point: Float32Array, random: Randomness): boolean {
  const { box, dimensions } = tree;
  const low = node * 2 * dimensions;
  let range = 0;
  for (let j = 0; j < dimensions; j++) {
    range += Math.max(box[low + dimensions + j]!, point[j]!) - Math.min(box[low + j]!, point[j]!);
  }
  let at = next(random) * range;
  for (let j = 0; j < dimensions; j++) {
    const a = box[low + j]!;
    const b = box[low + dimensions + j]!;
    const x = point[j]!;
    const from = Math.min(a, x);
    const width = Math.max(b, x) - from;
    if (at >= width) {
      at -= width;
      continue;
    }
    const cut = Math.fround(from + at);
    if (x <= cut && cut < a) branchAbove(tree, node, point, j, cut, true);
    else if (b <= cut && cut < x) branchAbove(tree, node, point, j, cut, false);
    else return false;
    return true;
  }
  return false;
}

function branchAbove(tree: CutTree, node: number, point: Float32Array, j: number, cut: number, before: boolean): void {
  const branch = tree.freeBranches[tree.capacity - 1 - tree.branches]!;
  tree.branches++;
  replace(tree, node, branch);
  const leaf = newLeaf(tree, point);
  tree.cutDimension[branch] = j;
  tree.cutValue[branch] = cut;
  tree.left[branch] = before ? leaf : node;
  tree.right[branch] = before ? node : leaf;
  tree.parent[leaf] = tree.parent[node] = branch;
  tree.mass[branch] = tree.mass[node]! + 1;
  enclose(tree, branch);
}

function newLeaf(tree: CutTree, point: Float32Array): number {
  const leaf = tree.freeLeaves[tree.capacity - 1 - tree.leaves]!;
  tree.leaves++;
  const low = leaf * 2 * tree.dimensions;
  tree.box.set(point, low);
  tree.box.set(point, low + tree.dimensions);
  tree.mass[leaf] = 1;
  tree.parent[leaf] = NONE;
  return leaf;
}

/** Puts `heir` where `node` hangs. */
function replace(tree: CutTree, node: number, heir: number): void {
  const above = tree.parent[node]!;
  tree.parent[heir] = above;
  if (above === NONE) tree.root = heir;
  else if (tree.left[above] === node) tree.left[above] = heir;
  else tree.right[above] = heir;
}

function child({ cutDimension, cutValue, left, right }: CutTree, node: number, point: Float32Array): number {
  return point[cutDimension[node]!]! <= cutValue[node]! ? left[node]! : right[node]!;
}

function extend({ box, dimensions }: CutTree, node: number, point: Float32Array): void {
  const low = node * 2 * dimensions;
  for (let j = 0; j < dimensions; j++) {
    const x = point[j]!;
    if (x < box[low + j]!) box[low + j] = x;
    if (x > box[low + dimensions + j]!) box[low + dimensions + j] = x;
  }
}

/** Makes a branch's box that of its children. */
function enclose({ box, dimensions, left, right }: CutTree, branch: number): void {
  const to = branch * 2 * dimensions;
  const a = left[branch]! * 2 * dimensions;
  const b = right[branch]! * 2 * dimensions;
  for (let j = 0; j < dimensions; j++) {
    box[to + j] = Math.min(box[a + j]!, box[b + j]!);
    box[to + dimensions + j] = Math.max(box[a + dimensions + j]!, box[b + dimensions + j]!);
  }
}
