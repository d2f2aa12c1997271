import { PRIOR_VERSION, versionName } from '../../layers/core/model-version.ts';
import type { ModelName, ModelVersion, Trained } from '../../layers/core/model-version.ts';
import { compressed } from '../../layers/core/packed.ts';
import { hours, type Instant, type Seconds } from '../../layers/core/units.ts';
import type * as knowledgeBase from '../../layers/runtime/kb/index.ts';
import type { KnownModels } from '../../layers/runtime/kb/knowledge.ts';
import type { Judgement, Losses } from './held-back.ts';

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

/** What is judged: of which model, the how manieth, and what was in use. */
interface Judged<Model, Case> {
  readonly type: ModelName;
  readonly known: KnownModels;
  readonly columns: readonly string[];
  readonly judgement: Judgement<Model, Case>;
  /** How a person calls version 0. */
  readonly prior: string;
  readonly count: (cases: readonly Case[]) => { failures: number; healthy: number };
  /** `12 later incidents`. */
  readonly said: string;
  readonly seconds: Seconds;
  readonly now: Instant;
}

/** The next version, with how it did beside what was in use, in figures and in words. */
export function versionOf<Model, Case>({ type, known, columns, judgement, ...of }: Judged<Model, Case>): ModelVersion {
  const { learnedFrom, judgedOn, since, own, inUse, reliability, chance, better } = judgement;
  const model = compressed(judgement.model);
  const seen = known.inUse?.version ?? PRIOR_VERSION;
  const instead = seen === PRIOR_VERSION ? of.prior : versionName({ type, version: seen });
  const said = ({ brier, logLoss }: Losses): string => `${brier.toPrecision(2)} and ${logLoss.toPrecision(2)}`;
  return {
    type,
    version: Math.max(0, ...known.versions.map(({ version }) => version)) + 1,
    learnedAt: of.now,
    columns: [...columns],
    model,
    figures: {
      learnedFrom: of.count(learnedFrom),
      judgedOn: { ...of.count(judgedOn), since: new Date(since * 1000).toISOString() },
      own,
      inUse: { ...inUse, version: seen },
      chance,
      reliability: [...reliability],
      seconds: of.seconds,
      kilobytes: model.byteLength / 1024,
    },
    why: `${better ? `replaces ${instead}` : `${instead} stays`}: Brier score and log loss ${said(own)} against ${said(inUse)} of ${instead} on ${of.said} (by chance: ${chance.toPrecision(2)})`,
  };
}

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
