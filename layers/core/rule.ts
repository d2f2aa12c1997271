import type { Arn } from './arn.ts';
import type { Evidence } from './evidence.ts';
import type { Fault } from './taxonomy.ts';

/** What one rule concludes. `weight` is 0 to 1: how strongly the evidence speaks for this fault when seen alone. */
export interface Finding {
  readonly resource: Arn;
  readonly weight: number;
  /** Plain sentences with numbers and what they are compared with. */
  readonly because: readonly string[];
}

/**
 * One row of Diagnose's decision table: one file in functions/diagnose/rules, exported as `rule`. Pure: the same evidence
 * gives the same findings, bit for bit.
 */
export interface Rule {
  /** Its file name: the fault it looks for, unless it looks for several. */
  readonly name: string;
  readonly fault: Fault;
  readonly summary: string;
  /** [] when the evidence does not speak for the fault. */
  find(evidence: Evidence): readonly Finding[];
}

export const defineRule = (rule: Rule): Rule => rule;
