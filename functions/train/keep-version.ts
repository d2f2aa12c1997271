import { PRIOR_VERSION, type ModelName, type ModelVersion, type Trained } from '../../layers/core/model-version.ts';
import { hours, type Seconds } from '../../layers/core/units.ts';
import type * as knowledgeBase from '../../layers/runtime/kb/index.ts';
import type { KnownModels } from '../../layers/runtime/kb/knowledge.ts';

/** What came of a training. */
export interface Training {
  readonly type: ModelName;
  readonly why: string;
  readonly version?: number;
  readonly replaced: boolean;
}

/** A model is trained again after so long, and only if something was learned since. */
export const AGAIN_AFTER: Seconds = hours(24);
const VERSIONS_KEPT = 10;

export const nextVersion = ({ versions }: KnownModels): number =>
  Math.max(0, ...versions.map(({ version }) => version)) + 1;

/**
 * Keeps a version that was judged, in use where it is better, forgets the oldest, and notes what the training came to.
 * @param known as it was when the version was judged
 */
export async function keepVersion(
  version: ModelVersion,
  known: KnownModels,
  better: boolean,
  trained: (why: string) => Trained,
  knowledge: Pick<typeof knowledgeBase.knowledge, 'putModel' | 'putTrained'>,
): Promise<Training> {
  const seen = known.inUse?.version ?? PRIOR_VERSION;
  const forget = known.versions
    .filter((one) => one.version !== seen)
    .slice(VERSIONS_KEPT - 2)
    .map((one) => one.version);
  const kept = await knowledge.putModel(version, { use: better, seen, forget });
  const why = kept ? version.why : 'another version was set meanwhile: this one is not kept';
  await knowledge.putTrained(version.type, trained(why));
  return { type: version.type, why, version: version.version, replaced: kept && better };
}
