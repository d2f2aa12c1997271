import { ResourceType } from '../../layers/core/arn.ts';
import { PRIOR_VERSION, versionName, type ModelVersion, type Trained } from '../../layers/core/model-version.ts';
import { compressed, decompressed } from '../../layers/core/packed.ts';
import { epoch } from '../../layers/core/points.ts';
import { secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import { OwnCases } from '../diagnose/model/refine.ts';
import { shippedModel } from '../diagnose/model/shipped.ts';
import { actions } from '../recover/catalogue.ts';
import { chooseFaults, type FaultJudgement } from './choose-faults.ts';
import { AGAIN_AFTER, keepVersion, nextVersion, type Training } from './keep-version.ts';
import { knownCases, type KnownCase } from './known-faults.ts';
import type { TrainPorts } from './train.ts';

/**
 * Refines the fault model by the account's own incidents: once a day at most, and only after another fault became known.
 * @returns what came of it; undefined where it is not due
 */
export async function trainFaults(
  { kb: { knowledge }, clock }: Pick<TrainPorts, 'kb' | 'clock'>,
  now: Instant,
): Promise<Training | undefined> {
  const last = await knowledge.trained('fault');
  if (last && secondsBetween(last.at, now) < AGAIN_AFTER) return undefined;
  const pasts = await Promise.all(ResourceType.options.map((type) => knowledge.pastIncidents(type)));
  const cases = knownCases(pasts.flat(), actions);
  const newest = cases
    .map(({ saidAt }) => saidAt)
    .sort()
    .at(-1);
  if (newest === undefined || newest === last?.newest) return undefined;
  const known = await knowledge.models('fault');
  const { inUse } = known;
  const started = clock();
  const choice = chooseFaults(cases, shippedModel(), {
    ...(inUse?.model ? { own: OwnCases.parse(decompressed(inUse.model)) } : {}),
    ...(inUse?.judgeSince ? { judgeSince: epoch(inUse.judgeSince) } : {}),
  });
  const failures = cases.filter(({ weight }) => weight === 1).length;
  const done = (why: string): Trained => ({ at: now, failures, newest, why });
  if (choice.kind === 'too-few') {
    await knowledge.putTrained('fault', done(choice.why));
    return { type: 'fault', why: choice.why, replaced: false };
  }
  const seconds = (clock() - started) / 1000;
  const version = versionOf(choice, nextVersion(known), inUse?.version ?? PRIOR_VERSION, seconds, now);
  return keepVersion(version, known, choice.better, done, knowledge);
}

function versionOf(
  { own, learnedFrom, judgedOn, since, ownLosses, inUseLosses, chance, better }: FaultJudgement,
  number: number,
  seen: number,
  seconds: Seconds,
  now: Instant,
): ModelVersion {
  const model = compressed(own);
  const count = (cases: readonly KnownCase[]) => ({ failures: cases.length, healthy: 0 });
  const instead = seen === PRIOR_VERSION ? 'the shipped model' : versionName({ type: 'fault', version: seen });
  const said = `Brier score ${ownLosses.brier.toPrecision(2)} and log loss ${ownLosses.logLoss.toPrecision(2)} against ${inUseLosses.brier.toPrecision(2)} and ${inUseLosses.logLoss.toPrecision(2)} of ${instead} on ${judgedOn.length} later incidents (by chance: ${chance.toPrecision(2)})`;
  return {
    type: 'fault',
    version: number,
    learnedAt: now,
    columns: [],
    model,
    figures: {
      learnedFrom: count(learnedFrom),
      judgedOn: { ...count(judgedOn), since: new Date(since * 1000).toISOString() },
      own: ownLosses,
      inUse: { ...inUseLosses, version: seen },
      chance,
      seconds,
      kilobytes: model.byteLength / 1024,
    },
    why: `${better ? `replaces ${instead}` : `${instead} stays`}: ${said}`,
  };
}
