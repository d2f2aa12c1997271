import { healthOf } from '../../layers/core/health.ts';
import { epoch, slots, trailingRun, type Reading, type Run } from '../../layers/core/points.ts';
import type { Policy } from '../../layers/core/policy.ts';
import type { Outcome } from '../../layers/core/posterior.ts';
import { stoppedSince } from '../../layers/core/stops.ts';
import { addSeconds, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { Look } from '../../layers/runtime/observe/look.ts';

export type Judgement =
  | { readonly kind: 'recovered'; readonly why: readonly string[]; readonly byItself: boolean }
  | { readonly kind: 'settling'; readonly why: readonly string[]; readonly again: Seconds }
  | { readonly kind: 'failed'; readonly outcome: Exclude<Outcome, 'recovered'>; readonly why: readonly string[] };

/** What is judged, and since when. */
export interface Trial {
  /** When the trouble began. */
  readonly onset: Instant;
  /** When the action's last change had been made; it cannot be credited for what improved before. */
  readonly appliedAt: Instant;
  /** When it had settled: only whole periods after it count. */
  readonly settledAt: Instant;
  /** When the action typically shows its effect: what is bad before it (a backlog that drains) has not failed yet. */
  readonly helpsBy: Instant;
  /** After it nothing more is waited for. */
  readonly deadline: Instant;
  /** Looks taken since it settled, this one included. */
  readonly look: number;
  /** Alarms that told of the incident, by criterion id. */
  readonly signalled: ReadonlySet<string>;
}

const SHORTEST_WAIT: Seconds = 5;
const LONGEST_WAIT: Seconds = 300;
/** Without any metric to judge by, health is watched in steps of this. */
const OWN_PERIOD: Seconds = 10;

/**
 * Did it help? Judged on raw metrics, never on an alarm's state: what was bad must be good for `goodPoints` whole periods
 * with enough traffic in each, what was good must not have become worse, and the resource must be well by its own
 * account over the same time. Where there is too little traffic, its own account alone decides, and that is said.
 */
export function judge(look: Look, trial: Trial, policy: Policy): Judgement {
  const targets = targetsAmong(look.readings, trial);
  const runs = targets.map((reading) => ({ reading, run: trailingRun(slots(reading, trial.settledAt, look.at)) }));
  const others = look.readings.filter((reading) => !targets.includes(reading));
  const failed = failure(look, trial, runs, others, policy);
  if (failed) return failed;
  const waiting = runs.filter(({ run }) => !isGood(run, policy));
  const silent = waiting.filter(({ reading, run }) => isSilent(reading, run, trial, look, policy));
  const open = waiting.filter((one) => !silent.includes(one));
  const alsoBad = others.filter((reading) => isBadNow(reading, trial, look.at));
  const period = Math.max(OWN_PERIOD, ...targets.map(({ criterion }) => criterion.period));
  const health = ownHealth(look, trial, policy.goodPoints * period);
  const metricsAlone = health.kind === 'unreadable' && silent.length === 0 && runs.length > 0;
  if (open.length === 0 && alsoBad.length === 0 && (health.kind === 'well' || metricsAlone))
    return recovered(
      look,
      trial,
      runs,
      silent.map(({ reading }) => reading),
      health.why,
      policy,
    );
  const why = [
    ...open.map(({ reading, run }) =>
      spoken(
        reading,
        trial,
        look.at,
        `has been ${run.state === 'none' ? 'without data' : run.state} for ${run.length} periods, ${policy.goodPoints} good ones are needed`,
      ),
    ),
    ...alsoBad.map((reading) => spoken(reading, trial, look.at, 'is bad still')),
    ...health.why,
  ];
  if (look.at >= trial.deadline || trial.look >= policy.maxLooks) return outOfTime(why, runs, health.kind);
  const again = untilJudgeable(open, alsoBad, health.kind === 'well' ? 0 : health.again, look.at, policy);
  return { kind: 'settling', why, again };
}

interface Judged {
  readonly reading: Reading;
  readonly run: Run;
}

/** What is sure already: it made something worse, or changed nothing. */
function failure(
  look: Look,
  trial: Trial,
  runs: readonly Judged[],
  others: readonly Reading[],
  { goodPoints }: Policy,
): Judgement | undefined {
  const say = (reading: Reading, says: string) => spoken(reading, trial, look.at, says);
  const worse = others.filter((reading) => becameWorse(reading, trial, look.at));
  if (worse.length > 0)
    return {
      kind: 'failed',
      outcome: 'worse',
      why: worse.map((reading) => say(reading, 'was good before and is bad now')),
    };
  const crashed = stoppedSince(look.stopped, trial.settledAt).length;
  if (crashed > 1)
    return { kind: 'failed', outcome: 'unchanged', why: [`${crashed} tasks have failed since it settled`] };
  if (look.at < trial.helpsBy) return undefined;
  const stillBad = runs.filter(({ run }) => run.state === 'bad' && run.length >= goodPoints);
  if (stillBad.length === 0) return undefined;
  const why = stillBad.map(({ reading }) => say(reading, `is still bad, for ${goodPoints} periods since it settled`));
  return { kind: 'failed', outcome: 'unchanged', why };
}

/**
 * What must become good: what an alarm told of; where no alarm did, what was bad before, by the finest metrics there are.
 * Everything else must not be bad, as far as it is known yet.
 */
function targetsAmong(readings: readonly Reading[], { onset, appliedAt, signalled }: Trial): Reading[] {
  const judged = readings.filter(({ criterion }) => criterion.role === 'target');
  const told = judged.filter(({ criterion }) => signalled.has(criterion.id));
  if (told.length > 0) return told;
  const bad = judged.filter((reading) => {
    const before = slots(reading, addSeconds(onset, -2 * reading.criterion.period), appliedAt);
    return before.some(({ state }) => state === 'bad');
  });
  const finest = Math.min(...bad.map(({ criterion }) => criterion.period));
  return bad.filter(({ criterion }) => criterion.period === finest);
}

/** Bad in its newest period since it settled, although it is no target. */
const isBadNow = (reading: Reading, { settledAt }: Trial, at: Instant): boolean =>
  reading.criterion.role === 'target' && trailingRun(slots(reading, settledAt, at)).state === 'bad';

/** Never bad since the trouble began, and bad since the action settled: one good point amid bad ones was no health. */
function becameWorse(reading: Reading, { onset, appliedAt, settledAt }: Trial, at: Instant): boolean {
  const before = slots(reading, addSeconds(onset, -5 * reading.criterion.period), appliedAt).map(({ state }) => state);
  if (before.includes('bad') || !before.includes('good')) return false;
  const after = trailingRun(slots(reading, settledAt, at));
  return after.state === 'bad' && after.length >= 2;
}

const isGood = ({ state, length }: Run, { goodPoints }: Policy): boolean => state === 'good' && length >= goodPoints;

/** Too few requests to judge by, for as long as the good points would have taken and two periods more. */
function isSilent(
  { criterion, unread }: Reading,
  { state }: Run,
  { settledAt }: Trial,
  { at }: Look,
  { goodPoints }: Policy,
): boolean {
  return (
    !unread &&
    (state === 'quiet' || state === 'none') &&
    secondsBetween(settledAt, at) >= (goodPoints + 2) * criterion.period
  );
}

type OwnHealth =
  | { readonly kind: 'well'; readonly why: readonly string[] }
  | { readonly kind: 'unwell' | 'too-early'; readonly why: readonly string[]; readonly again: Seconds }
  /** The resource has no account of itself, or it could not be read. */
  | { readonly kind: 'unreadable'; readonly why: readonly string[]; readonly again: Seconds };

function ownHealth({ service, stopped, at, gaps }: Look, { settledAt }: Trial, window: Seconds): OwnHealth {
  if (!service) return { kind: 'unreadable', why: gaps, again: OWN_PERIOD };
  const start = addSeconds(at, -window) > settledAt ? addSeconds(at, -window) : settledAt;
  const { well, why } = healthOf(service, stopped, start);
  if (!well) return { kind: 'unwell', why, again: OWN_PERIOD };
  const watched = secondsBetween(settledAt, at);
  if (watched < window)
    return {
      kind: 'too-early',
      why: [`it has been well for ${Math.round(watched)} s, ${window} s are needed`],
      again: window - watched,
    };
  return {
    kind: 'well',
    why: [`${service.running} of ${service.desired} tasks run, all well, none failed for ${window} s`],
  };
}

function recovered(
  look: Look,
  trial: Trial,
  runs: readonly Judged[],
  silent: readonly Reading[],
  health: readonly string[],
  policy: Policy,
): Judgement {
  const judged = runs
    .filter(({ reading }) => !silent.includes(reading))
    .map(({ reading, run }) => spoken(reading, trial, look.at, `is good for ${run.length} periods since it settled`));
  const unjudged = silent.map((reading) =>
    spoken(reading, trial, look.at, 'had too few samples: judged by the resource’s own health'),
  );
  const byItself = improvedBefore(
    look,
    trial,
    runs.map(({ reading }) => reading),
    policy,
  );
  const credit = byItself ? ['everything was good again before the action took effect: it is not credited'] : [];
  return { kind: 'recovered', why: [...judged, ...unjudged, ...health, ...credit], byItself };
}

/** Good for as long as Verify asks for before the action's change was made, and no task failed in that time. */
function improvedBefore(
  { stopped }: Look,
  { onset, appliedAt }: Trial,
  targets: readonly Reading[],
  { goodPoints }: Policy,
): boolean {
  if (targets.length === 0) return false;
  const longest = Math.max(...targets.map(({ criterion }) => criterion.period));
  const since = addSeconds(appliedAt, -goodPoints * longest);
  const failed = stoppedSince(stopped, since).some(({ stoppedAt }) => stoppedAt < appliedAt);
  if (failed) return false;
  return targets.every((reading) => {
    const { state, length } = trailingRun(slots(reading, addSeconds(onset, -2 * reading.criterion.period), appliedAt));
    return state === 'good' && length >= goodPoints;
  });
}

function outOfTime(why: readonly string[], runs: readonly { run: Run }[], health: OwnHealth['kind']): Judgement {
  const seen = runs.some(({ run }) => run.state === 'bad' || run.state === 'good') || health === 'unwell';
  return { kind: 'failed', outcome: seen ? 'unchanged' : 'unknown', why: ['time is up', ...why] };
}

/** Seconds until everything that is still open can have its good points: looking earlier would show nothing new. */
function untilJudgeable(
  open: readonly Judged[],
  alsoBad: readonly Reading[],
  health: Seconds,
  at: Instant,
  { goodPoints }: Policy,
): Seconds {
  const until = ({ criterion: { period } }: Reading, points: number): Seconds => {
    const late = Math.min(SHORTEST_WAIT, period / 2); // a point is published a little after its period
    return period - (epoch(at) % period) + (points - 1) * period + late;
  };
  const waits = [
    ...open.map(({ reading, run }) => until(reading, goodPoints - (run.state === 'good' ? run.length : 0))),
    ...alsoBad.map((reading) => until(reading, 1)),
  ];
  return Math.ceil(Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, health, ...waits)));
}

/** `orders-5xx is good for 3 periods since it settled (before 42.1, now 0, limit 5)`. */
function spoken(reading: Reading, { appliedAt }: Trial, at: Instant, says: string): string {
  const { criterion, values } = reading;
  const known = [...values.entries()].sort(([a], [b]) => a - b);
  const number = (value: number | undefined) =>
    value === undefined ? 'no data' : String(Math.round(value * 100) / 100);
  const before = known.filter(([time]) => time < epoch(appliedAt)).at(-1)?.[1];
  const now = known.filter(([time]) => time < epoch(at)).at(-1)?.[1];
  return `${criterion.id} ${says} (before ${number(before)}, now ${number(now)}, limit ${criterion.threshold})`;
}
