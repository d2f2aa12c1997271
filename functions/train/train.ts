import type { Arn, ResourceType } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Trained } from '../../layers/core/model-version.ts';
import type { PastIncident } from '../../layers/core/experience.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { epoch } from '../../layers/core/points.ts';
import { decompressed } from '../../layers/core/packed.ts';
import { hours, secondsBetween, type Instant, type Seconds } from '../../layers/core/units.ts';
import type * as knowledgeBase from '../../layers/runtime/kb/index.ts';
import type { FailureModel } from '../detect/failure/failure-model.ts';
import { columnsOf, HORIZON, ROW } from '../detect/failure/view.ts';
import { choose, type DatedLife } from './choose.ts';
import { AGAIN_AFTER, keepVersion, versionOf, type Training } from './keep-version.ts';
import { readLives } from './read-lives.ts';
import { stretchesOf } from './lives.ts';
import { troublesOf, type Trouble } from './troubles.ts';

export interface TrainPorts {
  readonly kb: Pick<typeof knowledgeBase, 'knowledge' | 'incidents'>;
  readonly reader: (arn: Arn) => Promise<Aws>;
  /** False alerts that a healthy resource may give in a week. */
  readonly alertsPerWeek: number;
  /** Milliseconds of computing, for the record. */
  readonly clock: () => number;
}

/** Horizon in rows of a life. */
const ROWS_AHEAD = HORIZON / ROW;
/** CloudWatch keeps points of five minutes for 63 days. */
const REACH: Seconds = hours(24 * 60);
const INCIDENTS_A_RESOURCE = 20;
/** Of one type; those with incidents go first. */
const RESOURCES_AT_MOST = 500;

/**
 * Trains the type of resource that has waited longest, if any is due: once a day at most, and only after another incident.
 * @returns what came of it; undefined where nothing is due
 */
export async function trainNext(ports: TrainPorts, now: Instant): Promise<Training | undefined> {
  const { knowledge } = ports.kb;
  const resources = (await Array.fromAsync(knowledge.allResources())).filter((one) => columnsOf([one]).length > 1);
  const types = [...new Set(resources.map(({ type }) => type))];
  const waiting = await Promise.all(types.map(async (type) => ({ type, last: await knowledge.trained(type) })));
  const due = waiting
    .filter(({ last }) => !last || secondsBetween(last.at, now) >= AGAIN_AFTER)
    .sort((a, b) => ((a.last?.at ?? '') < (b.last?.at ?? '') ? -1 : 1));
  for (const { type, last } of due) {
    const pasts = await knowledge.pastIncidents(type);
    const newest = pasts[0]?.incidentId;
    if (newest !== undefined && newest !== last?.newest)
      return train(
        type,
        newest,
        pasts,
        resources.filter((one) => one.type === type),
        ports,
        now,
      );
  }
  return undefined;
}

async function train(
  type: ResourceType,
  newest: string,
  pasts: readonly PastIncident[],
  resources: readonly Resource[],
  ports: TrainPorts,
  now: Instant,
): Promise<Training> {
  const { knowledge } = ports.kb;
  const known = await knowledge.models(type);
  const { inUse } = known;
  const inUseModel = inUse?.model && (decompressed(inUse.model) as FailureModel);
  const chosen = mostTroubled(resources, pasts);
  const columns = columnsOf(chosen);
  const troubles = await troublesIn(chosen, pasts, ports, now);
  const lives = await livesOf(chosen, troubles, columns, inUse?.columns ?? [], ports, now);
  const started = ports.clock();
  const judgeSince = inUse?.judgeSince === undefined ? {} : { judgeSince: epoch(inUse.judgeSince) };
  const choice = choose(
    lives,
    { ...(inUseModel ? { model: inUseModel } : {}), ...judgeSince },
    ROWS_AHEAD,
    ports.alertsPerWeek,
  );
  const { failures } = countOf(lives);
  const done = (why: string): Trained => ({ at: now, failures, newest, why });
  if (choice.kind === 'too-few') {
    await knowledge.putTrained(type, done(choice.why));
    return { type, why: choice.why, replaced: false };
  }
  const seconds = (ports.clock() - started) / 1000;
  const judged = countOf(choice.judgedOn);
  const version = versionOf({
    type,
    known,
    columns,
    judgement: choice,
    prior: 'the prior',
    count: countOf,
    said: `${judged.failures} later failures and ${judged.healthy} healthy stretches`,
    seconds,
    now,
  });
  return keepVersion(version, known, choice.better, done, knowledge);
}

/** Those with the latest incidents first, so that a bound leaves out whom nothing happened to. */
function mostTroubled(resources: readonly Resource[], pasts: readonly PastIncident[]): Resource[] {
  const order = new Map<Arn, number>();
  pasts.forEach(({ resource }, n) => order.has(resource) || order.set(resource, n));
  const placeOf = ({ arn }: Resource): number => order.get(arn) ?? pasts.length;
  return resources.toSorted((a, b) => placeOf(a) - placeOf(b)).slice(0, RESOURCES_AT_MOST);
}

async function troublesIn(
  resources: readonly Resource[],
  pasts: readonly PastIncident[],
  { kb }: TrainPorts,
  now: Instant,
): Promise<Map<Arn, Trouble[]>> {
  const remembered = new Map(pasts.map((past) => [past.incidentId, past]));
  const troubles = new Map<Arn, Trouble[]>();
  for (const { arn } of resources) {
    const incidents = await kb.incidents.byResource(arn, INCIDENTS_A_RESOURCE);
    troubles.set(arn, await troublesOf(incidents, remembered, kb.incidents.signals, epoch(now)));
  }
  return troubles;
}

/** Before the first incident that is known nobody can say who was well. */
async function livesOf(
  resources: readonly Resource[],
  troubles: ReadonlyMap<Arn, readonly Trouble[]>,
  columns: readonly string[],
  before: readonly string[],
  { reader }: TrainPorts,
  now: Instant,
): Promise<DatedLife[]> {
  const at = epoch(now);
  const first = Math.min(at, ...[...troubles.values()].flatMap((ofOne) => ofOne.map(({ from }) => from)));
  const stretches = stretchesOf(troubles, Math.max(at - REACH, first), at, Math.floor(at / AGAIN_AFTER));
  return readLives(stretches, new Map(resources.map((one) => [one.arn, one])), { columns, before }, reader);
}

const countOf = (lives: readonly DatedLife[]): { failures: number; healthy: number } => {
  const failures = lives.filter(({ failed }) => failed).length;
  return { failures, healthy: lives.length - failures };
};
