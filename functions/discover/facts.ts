import type { Arn } from '../../layers/core/arn.ts';
import type { Instant } from '../../layers/core/units.ts';

/**
 * What AWS answered, reduced to what the mapping needs. Reading (read/*.ts) makes facts, mapping (map/*.ts) is pure.
 * No value of an environment variable or parameter outlives the reading: see `References`.
 */

/** A resource that carries `prunella:mode`, with its tags. */
export interface Tagged {
  readonly arn: Arn;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a program is configured with. Values are only searched for names of known resources, never stored. */
export type Environment = readonly { readonly name: string; readonly value: string }[];

export interface ServiceFacts {
  readonly arn: Arn;
  readonly targetGroups: readonly Arn[];
  readonly controller: string;
  readonly scheduling: string;
  readonly logGroups: readonly string[];
  /** SSM parameters handed to its containers when they start. */
  readonly parameters: readonly Arn[];
  readonly environment: Environment;
  readonly scalableTarget?: { readonly min: number; readonly max: number };
}

export interface FunctionFacts {
  readonly arn: Arn;
  readonly aliases: readonly { readonly arn: Arn; readonly version?: string }[];
  readonly logGroup: string;
  readonly environment: Environment;
}

export interface TargetGroupFacts {
  readonly arn: Arn;
  readonly loadBalancers: readonly Arn[];
}

export interface LoadBalancerFacts {
  readonly arn: Arn;
  readonly dnsName: string;
}

/** One metric of an alarm, as DescribeAlarms tells it. */
export type AlarmQuery =
  | {
      readonly id: string;
      readonly namespace: string;
      readonly metric: string;
      readonly dimensions: Readonly<Record<string, string>>;
      readonly stat: string;
      readonly period: number;
    }
  | { readonly id: string; readonly expression: string; readonly period: number };

export interface MetricAlarmFacts {
  readonly kind: 'metric' | 'math';
  readonly arn: Arn;
  readonly name: string;
  /** Its actions are all scaling policies: auto-scaling owns it. */
  readonly scalesOnly: boolean;
  readonly queries: readonly AlarmQuery[];
  readonly returns: string;
  readonly comparison: string;
  /** Absent where a band of an anomaly detector is compared with. */
  readonly threshold?: number;
  readonly period: number;
  readonly missing: string;
}

export interface CompositeAlarmFacts {
  readonly kind: 'composite';
  readonly arn: Arn;
  readonly name: string;
  readonly scalesOnly: boolean;
  readonly rule: string;
}

export type AlarmFacts = MetricAlarmFacts | CompositeAlarmFacts;

/** What Lambda polls for a function or one of its aliases. */
export interface EventSource {
  readonly function: Arn;
  readonly source: Arn;
}

/** A call that was measured, by the names that its services publish under. */
export interface TracedCall {
  readonly service: string;
  readonly remote: string;
  /** `ecs:<cluster>`, `lambda:default`, or what its owner chose. */
  readonly environment: string;
}

/** A node of X-Ray's service graph, by the names that its segments have. */
export interface TracedNode {
  readonly names: readonly string[];
  /** `AWS::Lambda::Function`, `remote`, …; empty where its program does not say what it runs on. */
  readonly type: string;
  /** Absent where X-Ray does not tell. */
  readonly account?: string;
}

/** Calls between two nodes of the service graph within its time frame: `from` calls or reads `to`. */
export interface TracedEdge {
  readonly from: TracedNode;
  readonly to: TracedNode;
  readonly count: number;
}

/** What X-Ray saw. */
export interface ServiceGraph {
  readonly edges: readonly TracedEdge[];
  /** The end of its time frame. */
  readonly until: Instant;
}

/** Everything one discovery read. */
export interface Facts {
  readonly tagged: readonly Tagged[];
  readonly services: readonly ServiceFacts[];
  readonly functions: readonly FunctionFacts[];
  readonly targetGroups: readonly TargetGroupFacts[];
  readonly loadBalancers: readonly LoadBalancerFacts[];
  readonly alarms: readonly AlarmFacts[];
  readonly eventSources: readonly EventSource[];
  readonly traces: readonly TracedCall[];
  /** Absent where X-Ray was not asked, or did not answer. */
  readonly serviceGraph?: ServiceGraph;
  /** Value of the tag `prunella:resource`, by alarm. */
  readonly alarmTags: ReadonlyMap<Arn, string>;
}
