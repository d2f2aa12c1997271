/** Whether to act on what is only foretold, and when. Pure. */
import type { Action } from '../../layers/core/action.ts';
import type { Candidate } from '../../layers/core/plan.ts';
import { posteriorMean, type Posterior } from '../../layers/core/posterior.ts';
import type { Foretold } from '../../layers/core/signal.ts';
import { minutes, type Ratio, type Seconds, percent } from '../../layers/core/units.ts';
import { profileAt } from '../detect/multivariate/daily-profile.ts';
import { DISRUPTION_COST, RISK_COST } from './plan.ts';

/** From failing until an alarm or an event has told of it: an alarm of two periods out of three, published and evaluated. */
const UNTIL_DETECTED: Seconds = minutes(3);

export interface Weighed {
  readonly act: boolean;
  readonly why: readonly string[];
}

/**
 * Acts where it costs less than failing: what the action itself risks and takes away, against the trouble of failing, as
 * probable as it is, as far as the action prevents it. All in seconds of trouble, the plan's own unit.
 * @param record how often such forecasts came true
 */
export function weighEarly(
  { success, expectedSeconds, risk, action: name }: Candidate,
  { disruption, settles }: Pick<Action, 'disruption' | 'settles'>,
  { probability }: Pick<Foretold, 'probability'>,
  record: Posterior,
): Weighed {
  const reliable = posteriorMean(record);
  const fails = probability * reliable;
  const acting = RISK_COST[risk] + disruption * (settles.typical + (1 - success) * DISRUPTION_COST);
  const failing = UNTIL_DETECTED + expectedSeconds;
  const saved = fails * success * failing;
  const why = [
    `it fails with a probability of ${percent(fails)}: ${percent(probability)} by the forecast, and ${percent(reliable)} of such forecasts come true`,
    `${name} now costs about ${Math.round(acting)} s of trouble; failing costs about ${Math.round(failing)} s, of which acting early is expected to save ${Math.round(saved)} s`,
  ];
  return { act: saved > acting, why };
}

/** With less time than this it is acted at once. */
export const SHORT: Seconds = minutes(15);
/** Kept free between acting and the earliest time of failing. */
const MARGIN: Seconds = minutes(10);
const STEP: Seconds = minutes(15);
/** A quieter time must be quieter by this share to be worth waiting for. */
const WORTH_IT: Ratio = 0.2;

export interface Moment {
  /** Seconds from now; 0: at once. */
  readonly in: Seconds;
  readonly why: string;
}

/**
 * The quietest time between now and the last that is safe: the earliest end of the forecast's interval, less what the
 * action takes and a margin.
 * @param profile traffic by time of day (`dailyProfile`); empty where too little is known
 */
export function quietestTime(
  profile: readonly number[],
  now: Seconds,
  { earliest }: Pick<Foretold, 'earliest'>,
  takes: Seconds,
): Moment {
  const room = earliest - takes - MARGIN;
  if (room < SHORT) return { in: 0, why: 'acting at once: the time left is short' };
  if (profile.length === 0)
    return { in: 0, why: 'acting at once: too little traffic is known to say when it is quiet' };
  const steps = Array.from({ length: Math.floor(room / STEP) + 1 }, (_, n) => n * STEP);
  const busy = steps.map((ahead) => profileAt(profile, now + ahead));
  const least = Math.min(...busy);
  if (busy[0]! * (1 - WORTH_IT) <= least)
    return { in: 0, why: 'acting at once: no time before it fails is much quieter' };
  const ahead = steps[busy.indexOf(least)]!;
  const when = new Date((now + ahead) * 1000).toISOString().slice(11, 16);
  return {
    in: ahead,
    why: `waiting until ${when} UTC, the quietest time before it fails: ${percent(1 - least / busy[0]!)} fewer requests than now`,
  };
}
