import * as z from 'zod';
import { Arn } from './arn.ts';
import { FailureMode, Fault, Severity } from './taxonomy.ts';
import type { Ratio } from './units.ts';

/** One explanation: this resource has this fault. */
export const Hypothesis = z.object({
  resource: Arn,
  fault: Fault,
  /** 0 to 1: the probability given to it. */
  confidence: z.number().min(0).max(1),
  /** Plain sentences with numbers and what they are compared with. */
  because: z.array(z.string()).min(1),
});
export type Hypothesis = z.infer<typeof Hypothesis>;

/** A fault that is no likelier than this is named and not acted on: no action heals it with a chance of one in ten. */
export const LONG_SHOT: Ratio = 0.1;

/** Where the trouble began, by how metrics, logs and changes moved along the dependency graph. */
export const Root = z.object({
  resource: Arn,
  /** 0 to 1: its part of everything that speaks for any resource. */
  share: z.number().min(0).max(1),
  /** Plain sentences with numbers and what they are compared with. */
  because: z.array(z.string()).min(1),
  /** In which way it fails, where its symptoms tell. */
  failure: z.object({ mode: FailureMode, because: z.string() }).optional(),
});
export type Root = z.infer<typeof Root>;

/** Hypotheses, most probable first. An empty list never happens: `unknown` is an answer. */
export const Diagnosis = z.object({
  hypotheses: z.array(Hypothesis).min(1),
  /** Most probable first; empty where nothing moved, absent in older diagnoses. */
  roots: z.array(Root).optional(),
  severity: Severity,
  onset: z.string(),
  /** What was not known when it was made. */
  gaps: z.array(z.string()),
});
export type Diagnosis = z.infer<typeof Diagnosis>;
