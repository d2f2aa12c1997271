import * as z from 'zod';
import { Arn } from './arn.ts';
import { Fault } from './taxonomy.ts';

/** A model id, the id of an inference profile, or the ARN of either, as Bedrock's Converse takes it. */
const ModelId = z
  .string()
  .regex(
    /^(?:arn:[\w-]+:bedrock:[\w-]*:\d*:(?:foundation-model|inference-profile)\/|(?!arn:))[a-z0-9][\w.:-]{2,200}$/i,
    'supply the id of a Bedrock model or of an inference profile, or its ARN, e.g. eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  );

/** The language model that Diagnose asks, and how often at most. */
export const LanguageModel = z.strictObject({
  model: ModelId,
  /** Calls in a day (UTC), in the account and Region: with some 4,000 tokens a call this bounds what it costs. */
  callsPerDay: z.number().int().positive().max(10_000).default(100),
});
export type LanguageModel = z.infer<typeof LanguageModel>;

/** What a language model answered, as far as it was asked: part of the evidence, so that a diagnosis can be replayed. */
export const Opinion = z.object({
  model: z.string(),
  /** Hypotheses it was given and no others, with the probability that it gives them. They need not add up to 1. */
  ranking: z.array(z.object({ resource: Arn, fault: Fault, probability: z.number().min(0).max(1) })).min(1),
  /** Why, in its words, cleaned; empty where nothing of it could be kept. */
  explanation: z.string(),
  /** What it said that it was not asked for, and why that was left out. */
  dropped: z.array(z.string()),
  tokens: z.object({ input: z.number().int().nonnegative(), output: z.number().int().nonnegative() }),
});
export type Opinion = z.infer<typeof Opinion>;
