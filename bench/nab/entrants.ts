import { detector } from '../../functions/detect/detectors/calibrated-ensemble.ts';
import { pack } from '../../layers/core/packed.ts';
import type { Case, Published } from './cases.ts';
import { probation, type Profile, rawScore, sweep } from './score.ts';

/** A detector with its raw score (not yet normalised) on each case, in each profile. */
export interface Entrant {
  readonly name: string;
  readonly raw: Readonly<Record<string, readonly number[]>>;
}

/** What our detector said of one case. */
export interface Run {
  readonly scores: Float64Array;
  /** Rows at which it alerted, by the rate that its own parameter allows and not by NAB's threshold. */
  readonly alerts: readonly number[];
  /** Of processor time: on a busy machine the clock on the wall says little. */
  readonly microseconds: number;
  /** Size of its packed state after the last row. */
  readonly bytes: number;
}

const SECONDS_A_WEEK = 604_800;

/** Our detector as deployed: default parameters, sample by sample, its state after each row all it knows. */
export function runOurs({ samples }: Case): Run {
  let state = detector.start(detector.params.parse({}));
  const scores = new Float64Array(samples.length);
  const alerts: number[] = [];
  const started = process.cpuUsage();
  samples.forEach((sample, row) => {
    const step = detector.step(state, sample);
    state = step.state;
    scores[row] = step.score;
    if (step.alert) alerts.push(row);
  });
  const { user, system } = process.cpuUsage(started);
  return { scores, alerts, microseconds: user + system, bytes: pack(state).length };
}

/** A detector judged by its scores: in each profile the one threshold that is best for all cases here. */
export function fromScores(
  name: string,
  cases: readonly Case[],
  scores: readonly Float64Array[],
  profiles: readonly Profile[],
): Entrant {
  const corpus = cases.map(({ windows }, i) => ({ windows, scores: scores[i] ?? new Float64Array(0) }));
  const raw = profiles.map((profile) => {
    const { threshold } = sweep(corpus, profile);
    return [profile.name, corpus.map((series) => rawScore(series, threshold, profile))] as const;
  });
  return { name, raw: Object.fromEntries(raw) };
}

/** Detectors of whom only scores by series are published, at thresholds that were best for the whole corpus. */
export function fromPublished(cases: readonly Case[], published: readonly Published[]): readonly Entrant[] {
  const byKey = new Map(published.map((row) => [`${row.detector} ${row.profile} ${row.file}`, row.score]));
  const profiles = [...new Set(published.map(({ profile }) => profile))];
  return [...new Set(published.map(({ detector: name }) => name))].flatMap((name) => {
    const raw = profiles.map((profile) => [profile, cases.map(({ file }) => byKey.get(`${name} ${profile} ${file}`))]);
    const whole = raw.every(([, scores]) => Array.isArray(scores) && !scores.includes(undefined));
    return whole ? [{ name, raw: Object.fromEntries(raw) as Record<string, number[]> }] : [];
  });
}

/** How the product's own alerts, which no label chose the threshold of, do on the cases: rows of probation are left out. */
export function judgeAlerts(cases: readonly Case[], runs: readonly Run[]) {
  let found = 0;
  let outside = 0;
  let weeks = 0;
  cases.forEach(({ samples, windows }, i) => {
    const first = probation(samples.length);
    const alerts = (runs[i]?.alerts ?? []).filter((row) => row >= first);
    found += windows.filter(([from, to]) => alerts.some((row) => row >= from && row <= to)).length;
    outside += alerts.filter((row) => !windows.some(([from, to]) => row >= from && row <= to)).length;
    const healthy = samples.length - first - windows.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    const span = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
    weeks += (span * healthy) / samples.length / SECONDS_A_WEEK;
  });
  return { found, outside, perWeek: outside / weeks };
}
