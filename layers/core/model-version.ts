import * as z from 'zod';
import { ResourceType } from './arn.ts';

/** What a learned model is of: the failures of a type of resource, or the faults of incidents on any of them. */
export const ModelName = z.enum(['fault', ...ResourceType.options]);
export type ModelName = z.infer<typeof ModelName>;

/** How well probabilities came true, on lives or incidents that were held back. */
const Losses = z.object({
  /** 0 is perfect. */
  brier: z.number(),
  /** In nats; 0 is perfect. */
  logLoss: z.number(),
});

/** One row of a reliability diagram: what was foretold with a probability from `from` to `to`, and how often it came true. */
export const ReliabilityRow = z.object({
  from: z.number(),
  to: z.number(),
  count: z.number().int(),
  /** Means, both weighted. */
  foretold: z.number(),
  cameTrue: z.number(),
});
export type ReliabilityRow = z.infer<typeof ReliabilityRow>;

/** How a version was learned, and how it did on the newest part, which it did not learn from, beside what was in use. */
export const Figures = z.object({
  /** Failures and healthy stretches that it learned from; the fault model is asked about failures only. */
  learnedFrom: z.object({ failures: z.number().int(), healthy: z.number().int() }),
  /** Those it was judged on, all of them later. */
  judgedOn: z.object({ failures: z.number().int(), healthy: z.number().int(), since: z.string() }),
  own: Losses,
  /** Of version 0, the prior, where nothing else was in use. */
  inUse: Losses.extend({ version: z.number().int() }),
  /** That a model no better would look so much better by chance. */
  chance: z.number().min(0).max(1),
  /** Of the failures foretold, or of the fault held most probable; on what it was judged on. */
  reliability: z.array(ReliabilityRow).default([]),
  seconds: z.number(),
  kilobytes: z.number(),
});
export type Figures = z.infer<typeof Figures>;

/** A version of a learned model: key `MODEL#failure#type / VERSION#n`, or `MODEL#fault / VERSION#n`. */
export const ModelVersion = z.object({
  type: ModelName,
  /** From 1. */
  version: z.number().int().positive(),
  learnedAt: z.string(),
  /** What its features are of, in order. */
  columns: z.array(z.string()),
  /** JSON, compressed. */
  model: z.instanceof(Uint8Array),
  figures: Figures,
  /** Why it replaced what was in use, or did not. */
  why: z.string(),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

/** Version 0 is the prior: no failure is foretold; faults are those of the shipped model. */
export const PRIOR_VERSION = 0;

/** What is in use, since when, and who set it: `training`, or a person. */
export const ModelInUse = ModelVersion.pick({ type: true, columns: true, model: true })
  .partial({ model: true })
  .extend({
    version: z.number().int().nonnegative(),
    since: z.string(),
    by: z.string(),
    /** Set where a person went back: what replaces it is judged on what happened since. */
    judgeSince: z.string().optional(),
  });
export type ModelInUse = z.infer<typeof ModelInUse>;

/** Who set which version, and when; kept as long as incidents. */
export const ModelChange = z.object({
  type: ModelName,
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
  by: z.string(),
  at: z.string(),
  why: z.string(),
});
export type ModelChange = z.infer<typeof ModelChange>;

/** What the last training came to. */
export const Trained = z.object({
  at: z.string(),
  /** Those of the account that could be learned from. */
  failures: z.number().int(),
  /** The newest incident, or the newest word on one, that it knew. */
  newest: z.string().optional(),
  why: z.string(),
});
export type Trained = z.infer<typeof Trained>;

/** `ecs-service-3`, `fault-2`: how a person names a version. */
export const versionName = ({ type, version }: { readonly type: ModelName; readonly version: number }): string =>
  `${type}-${version}`;
