import { resourceTypeOf } from '../../layers/core/arn.ts';
import type { Label } from '../../layers/core/experience.ts';
import type { Incident } from '../../layers/core/incident.ts';
import { epoch } from '../../layers/core/points.ts';
import type { Learned } from '../../layers/core/sequence.ts';
import { secondsBetween, type Instant } from '../../layers/core/units.ts';
import type * as knowledgeBase from '../../layers/runtime/kb/index.ts';
import { dailyOf } from '../diagnose/knowledge/daily.ts';
import { LEAST_TIMES, sequencesOf, type Occurrence } from '../diagnose/knowledge/sequences.ts';
import { AGAIN_AFTER } from './keep-version.ts';
import { occurrencesOf } from './occurrences.ts';

type Kb = Pick<typeof knowledgeBase, 'knowledge' | 'incidents'>;

/** The newest incidents of the account: of these none is missing, as some are of the past incidents kept by type. */
const MOST_INCIDENTS = 1000;
/** Of these one may have ended since; where none has, no more is read. */
const LATEST = 20;
/** The strongest that are kept: one small record, which every diagnosis reads. */
const MOST_KEPT = 50;
const ASKED_AT_ONCE = 20;

/**
 * Learns which trouble follows which, over all types of resources: once a day at most, and only after another incident ended.
 * @returns what was learned; undefined where it is not due
 */
export async function trainSequences(kb: Kb, now: Instant): Promise<Learned | undefined> {
  const last = await kb.knowledge.learnedSequences();
  if (last && secondsBetween(last.at, now) < AGAIN_AFTER) return undefined;
  const newest = newestEnd(await kb.incidents.listRecent(LATEST));
  if (newest === undefined || newest === last?.newest) return undefined;
  const incidents = await kb.incidents.listRecent(MOST_INCIDENTS);
  const all = occurrencesOf(incidents, await labelsOf(incidents, kb));
  const occurrences = await withoutExperiments(all, kb);
  const { sequences, tested } = sequencesOf(occurrences, epoch(now));
  const learned = {
    at: now,
    newest,
    troubles: occurrences.length,
    since: incidents.at(-1)!.openedAt,
    tested,
    sequences: sequences.slice(0, MOST_KEPT),
    daily: dailyOf(occurrences).slice(0, MOST_KEPT),
  };
  await kb.knowledge.putSequences(learned);
  return learned;
}

const newestEnd = (incidents: readonly Incident[]): Instant | undefined =>
  incidents
    .flatMap(({ closedAt }) => closedAt ?? [])
    .sort()
    .at(-1);

/** What each was, by incident, where it is remembered. */
async function labelsOf(incidents: readonly Incident[], { knowledge }: Kb): Promise<Map<string, Label>> {
  const types = [...new Set(incidents.flatMap(({ resource }) => resourceTypeOf(resource) ?? []))];
  const pasts = await Promise.all(types.map((type) => knowledge.pastIncidents(type)));
  return new Map(pasts.flat().map(({ incidentId, label }) => [incidentId, label]));
}

/** What somebody broke on purpose follows a plan, and no trouble. Asked only of what came often enough to be told. */
async function withoutExperiments(all: readonly Occurrence[], { incidents }: Kb): Promise<Occurrence[]> {
  const often = [...Map.groupBy(all, ({ resource, fault }) => `${fault} ${resource}`).values()]
    .filter(({ length }) => length >= LEAST_TIMES)
    .flat();
  const left: Occurrence[] = [];
  for (let start = 0; start < often.length; start += ASKED_AT_ONCE) {
    const batch = often.slice(start, start + ASKED_AT_ONCE);
    const signals = await Promise.all(batch.map(({ incidentId }) => incidents.signals(incidentId)));
    left.push(...batch.filter((_, n) => !signals[n]!.some(({ kind }) => kind === 'chaos')));
  }
  const asked = new Set(often);
  const rare = all.filter((one) => !asked.has(one));
  return [...left, ...rare];
}
