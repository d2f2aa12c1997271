import { shortName, type Arn } from '../../../layers/core/arn.ts';
import type { Evidence, Series } from '../../../layers/core/evidence.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Signature } from '../../../layers/core/signature.ts';
import { median, scaledMad } from '../../../layers/core/statistics/quantiles.ts';
import { isOutOfMemory } from '../../../layers/core/stops.ts';
import { hours, minutes } from '../../../layers/core/units.ts';
import { changesBefore, failedTasks, livesOf, load, newTrouble, serviceState, target } from '../support/facts.ts';
import { linesOf } from '../support/said.ts';
import { seriesOf } from '../../../layers/core/watched-series.ts';
import { memoryTrend } from '../support/memory.ts';

/** Traits kept of one incident, the strongest: an item of the table stays small. */
const MOST_TRAITS = 40;
/** Weaker ones tell nothing. */
const LEAST = 0.05;
/** Log templates that are traits of their own. */
const MOST_TEMPLATES = 8;
const LONGEST_NAME = 120;

/**
 * What an incident looks like, for comparison with earlier ones. Pure. Traits, each from 0 (does not show) to 1:
 * `own|callee|caller metric NAME up|down`: how far beyond its spread the metric moved; `log TEMPLATE`: the template's share
 * of the new trouble in the logs; `log about CATEGORY`: the same by category, so that other words for the same still
 * compare; `change KIND of own|parameter|callee`: 1 within ten minutes of the onset, 0.5 within the hour; `stop REASON`: how many of
 * the failed tasks ended so; `tasks short-lived`, `tasks missing`, `load up|down`, `memory rising`.
 */
export function signatureOf(evidence: Evidence): Signature {
  const traits = new Map<string, number>();
  const show = (name: string, strength: number): void => {
    if (!Number.isFinite(strength)) return;
    const key = name.slice(0, LONGEST_NAME);
    traits.set(key, Math.max(traits.get(key) ?? 0, Math.min(1, strength)));
  };
  for (const read of [ofMetrics, ofForecasts, ofLogs, ofChanges, ofTasks, ofLoad])
    for (const [name, strength] of read(evidence)) show(name, strength);
  const strongest = [...traits]
    .filter(([, strength]) => strength >= LEAST)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MOST_TRAITS);
  return Object.fromEntries(strongest.map(([name, strength]) => [name, Math.round(strength * 1000) / 1000]));
}

type Trait = readonly [name: string, strength: number];

/** So many spreads are half a trait. */
const HALF = 4;
/** Fewer are chance. */
const CHANCE = 2;
/** Points before the onset that it takes to know a spread. */
const ENOUGH = 3;
/** No metric is steadier than this share of its level. */
const STEADIEST = 0.05;

function ofMetrics(evidence: Evidence): Trait[] {
  return evidence.series.flatMap((series): Trait[] => {
    const moved = movedBy(series, Date.parse(evidence.window.onset) / 1000);
    const who = relationOf(series.resource, evidence);
    if (moved === undefined || who === undefined || Math.abs(moved) < CHANCE) return [];
    const strength = Math.abs(moved) / (Math.abs(moved) + HALF);
    return [[`${who} metric ${nameOf(series, evidence)} ${moved > 0 ? 'up' : 'down'}`, strength]];
  });
}

/** Between the ends of what nine of ten normal values lie in there are so many spreads. */
const NINE_OF_TEN = 3.29;

/** What carries a failure that a model foretold rose over hours: around its onset it hardly moved. */
function ofForecasts(evidence: Evidence): Trait[] {
  const named = new Map(seriesOf(target(evidence)).map(({ id, metric }) => [id, metric.metric]));
  const carriers = evidence.signals.flatMap((signal) =>
    signal.kind === 'forecast' && signal.resource === evidence.resource ? (signal.failing?.carriers ?? []) : [],
  );
  return carriers.flatMap(({ series, value, usual: { low, high } }): Trait[] => {
    const usual = (low + high) / 2;
    const spread = Math.max((high - low) / NINE_OF_TEN, STEADIEST * Math.max(Math.abs(usual), Math.abs(value)));
    const moved = spread > 0 ? (value - usual) / spread : 0;
    const strength = Math.abs(moved) / (Math.abs(moved) + HALF);
    return Math.abs(moved) < CHANCE
      ? []
      : [[`own metric ${named.get(series) ?? series} ${moved > 0 ? 'up' : 'down'}`, strength]];
  });
}

/** Spreads (scaled MAD, with a floor) between the median before the onset and since; a quiet metric's floor is its later level. */
function movedBy({ points }: Series, onset: number): number | undefined {
  const before = points.filter(([at]) => at < onset).map(([, value]) => value);
  const after = points.filter(([at]) => at >= onset).map(([, value]) => value);
  if (before.length < ENOUGH || after.length === 0) return undefined;
  const [usual, now] = [median(before), median(after)];
  const spread = Math.max(scaledMad(before, usual), STEADIEST * Math.max(Math.abs(usual), Math.abs(now)));
  return spread > 0 ? (now - usual) / spread : 0;
}

