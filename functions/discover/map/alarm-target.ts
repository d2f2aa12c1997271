import { lambdaOf, parseArn, resourceTypeOf, shortName, type Arn } from '../../../layers/core/arn.ts';
import { TAGS } from '../../../layers/core/mode.ts';
import type { AlarmFacts, AlarmQuery } from '../facts.ts';
import type { Known } from './known.ts';
import { childrenOf } from './rule.ts';

export type Resolved = { readonly resource: Arn } | { readonly unresolved: string };

/**
 * The resource an alarm is about: the one its tag names, else the one that all its metrics can be about. A metric of a
 * load balancer shared by several services can be about each of them; together with one of a target group it is clear.
 */
export function resourceOf(alarm: AlarmFacts, known: Known): Resolved {
  const tag = known.alarmTags.get(alarm.arn);
  if (tag !== undefined) return named(tag, known);
  const candidates = candidatesOf(alarm, known, new Set());
  return 'unresolved' in candidates ? candidates : pick(candidates.could, known);
}

/** A tag names a resource by its ARN, or as a person would: `cluster/service`, `function:alias`, a queue, a table. */
function named(tag: string, { watched, byName }: Known): Resolved {
  const text = tag.trim();
  if (watched.has(text)) return { resource: text };
  const meant = byName.get(text) ?? [];
  const [only] = meant;
  if (only && meant.length === 1) return { resource: only };
  if (meant.length > 1)
    return { unresolved: `${TAGS.resource} is ${text}, which names ${meant.length} resources: use an ARN` };
  return { unresolved: `${TAGS.resource} is ${text}, which names no watched resource` };
}

type Candidates = { readonly could: ReadonlySet<Arn> } | { readonly unresolved: string };

function candidatesOf(alarm: AlarmFacts, known: Known, above: ReadonlySet<string>): Candidates {
  if (alarm.kind === 'composite') return candidatesOfChildren(alarm, known, new Set([...above, alarm.name]));
  if (alarm.elsewhere) return { unresolved: 'it reads metrics of another account' };
  const metrics = alarm.queries.filter((query) => 'dimensions' in query);
  if (metrics.length === 0)
    return { unresolved: 'it reads no single metric (a Metrics Insights or search expression)' };
  return metrics.map((query) => candidatesOfMetric(query, alarm.arn, known)).reduce(both);
}

function candidatesOfChildren(
  alarm: Extract<AlarmFacts, { kind: 'composite' }>,
  known: Known,
  above: ReadonlySet<string>,
): Candidates {
  const children = childrenOf(alarm.rule).filter((name) => !above.has(name));
  if (children.length === 0) return { unresolved: 'its rule names no alarm' };
  const all = children.map((name) => candidatesOfChild(name, known, above));
  // A child that is about nothing known (a maintenance switch, say) does not hide what the others are about.
  const resolved = all.filter((one) => 'could' in one);
  return (resolved.length > 0 ? resolved : all).reduce(both);
}

function candidatesOfChild(name: string, known: Known, above: ReadonlySet<string>): Candidates {
  const child = known.alarms.get(name);
  if (!child) return { unresolved: `its child ${name} does not exist` };
  if (known.alarmTags.has(child.arn)) {
    const meant = resourceOf(child, known);
    return 'resource' in meant ? { could: new Set([meant.resource]) } : meant;
  }
  const found = candidatesOf(child, known, above);
  return 'unresolved' in found ? { unresolved: `its child ${name}: ${found.unresolved}` } : found;
}

function both(one: Candidates, other: Candidates): Candidates {
  if ('unresolved' in one) return one;
  if ('unresolved' in other) return other;
  const could = new Set([...one.could].filter((arn) => other.could.has(arn)));
  if (could.size > 0) return { could };
  const names = [...one.could, ...other.could].map(shortName);
  return { unresolved: `its metrics are about several resources (${names.join(', ')}): tag it ${TAGS.resource}` };
}

type Metric = Extract<AlarmQuery, { metric: string }>;

/** Dimensions of an owner's own metrics hold whatever was written into them. */
const FUNCTION_NAME = /^[\w-]+$/;
const FUNCTION_WITH_ALIAS = /^[\w-]+:[\w$-]+$/;

function candidatesOfMetric({ dimensions, namespace, metric }: Metric, alarm: Arn, known: Known): Candidates {
  const { partition, region, account } = parseArn(alarm);
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  const { ClusterName, ServiceName, TargetGroup, LoadBalancer, FunctionName, Resource, QueueName, TableName } =
    dimensions;
  if (ClusterName && ServiceName) return only(arn('ecs', `service/${ClusterName}/${ServiceName}`));
  if (TargetGroup) return owners([arn('elasticloadbalancing', TargetGroup)], `target group ${TargetGroup}`, known);
  if (LoadBalancer) return owners(known.groupsBehind.get(LoadBalancer) ?? [], `load balancer ${LoadBalancer}`, known);
  if (FunctionName && FUNCTION_WITH_ALIAS.test(Resource ?? '')) return only(arn('lambda', `function:${Resource}`));
  if (FunctionName && FUNCTION_NAME.test(FunctionName))
    return { could: functionAndAliases(arn('lambda', `function:${FunctionName}`), known) };
  if (QueueName) return only(arn('sqs', QueueName));
  if (TableName) return only(arn('dynamodb', `table/${TableName}`));
  return { unresolved: `no dimension of ${namespace} ${metric} names a resource: tag the alarm ${TAGS.resource}` };
}

const only = (arn: Arn): Candidates => ({ could: new Set([arn]) });

function owners(targetGroups: readonly Arn[], about: string, { servicesOf }: Known): Candidates {
  const could = new Set(targetGroups.flatMap((arn) => servicesOf.get(arn) ?? []));
  return could.size > 0 ? { could } : { unresolved: `no watched service is behind ${about}` };
}

const functionAndAliases = (arn: Arn, { aliases }: Known): Set<Arn> =>
  new Set([arn, ...(aliases.get(lambdaOf(arn).functionName) ?? []).filter((alias) => alias.startsWith(`${arn}:`))]);

/** A function with one alias is called through it: its alarms are the alias'. */
function pick(could: ReadonlySet<Arn>, { watched }: Known): Resolved {
  const all = [...could];
  const [first] = all;
  if (first && all.length === 1) return { resource: first };
  const functions = new Set(all.filter((arn) => arn.includes(':lambda:')).map((arn) => lambdaOf(arn).functionName));
  if (functions.size === 1) {
    const aliases = all.filter((arn) => resourceTypeOf(arn) === 'lambda-alias' && watched.has(arn));
    const [alias] = aliases;
    const itself = all.find((arn) => resourceTypeOf(arn) === 'lambda-function');
    if (alias && aliases.length === 1) return { resource: alias };
    if (itself) return { resource: itself };
  }
  return { unresolved: `it can be about ${all.map(shortName).join(', ')}: tag it ${TAGS.resource}` };
}
