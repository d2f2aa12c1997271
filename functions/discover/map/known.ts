import { lambdaOf, resourceTypeOf, shortName, type Arn } from '../../../layers/core/arn.ts';
import type { AlarmFacts, Facts, TargetGroupFacts } from '../facts.ts';
import { elbDimension } from './own.ts';

/** What alarms and environments are resolved against, indexed once: thousands of alarms ask. */
export interface Known {
  /** Everything watched. */
  readonly watched: ReadonlySet<Arn>;
  /** Watched resources by the name a person would use. */
  readonly byName: ReadonlyMap<string, readonly Arn[]>;
  /** Watched aliases by the name of their function. */
  readonly aliases: ReadonlyMap<string, readonly Arn[]>;
  /** Watched services by the ARN of a target group. */
  readonly servicesOf: ReadonlyMap<Arn, readonly Arn[]>;
  /** Target groups by the metric dimension of their load balancer. */
  readonly groupsBehind: ReadonlyMap<string, readonly Arn[]>;
  readonly targetGroups: ReadonlyMap<Arn, TargetGroupFacts>;
  /** Alarms by name, for composites. */
  readonly alarms: ReadonlyMap<string, AlarmFacts>;
  /** Value of the tag `prunella:resource`, by alarm. */
  readonly alarmTags: ReadonlyMap<Arn, string>;
}

/** Target groups that a watched resource is registered with. */
export interface Registered {
  readonly arn: Arn;
  readonly targetGroups: readonly Arn[];
}

export function knownFrom(
  facts: Pick<Facts, 'targetGroups' | 'alarms' | 'alarmTags'>,
  watched: readonly Registered[],
): Known {
  const arns = watched.map(({ arn }) => arn);
  return {
    watched: new Set(arns),
    byName: Map.groupBy(arns, shortName),
    aliases: Map.groupBy(
      arns.filter((arn) => resourceTypeOf(arn) === 'lambda-alias'),
      (arn) => lambdaOf(arn).functionName,
    ),
    servicesOf: gather(watched.flatMap(({ arn, targetGroups }) => targetGroups.map((group) => [group, arn] as const))),
    groupsBehind: gather(
      facts.targetGroups.flatMap(({ arn, loadBalancers }) =>
        loadBalancers.map((lb) => [elbDimension(lb), arn] as const),
      ),
    ),
    targetGroups: new Map(facts.targetGroups.map((group) => [group.arn, group])),
    alarms: new Map(facts.alarms.map((alarm) => [alarm.name, alarm])),
    alarmTags: facts.alarmTags,
  };
}

/** A function with one alias is called through it, as its alarms are about it. */
export function calledAs(arn: Arn, { aliases }: Pick<Known, 'aliases'>): Arn {
  if (resourceTypeOf(arn) !== 'lambda-function') return arn;
  const own = (aliases.get(lambdaOf(arn).functionName) ?? []).filter((alias) => alias.startsWith(`${arn}:`));
  const [only] = own;
  return only && own.length === 1 ? only : arn;
}

function gather(pairs: readonly (readonly [string, Arn])[]): Map<string, Arn[]> {
  const all = new Map<string, Arn[]>();
  for (const [key, arn] of pairs) all.set(key, [...(all.get(key) ?? []), arn]);
  return all;
}
