import * as z from 'zod';
import { Arn } from './arn.ts';
import type { Resource } from './inventory.ts';
import type { Ratio } from './units.ts';

/**
 * How it is known that one resource calls or reads another:
 * `tag`: its owner lists it in `prunella:depends-on`; `environment`: its environment holds the ARN or URL; `name`: a variable
 * whose name says what it holds has the bare name as its value; `target-group`: its environment names a load balancer with
 * this one alone behind it; `event-source`: Lambda polls it for the function; `trace`: calls between them were measured
 * (CloudWatch Application Signals); `x-ray`: X-Ray traced `OFTEN` calls or more; `x-ray-seldom`: it traced fewer.
 */
export const EdgeSource = z.enum([
  'tag',
  'environment',
  'name',
  'target-group',
  'event-source',
  'trace',
  'x-ray',
  'x-ray-seldom',
]);
export type EdgeSource = z.infer<typeof EdgeSource>;

/** `from` calls or reads `to`. */
export const Edge = z.object({
  from: Arn,
  to: Arn,
  /** Empty for an edge of a record that was written before sources were. */
  sources: z.array(EdgeSource),
  /** The probability that the calls exist. */
  confidence: z.number().min(0).max(1),
});
export type Edge = z.infer<typeof Edge>;

/** How a version of the graph differs from the one before. */
export interface TopologyChange {
  readonly added: readonly Edge[];
  readonly removed: readonly Edge[];
}

/**
 * From so many traced calls on a dependency is taken to stand. X-Ray samples, by default a request a second and 5 % of the rest: of a
 * service with a request a minute, even what one in a hundred does is seen more often than this in a day; somebody who tries
 * something out is seen once or twice.
 */
export const OFTEN = 10;

/** Laplace's rule of succession: after so many calls seen, the probability that there is a next one. */
const succession = (seen: number): Ratio => (seen + 1) / (seen + 2);

/**
 * How often each source is right when it is the only one. Measured calls and Lambda's own mappings are facts that may be
 * hours old; an ARN in an environment may be left over; an owner's list may be outdated; a bare name may mean something else.
 * X-Ray's is a sample: it is believed as far as the fewest calls go that it may stand for.
 */
const TRUST: Readonly<Record<EdgeSource, Ratio>> = {
  trace: 0.98,
  'event-source': 0.98,
  'x-ray': succession(OFTEN),
  'x-ray-seldom': succession(1),
  environment: 0.9,
  'target-group': 0.9,
  tag: 0.9,
  name: 0.7,
};
/** Of an edge whose source is not known. */
const UNSOURCED: Ratio = 0.7;

/** Sources err independently, so the edge exists unless all of them are wrong (noisy-or, Pearl 1988, §4.3). */
export function confidenceOf(sources: readonly EdgeSource[]): Ratio {
  if (sources.length === 0) return UNSOURCED;
  const wrong = [...new Set(sources)].reduce((product, source) => product * (1 - TRUST[source]), 1);
  return Math.round((1 - wrong) * 1e4) / 1e4;
}

/** The edges that begin at a resource, by its inventory record. */
export function edgesFrom({
  arn,
  dependsOn,
  dependsBy = {},
}: Pick<Resource, 'arn' | 'dependsOn' | 'dependsBy'>): Edge[] {
  return [...new Set(dependsOn)]
    .filter((to) => to !== arn)
    .map((to) => {
      const sources = dependsBy[to] ?? [];
      return { from: arn, to, sources: [...sources], confidence: confidenceOf(sources) };
    });
}

/** Who among these calls whom. */
export function edgesAmong(resources: readonly Pick<Resource, 'arn' | 'dependsOn' | 'dependsBy'>[]): Edge[] {
  const known = new Set(resources.map(({ arn }) => arn));
  return resources.flatMap(edgesFrom).filter(({ to }) => known.has(to));
}

/** What was added, lost or is known otherwise than before; an edge whose sources differ is both removed and added. */
export function compareEdges(before: readonly Edge[], after: readonly Edge[]): TopologyChange {
  const name = ({ from, to, sources }: Edge): string => `${from} ${to} ${sources.toSorted().join()}`;
  const [had, has] = [new Set(before.map(name)), new Set(after.map(name))];
  return {
    added: after.filter((edge) => !had.has(name(edge))),
    removed: before.filter((edge) => !has.has(name(edge))),
  };
}
