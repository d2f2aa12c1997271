import { healthOf } from '../../layers/core/health.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { epoch, slots, trailingRun, type Reading, type Slot } from '../../layers/core/points.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { failingProbes, type Signal } from '../../layers/core/signal.ts';
import { isOutOfMemory, stoppedSince } from '../../layers/core/stops.ts';
import { addSeconds, minutes, seconds, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { Look } from '../../layers/runtime/observe/look.ts';
import type { Sign } from './early/judge.ts';

export type Reality =
  | { readonly kind: 'real'; readonly why: readonly string[] }
  | { readonly kind: 'noise'; readonly why: readonly string[] }
  /** Too early to tell. */
  | { readonly kind: 'unclear'; readonly why: readonly string[]; readonly again: Seconds };

/** Failed tasks within this time are one trouble, not several accidents. */
const STOPS_TOGETHER = minutes(10);
/** A task that failed once and was replaced must hold this long before it is called an accident. */
const CALM = seconds(45);
const NEXT_LOOK = seconds(15);

/** How far back metrics are read to judge whether trouble is there now: five periods of the slowest criterion, at least five minutes. */
export function lookBack(readings: readonly { readonly period: Seconds }[]): Seconds {
  return Math.max(minutes(5), ...readings.map(({ period }) => 6 * period));
}

/**
 * Is it real? Judged on raw metrics and on the resource itself, never on the alarm's state. Missing data is no sign of
 * health, and trouble that was there and has just gone is not noise before it has stayed away for three periods.
 * @param healedAt when a fix had settled that was found to have healed the resource: a slow alarm may still ring for the
 * trouble of before, so that only whole periods, stops and events after it count.
 */
export function judgeReality(
  look: Look,
  signals: readonly Signal[],
  resource: Resource,
  policy: Policy,
  healedAt?: Instant,
): Reality {
  const since = healedAt ?? '';
  const trouble = [
    ...badMetrics(look, since),
    ...badTasks(look, since),
    ...told(signals, since),
    ...blind(look, signals, resource),
    ...probed(look, signals, since),
  ];
  if (trouble.length > 0) return { kind: 'real', why: trouble };
  const unseen = unseenSince(look, signals, resource, since);
  if (unseen)
    return {
      kind: 'unclear',
      why: [`${unseen.criterion.id} has no whole period yet since the resource was healed at ${since}`],
      again: untilNextPeriod(unseen, look.at),
    };
  const calmSince = lastTrouble(look, signals, since);
  const calm = calmSince === undefined ? Number.POSITIVE_INFINITY : secondsBetween(calmSince, look.at);
  const health = look.service ? healthOf(look.service, look.stopped, addSeconds(look.at, -CALM)) : undefined;
  const unsteady = look.readings.filter((reading) => isUnsteady(reading, look.at, since, policy.goodPoints));
  if (calm < CALM || unsteady.length > 0) {
    const why = [
      ...(calm < CALM ? [`the last task failed ${Math.round(calm)} s ago`] : []),
      ...(health?.why ?? []),
      ...unsteady.map(({ criterion }) => `${criterion.id} has not been good for ${policy.goodPoints} periods yet`),
    ];
    return { kind: 'unclear', why, again: NEXT_LOOK };
  }
  if (health && !health.well) return { kind: 'real', why: health.why };
  return {
    kind: 'noise',
    why: [...quiet(look), ...(healedAt ? [`counted since the resource was healed at ${healedAt}`] : [])],
  };
}

/** The trouble of now: the newest period that is known is bad, or two of the newest three. */
function badMetrics({ readings, at }: Look, since: Instant): string[] {
  return readings
    .filter(({ criterion }) => criterion.role === 'target')
    .flatMap((reading) => {
      const known = recent(reading, at, since)
        .filter(({ state }) => state !== 'none')
        .slice(-3);
      const bad = known.filter(({ state }) => state === 'bad');
      const last = bad.at(-1);
      if (!last || (bad.length < 2 && known.at(-1) !== last)) return [];
      const { id, threshold } = reading.criterion;
      return [
        `${id} was bad in ${bad.length} of the last ${known.length} periods, last ${last.value ?? 'without data'} against a limit of ${threshold}`,
      ];
    });
}

function recent(reading: Reading, at: Instant, since: Instant): Slot[] {
  const from = addSeconds(at, -lookBack([reading.criterion]));
  return slots(reading, from > since ? from : since, at);
}

function badTasks({ service, stopped, at }: Look, since: Instant): string[] {
  const from = addSeconds(at, -STOPS_TOGETHER);
  const failed = stoppedSince(stopped, from > since ? from : since);
  const starved = failed.filter(isOutOfMemory).length;
  if (starved > 0)
    return [`${starved} task${starved === 1 ? '' : 's'} ran out of memory within ${STOPS_TOGETHER / 60} minutes`];
  if (failed.length > 1) return [`${failed.length} tasks failed within ${STOPS_TOGETHER / 60} minutes`];
  if (service && service.desired > 0 && service.running === 0 && failed.length > 0) return ['no task runs'];
  return [];
}

/** ECS itself says what is wrong. */
const SAYS_ECS = ['deployment-failed', 'deployment-stalled', 'service-event'] as const;

/** What its sender has judged already: ECS gave a deployment up, a person, an experiment or someone else's forecast says so. */
function told(signals: readonly Signal[], since: Instant): string[] {
  const judged: readonly Signal['kind'][] = [...SAYS_ECS, 'health-event', 'operator', 'chaos', 'forecast'];
  return signals
    .filter((signal) => signal.kind !== 'forecast' || (signal.foretold ?? signal.failing) === undefined) // ours is judged on fresh points
    .filter(({ kind, at }) => judged.includes(kind) && at >= since)
    .map(({ summary }) => summary);
}

/** An alarm whose metrics cannot be read at all is believed: nothing speaks against it. */
function blind(look: Look, signals: readonly Signal[], resource: Resource): string[] {
  return ringing(look, signals, resource).flatMap(({ name, readings }) => {
    const seen = readings.some((reading) => trailingRun(recent(reading, look.at, '')).state !== 'none');
    return seen ? [] : [`${name} went to ALARM and its metrics show no data: missing data is not noise`];
  });
}

/** A probe that failed is believed until a later result says that it is answered: its points arrive a little late. */
function probed({ readings, at }: Look, signals: readonly Signal[], since: Instant): string[] {
  return failingProbes(signals)
    .filter((signal) => signal.at >= since)
    .flatMap(({ probe, at: from, summary }) => {
      const reading = readings.find(({ criterion }) => criterion.id === probe);
      const run = reading && trailingRun(slots(reading, from, at));
      return run?.state === 'good' ? [] : [summary];
    });
}

/** What rang after a healing is judged by what it measured after it: the first such metric that has not measured anything yet. */
function unseenSince(look: Look, signals: readonly Signal[], resource: Resource, since: Instant): Reading | undefined {
  if (since === '') return undefined;
  return ringing(look, signals, resource)
    .flatMap(({ readings }) => readings)
    .find((reading) => trailingRun(recent(reading, look.at, since)).state === 'none');
}

/** The alarms that rang, with the readings of what they watch. */
function ringing({ readings }: Look, signals: readonly Signal[], { alarms }: Resource) {
  const rang = new Set(signals.flatMap((one) => (one.kind === 'alarm' && one.state === 'ALARM' ? one.alarm : [])));
  return [...rang].map((name) => {
    const criteria = new Set(alarms.find((alarm) => alarm.name === name)?.criteria.map(({ id }) => id));
    return { name, readings: readings.filter(({ criterion }) => criteria.has(criterion.id)) };
  });
}

/** Until the running period is over and published. */
function untilNextPeriod({ criterion: { period } }: Reading, at: Instant): Seconds {
  return Math.ceil(period - (epoch(at) % period) + Math.min(5, period / 2));
}

function lastTrouble({ stopped }: Look, signals: readonly Signal[], since: Instant): Instant | undefined {
  const stops = signals.flatMap((signal) => (signal.kind === 'task-stopped' ? signal.stopped.stoppedAt : []));
  const failed = stoppedSince(stopped, '').map(({ stoppedAt }) => stoppedAt);
  return [...stops, ...failed]
    .filter((at) => at >= since)
    .sort()
    .at(-1);
}

/** True when it was bad within the window and has not been good for long enough since. */
function isUnsteady(reading: Reading, at: Instant, since: Instant, goodPoints: number): boolean {
  if (reading.criterion.role !== 'target') return false;
  const all = recent(reading, at, since);
  if (!all.some(({ state }) => state === 'bad')) return false;
  const run = trailingRun(all);
  return !(run.state === 'good' && run.length >= goodPoints);
}

function quiet({ readings, service, at }: Look): string[] {
  const good = readings.filter((reading) => trailingRun(recent(reading, at, '')).state === 'good').length;
  return [
    `${good} of ${readings.length} metrics are good and none was bad in the last three periods`,
    ...(service ? [`${service.running} of ${service.desired} tasks run, all of them well`] : []),
  ];
}

/** True when a signal names its cause, so that nothing is gained by waiting for more. */
export const namesItsCause = (signals: readonly Signal[]): boolean =>
  signals.some(({ kind }) => NAMES_ITS_CAUSE.includes(kind));
const NAMES_ITS_CAUSE: readonly Signal['kind'][] = [...SAYS_ECS, 'task-stopped', 'forecast'];

/**
 * With signs of what has not come yet, or that no limit names: one that is still there makes it real, and only when all are
 * gone is it noise. What is real already stays so.
 */
export function withSigns(reality: Reality, signs: readonly Sign[]): Reality {
  if (signs.length === 0 || reality.kind === 'real') return reality;
  const still = signs.filter(({ kind }) => kind === 'still');
  if (still.length > 0) return { kind: 'real', why: still.map(({ why }) => why) };
  const unknown = signs.filter((sign) => sign.kind === 'unknown');
  const why = [...signs.map((sign) => sign.why), ...reality.why];
  if (unknown.length > 0)
    return { kind: 'unclear', why, again: Math.max(NEXT_LOOK, ...unknown.map(({ again }) => again)) };
  return { ...reality, why };
}
