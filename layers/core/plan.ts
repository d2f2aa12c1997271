import * as z from 'zod';
import { Arn } from './arn.ts';
import { Risk } from './mode.ts';
import { RecordedMutation } from './mutation.ts';
import { Outcome } from './posterior.ts';
import { Fault } from './taxonomy.ts';

/** One action on one target, for one hypothesis. */
export const Candidate = z.object({
  action: z.string(),
  params: z.record(z.string(), z.unknown()),
  resource: Arn,
  fault: Fault,
  risk: Risk,
  /** Probability that it heals: confidence of the hypothesis × mean of the posterior. */
  success: z.number().min(0).max(1),
  /** Seconds until it is known whether it healed. */
  expectedSeconds: z.number(),
  because: z.array(z.string()),
});
export type Candidate = z.infer<typeof Candidate>;

/** Candidates, first to try first, and what was left out and why. */
export const Plan = z.object({
  candidates: z.array(Candidate),
  rejected: z.array(z.object({ action: z.string(), resource: Arn, why: z.string() })),
});
export type Plan = z.infer<typeof Plan>;

/** One execution of one action: `INCIDENT#id / ATTEMPT#n`. */
export const Attempt = z.object({
  attempt: z.number().int().positive(),
  candidate: Candidate,
  startedAt: z.string(),
  /** All ARNs leased for it. */
  leased: z.array(Arn),
  mutations: z.array(RecordedMutation),
  /** When the last mutation had been made. */
  appliedAt: z.string().optional(),
  /** When the action said it had settled. */
  settledAt: z.string().optional(),
  /** What Verify judged; `outcome` is written by Learn, in one transaction with the counter. */
  judged: Outcome.optional(),
  /** It got well by itself: the improvement began before the action took effect. */
  byItself: z.boolean().optional(),
  outcome: Outcome.optional(),
  outcomeWhy: z.array(z.string()).default([]),
  endedAt: z.string().optional(),
});
export type Attempt = z.infer<typeof Attempt>;
