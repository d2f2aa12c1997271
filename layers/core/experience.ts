import * as z from 'zod';
import { Arn, ResourceType } from './arn.ts';
import { Outcome } from './posterior.ts';
import { Signature } from './signature.ts';
import { Fault } from './taxonomy.ts';

/**
 * Who says what an incident's fault was: nobody but Diagnose; the action against it, which healed it; the healing of what
 * it calls, with which it got well; or a person.
 */
export const LabelSource = z.enum(['diagnosis', 'healing', 'person']);
export type LabelSource = z.infer<typeof LabelSource>;

/** What was the matter, and who says so. */
export const Label = z.object({ fault: Fault, root: Arn, by: LabelSource });
export type Label = z.infer<typeof Label>;

/** What a person said of a diagnosis. */
export const Verdict = z.object({
  said: z.enum(['confirmed', 'corrected']),
  by: z.string(),
  at: z.string(),
  /** The label before. */
  was: Label,
});
export type Verdict = z.infer<typeof Verdict>;

/** What is kept of an incident that ended: `SIGNATURE#type / incident id`. */
export const PastIncident = z.object({
  incidentId: z.string(),
  resource: Arn,
  resourceType: ResourceType,
  endedAt: z.string(),
  signature: Signature,
  label: Label,
  /** `recovered by restart-service`, `escalated: exhausted`. */
  ending: z.string(),
  /** What was tried, in order, against which fault of what, and what came of it. */
  tried: z.array(z.object({ action: z.string(), fault: Fault, on: ResourceType, outcome: Outcome })),
  verdict: Verdict.optional(),
  /** What the fault model was told of it, by feature, as JSON: only training reads it. Absent in older ones. */
  features: z.string().optional(),
});
export type PastIncident = z.infer<typeof PastIncident>;

/** A past incident that looks like the one in hand. */
export const Neighbour = PastIncident.omit({
  signature: true,
  resourceType: true,
  verdict: true,
  features: true,
}).extend({
  similarity: z.number().min(0).max(1),
});
export type Neighbour = z.infer<typeof Neighbour>;

/** Trouble that came again and again: a group of past incidents that look alike. */
export const Pattern = z.object({
  /** The incident it began with. */
  id: z.string(),
  /** What a person calls it: the fault, where, and what marks it. */
  name: z.string(),
  times: z.number().int().positive(),
  firstAt: z.string(),
  lastAt: z.string(),
  resources: z.array(Arn),
  /** The latest of them. */
  incidents: z.array(z.string()),
  fault: Fault,
  /** By action: how often it healed and how often not. */
  fixes: z.array(z.object({ action: z.string(), healed: z.number().int(), failed: z.number().int() })),
});
export type Pattern = z.infer<typeof Pattern>;

/** How often a resource was confirmed to be the cause of trouble of another: `CAUSE#effect / cause`. */
export const Cause = z.object({
  effect: Arn,
  cause: Arn,
  /** Incidents of which a healing or a person says so. */
  confirmed: z.number().int().nonnegative(),
  /** Incidents in which it was blamed, and a person says it was not. */
  denied: z.number().int().nonnegative(),
});
export type Cause = z.infer<typeof Cause>;

/** What was known from earlier incidents when one was diagnosed: part of its evidence, so that it can be replayed. */
export const Known = z.object({
  neighbours: z.array(Neighbour),
  pattern: Pattern.optional(),
  causes: z.array(Cause),
});
export type Known = z.infer<typeof Known>;

/** The same for the audit trail, short: which incidents, how alike, what they were, and what healed them. */
export const Likeness = z.object({
  earlier: z.array(
    z.object({
      incidentId: z.string(),
      similarity: z.number(),
      fault: Fault,
      by: LabelSource,
      healedBy: z.string().optional(),
    }),
  ),
  recurring: z.object({ name: z.string(), times: z.number().int() }).optional(),
});
export type Likeness = z.infer<typeof Likeness>;

const SAID: Readonly<Record<LabelSource, string>> = {
  person: 'says a person',
  healing: 'as its healing showed',
  diagnosis: 'not confirmed',
};

/** Plain sentences for a person. */
export function likenessLines({ earlier, recurring }: Likeness): string[] {
  const alike = earlier.map(
    ({ incidentId, similarity, fault, by, healedBy }) =>
      `Like incident ${incidentId} (${Math.round(similarity * 100)} %): ${fault}, ${SAID[by]}${healedBy ? `; healed by ${healedBy}` : ''}`,
  );
  return [...alike, ...(recurring ? [`Recurring, ${recurring.times} times so far: ${recurring.name}`] : [])];
}
