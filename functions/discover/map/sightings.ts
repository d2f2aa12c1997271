import { lambdaOf, parseArn, resourceTypeOf, shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Sightings } from '../../../layers/core/sightings.ts';
import { OFTEN } from '../../../layers/core/topology.ts';
import { addSeconds, hours, type Instant } from '../../../layers/core/units.ts';
import type { LoadBalancerFacts, ServiceGraph, TracedNode } from '../facts.ts';
import type { Known } from './known.ts';
import { servicesBehind, type Use } from './topology.ts';

/** A call that was not seen for so long is forgotten; what a job does every day is not. */
const REMEMBERED = hours(48);

/**
 * How often each watched resource was seen calling others, by caller and callee: the service graph with watched resources as
 * its nodes. A node whose names lead to none, or to several, is left out.
 */
export function seenIn(
  { edges }: ServiceGraph,
  known: Known,
  loadBalancers: readonly LoadBalancerFacts[],
): ReadonlyMap<Arn, ReadonlyMap<Arn, number>> {
  const names = namesOf(known, loadBalancers);
  const seen = new Map<Arn, Map<Arn, number>>();
  for (const { from, to, count } of edges) {
    const [caller, callee] = [resourceAt(from, names), resourceAt(to, names)];
    if (!caller || !callee || caller === callee) continue;
    const calls = seen.get(caller) ?? new Map<Arn, number>();
    seen.set(caller, calls.set(callee, (calls.get(callee) ?? 0) + count));
  }
  return seen;
}

/** What was seen of a resource's calls before, with what was seen now. Calls of what is no longer watched are forgotten. */
export function remember(
  before: Sightings | undefined,
  now: { readonly until: Instant; readonly calls: ReadonlyMap<Arn, number> } | undefined,
  at: Instant,
  { watched }: Pick<Known, 'watched'>,
): Sightings | undefined {
  const until = now?.until ?? before?.until;
  if (until === undefined) return undefined;
  const oldest = addSeconds(at, -REMEMBERED);
  const calls = Object.fromEntries(
    Object.entries(before?.calls ?? {}).filter(([callee, { lastSeen }]) => watched.has(callee) && lastSeen >= oldest),
  );
  for (const [callee, count] of now?.calls ?? [])
    calls[callee] = { count: (calls[callee]?.count ?? 0) + count, lastSeen: until };
  return { until, calls };
}

/** What a resource was seen calling. */
export const usesSeen = (sightings: Sightings | undefined): Use[] =>
  Object.entries(sightings?.calls ?? {}).map(([arn, { count }]) => ({
    arn,
    source: count >= OFTEN ? 'x-ray' : 'x-ray-seldom',
  }));

/** How nodes of a type are named. Of all other types (clients, other services of AWS) nothing is watched. */
type Naming = 'service' | 'function' | 'table' | 'queue' | 'host';
const NAMING: Readonly<Record<string, Naming>> = {
  'AWS::ECS::Container': 'service',
  'AWS::ECS::Fargate': 'service',
  'AWS::ECS::EC2': 'service',
  // Of a program that does not say what it runs on.
  '': 'service',
  'AWS::Lambda': 'function',
  'AWS::Lambda::Function': 'function',
  'AWS::DynamoDB::Table': 'table',
  'AWS::SQS::Queue': 'queue',
  remote: 'host',
};

/** Watched resources by how nodes are named, and by a name, which may be that of several. */
type Names = ReadonlyMap<string, readonly Arn[]>;
const keyOf = (naming: Naming, name: string): string => `${naming} ${name}`;

function resourceAt({ names: given, type, account }: TracedNode, names: Names): Arn | undefined {
  const naming = NAMING[type];
  if (naming === undefined) return undefined;
  const found = given.flatMap((name) => names.get(keyOf(naming, asNamed(naming, name))) ?? []);
  const meant = new Set(found.filter((arn) => account === undefined || parseArn(arn).account === account));
  const [only] = meant;
  return meant.size === 1 ? only : undefined;
}

function asNamed(naming: Naming, name: string): string {
  if (naming === 'queue') return queueIn(name);
  return naming === 'host' ? name.toLowerCase() : name;
}

/** A queue goes by its URL; on AWS its host says the Region. */
function queueIn(name: string): string {
  const [, region = '', account, queue] =
    /^https?:\/\/(?:sqs\.([\w-]+)\.amazonaws\.com|[^/]+)\/(\d{12})\/([\w.-]+)$/.exec(name) ?? [];
  return queue === undefined ? name : `${region}/${account}/${queue}`;
}

function namesOf(known: Known, loadBalancers: readonly LoadBalancerFacts[]): Names {
  const names = [...known.watched].flatMap((arn) => namesOfResource(arn, known));
  const hosts = loadBalancers.flatMap((lb) => {
    const behind = servicesBehind(lb.arn, known);
    return behind.map((service) => [keyOf('host', lb.dnsName.toLowerCase()), service] as const);
  });
  const grouped = Map.groupBy([...names, ...hosts], ([key]) => key);
  return new Map([...grouped].map(([key, all]) => [key, all.map(([, arn]) => arn)]));
}

function namesOfResource(arn: Arn, known: Known): (readonly [string, Arn])[] {
  const under = (naming: Naming, ...names: string[]) =>
    [arn, shortName(arn), ...names].map((name) => [keyOf(naming, name), arn] as const);
  const { account, region } = parseArn(arn);
  switch (resourceTypeOf(arn)) {
    case 'ecs-service':
      return under('service', shortName(arn).split('/').at(-1)!);
    case 'lambda-alias':
      return under('function');
    case 'lambda-function':
      return [
        [keyOf('function', arn), arn],
        [keyOf('function', shortName(arn)), calledAs(arn, known)],
      ];
    case 'dynamodb-table':
      return under('table');
    case 'sqs-queue':
      return under('queue', ...[region, ''].map((where) => `${where}/${account}/${shortName(arn)}`));
    default:
      return [];
  }
}

/** A function with one alias is called through it, as its alarms are about it. */
function calledAs(arn: Arn, { aliases }: Known): Arn {
  const own = (aliases.get(lambdaOf(arn).functionName) ?? []).filter((alias) => alias.startsWith(`${arn}:`));
  const [only] = own;
  return only && own.length === 1 ? only : arn;
}
