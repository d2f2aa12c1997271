import type { MetricQuery } from '../../layers/core/criterion.ts';
import { criteriaOf, type Resource } from '../../layers/core/inventory.ts';
import type { Candidate } from '../../layers/core/plan.ts';
import { FAILURE_RECORD } from '../../layers/core/prediction.ts';
import type { Foretold } from '../../layers/core/signal.ts';
import { hours, minutes, secondsBetween, type Seconds } from '../../layers/core/units.ts';
import type { WatchedSeries } from '../../layers/core/watched-series.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { readSeries } from '../../layers/runtime/observe/series.ts';
import { signsOf } from '../detect/early/look.ts';
import { dailyProfile } from '../detect/multivariate/daily-profile.ts';
import { actionNamed } from '../recover/catalogue.ts';
import { quietestTime, weighEarly, type Moment } from './act-early.ts';
import type { Answer, Situation } from './situation.ts';

/** Nothing is waited for longer without another look at fresh points. */
const LOOK_AGAIN: Seconds = minutes(10);
/** Older evidence is collected anew before anything is done. */
const FRESH: Seconds = minutes(15);
/** A learned forecast names a horizon, and no time within it. */
const ANY_TIME: Moment = { in: 0, why: 'acting at once: it may fail at any time within the horizon' };

export type Early = { readonly answer: Answer } | { readonly why: readonly string[] };

/**
 * An incident that was foretold, before anything has happened: acts early, waits for a quieter time, or waits for the
 * forecast to become clear.
 * @returns reasons to go on with, or the answer that stands in the way; undefined where something has happened already
 */
export async function predicted(situation: Situation, candidate: Candidate): Promise<Early | undefined> {
  const { incident, resource, context, evidence, now } = situation;
  if (!incident.predicted) return undefined;
  const aws = await readerAws(resource.arn);
  const signs = await signsOf(evidence.signals, resource, now, aws);
  const foretold = signs
    .flatMap((sign) => ('foretold' in sign && sign.foretold ? [sign.foretold] : []))
    .sort((a, b) => a.inSeconds - b.inSeconds)[0];
  const early = foretold ?? signs.flatMap((sign) => ('failing' in sign && sign.failing ? [sign.failing] : []))[0];
  if (!early) {
    const why = signs.map((sign) => sign.why);
    if (signs.length === 0) return undefined; // someone else's forecast: believed
    return { answer: { verdict: 'verify', why: ['what was foretold no longer is', ...why], attempt: 0, looks: 0 } };
  }
  const action = actionNamed(candidate.action);
  const of = foretold ? metricOf(foretold, resource) : FAILURE_RECORD;
  const record = await context.kb.knowledge.predictions(resource.type, of);
  const weighed = weighEarly(candidate, action, early, record);
  const said = [...signs.map((sign) => sign.why), ...weighed.why];
  if (!weighed.act) return waiting(['not yet worth acting on', ...said], (foretold?.inSeconds ?? Infinity) / 6);
  const moment = foretold
    ? quietestTime(await profileOf(situation), Date.parse(now) / 1000, foretold, action.settles.atMost)
    : ANY_TIME;
  if (moment.in > 0) return waiting([moment.why, ...said], moment.in);
  if (secondsBetween(evidence.takenAt, now) > FRESH)
    return { answer: { verdict: 'diagnose', why: ['the evidence is collected anew before acting', ...said] } };
  return { why: [moment.why, ...said] };
}

function waiting(why: readonly string[], time: Seconds): Early {
  const waitSeconds = Math.round(Math.min(LOOK_AGAIN, Math.max(30, time)));
  return { answer: { verdict: 'wait', why, waitSeconds } };
}

const metricOf = ({ series }: Foretold, { metrics }: Resource): string =>
  metrics.find(({ id }) => id === series)?.metric ?? (series === 'memory' ? 'MemoryUtilization' : series);

const PROFILE_PERIOD: Seconds = minutes(15);
const PROFILE_OF: Seconds = hours(24 * 14);

/** Requests by time of day, over two weeks; empty where no metric counts them, or it could not be read. */
async function profileOf({ resource, now }: Situation): Promise<readonly number[]> {
  const traffic = criteriaOf(resource).flatMap(({ traffic: query }) => (query && 'metric' in query ? [query] : []))[0];
  if (!traffic) return [];
  const from = Math.floor((Date.parse(now) / 1000 - PROFILE_OF) / PROFILE_PERIOD) * PROFILE_PERIOD;
  const series = trafficSeries(resource, traffic);
  const points = await readSeries([{ series, from }], now, await readerAws(resource.arn)).catch(() => undefined);
  const found = points?.get(series) ?? [];
  const first = found[0]?.[0];
  if (first === undefined) return [];
  const values = Array<number>(Math.floor((found.at(-1)![0] - first) / PROFILE_PERIOD) + 1).fill(Number.NaN);
  for (const [at, value] of found) values[Math.floor((at - first) / PROFILE_PERIOD)] = value;
  return dailyProfile(values, first, PROFILE_PERIOD);
}

const trafficSeries = ({ arn }: Resource, query: Extract<MetricQuery, { metric: string }>): WatchedSeries => ({
  id: 'traffic',
  resource: arn,
  metric: { ...query, period: PROFILE_PERIOD },
  period: PROFILE_PERIOD,
  looksFor: 'anomaly',
});