function relationOf(arn: Arn, evidence: Evidence): 'own' | 'callee' | 'caller' | undefined {
  if (arn === evidence.resource) return 'own';
  if (target(evidence).dependsOn.includes(arn)) return 'callee';
  const other = evidence.resources.find((one) => one.arn === arn);
  return other?.dependsOn.includes(evidence.resource) ? 'caller' : undefined;
}

/** What is measured, not what an owner calls its alarm: of a formula the metrics in it. */
function nameOf({ criterion: id, metric, resource }: Series, { resources }: Evidence): string {
  const owner: Resource | undefined = resources.find(({ arn }) => arn === resource);
  const criterion = [...(owner?.alarms ?? []).flatMap(({ criteria }) => criteria), ...(owner?.own ?? [])].find(
    (one) => one.id === id,
  );
  const query = criterion?.queries.find((one) => one.id === criterion.returns);
  if (!criterion || !query || 'metric' in query) return metric;
  const metrics = criterion.queries.flatMap((one) => ('metric' in one ? one.metric : []));
  return [...new Set(metrics)].sort().join('/');
}

const ARN = /\barn:[\w-]+:[^\s"'<>,;)\]]+/g;

function ofLogs(evidence: Evidence): Trait[] {
  const trouble = newTrouble(evidence);
  const lines = linesOf(trouble);
  if (lines === 0) return [];
  const byCategory = Map.groupBy(trouble, ({ category = 'unknown' }) => category);
  return [
    ...trouble
      .slice(0, MOST_TEMPLATES)
      .map(({ template, after }): Trait => [`log ${template.replace(ARN, '<arn>')}`, after / lines]),
    ...[...byCategory].map(([category, found]): Trait => [`log about ${category}`, linesOf(found) / lines]),
  ];
}

const KINDS = [
  'deployment-started',
  'deployment-failed',
  'scaled',
  'parameter-written',
  'alias-moved',
  'code-updated',
  'configuration-updated',
  'other-write',
] as const;

function ofChanges(evidence: Evidence): Trait[] {
  const { dependsOn, parameters } = target(evidence);
  const of = (who: string, arns: readonly Arn[]): Trait[] =>
    arns.flatMap((arn) => {
      const just = changesBefore(evidence, arn, minutes(10), KINDS).map(({ kind }): Trait => [name(kind, who), 1]);
      const lately = changesBefore(evidence, arn, hours(1), KINDS).map(({ kind }): Trait => [name(kind, who), 0.5]);
      return [...just, ...lately];
    });
  const name = (kind: string, who: string): string => `change ${kind} of ${who}`;
  return [
    ...of('own', [evidence.resource]),
    ...of(
      'parameter',
      parameters.map(({ arn }) => arn),
    ),
    ...of('callee', dependsOn),
  ];
}

function ofTasks(evidence: Evidence): Trait[] {
  const failed = failedTasks(evidence);
  const state = serviceState(evidence);
  const lives = livesOf(failed, evidence);
  const half = median(lives);
  const reasons = Map.groupBy(failed, (task) =>
    isOutOfMemory(task)
      ? 'out of memory'
      : task.exitCode === undefined
        ? (task.stopCode ?? 'unknown')
        : `exit ${task.exitCode}`,
  );
  return [
    ...[...reasons].map(([reason, tasks]): Trait => [`stop ${reason}`, tasks.length / failed.length]),
    ...(half < minutes(2) ? [['tasks short-lived', 1] as const] : []),
    ...(state && state.running < state.desired ? [['tasks missing', 1 - state.running / state.desired] as const] : []),
  ];
}

/** Half as much again, or a third less, is more than chance. */
const MORE = 1.5;

function ofLoad(evidence: Evidence): Trait[] {
  const change = load(evidence);
  const rising = memoryTrend(evidence);
  return [
    ...(change && change.ratio >= MORE ? [['load up', 1 - 1 / change.ratio] as const] : []),
    ...(change && change.ratio <= 1 / MORE ? [['load down', 1 - change.ratio] as const] : []),
    ...(rising ? [['memory rising', Math.max(rising.to - rising.from, 0) / 100 + 0.3] as const] : []),
  ];
}

/** What marks a signature, for a person: its change, its most frequent message, its strongest metric. */
export function marksOf(signature: Signature): string[] {
  const strongest = (prefix: RegExp): string[] =>
    Object.entries(signature)
      .filter(([name]) => prefix.test(name))
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, 1)
      .map(([name]) => name);
  return [...strongest(/^change /), ...strongest(/^stop /), ...strongest(/^log (?!about )/), ...strongest(/ metric /)];
}

/** `prod/api`, or `3 resources`. */
export const whereSpoken = (arns: readonly Arn[]): string =>
  arns.length === 1 ? shortName(arns[0]!) : `${arns.length} resources`;
