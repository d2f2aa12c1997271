import { ResourceType } from '../../layers/core/arn.ts';
import type { Trained } from '../../layers/core/model-version.ts';
import { decompressed } from '../../layers/core/packed.ts';
import { epoch } from '../../layers/core/points.ts';
import { secondsBetween, type Instant } from '../../layers/core/units.ts';
import { OwnCases } from '../diagnose/model/refine.ts';
import { shippedModel } from '../diagnose/model/shipped.ts';
import { actions } from '../recover/catalogue.ts';
import { chooseFaults } from './choose-faults.ts';
import { AGAIN_AFTER, keepVersion, versionOf, type Training } from './keep-version.ts';
import { knownCases } from './known-faults.ts';
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
    ...(inUse?.model ? { model: OwnCases.parse(decompressed(inUse.model)) } : {}),
    ...(inUse?.judgeSince ? { judgeSince: epoch(inUse.judgeSince) } : {}),
  });
  const failures = cases.filter(({ weight }) => weight === 1).length;
  const done = (why: string): Trained => ({ at: now, failures, newest, why });
  if (choice.kind === 'too-few') {
    await knowledge.putTrained('fault', done(choice.why));
    return { type: 'fault', why: choice.why, replaced: false };
  }
  const seconds = (clock() - started) / 1000;
  const version = versionOf({
    type: 'fault',
    known,
    columns: [],
    judgement: choice,
    prior: 'the shipped model',
    count: (some) => ({ failures: some.length, healthy: 0 }),
    said: `${choice.judgedOn.length} later incidents`,
    seconds,
    now,
  });
  return keepVersion(version, known, choice.better, done, knowledge);
}
