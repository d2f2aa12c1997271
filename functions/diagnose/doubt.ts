import type { Hypothesis } from '../../layers/core/diagnosis.ts';
import type { Ratio } from '../../layers/core/units.ts';
import { byConfidence } from './by-rules.ts';

/** What is left of the confidence for each thing that could not be read, and of all of them at least. */
const EACH: Ratio = 0.9;
const AT_LEAST: Ratio = 0.5;

/** A part that was left out on purpose, or an opinion that was not heard, is named, but casts no doubt on what was read. */
const NO_DOUBT =
  /were not looked at|counts are a sample|was not read: more than|was not heard|the shipped one was asked/;

/** Lowers the confidence in every fault for what is not known; `unknown` gets the rest. */
export function doubted(hypotheses: readonly Hypothesis[], gaps: readonly string[]): Hypothesis[] {
  const missing = gaps.filter((gap) => !NO_DOUBT.test(gap)).length;
  const belief = Math.max(AT_LEAST, EACH ** missing);
  const unknown = hypotheses.find(({ fault }) => fault === 'unknown');
  if (belief === 1 || !unknown) return [...hypotheses];
  const lowered = hypotheses.map((one) => ({ ...one, confidence: one.confidence * belief }));
  const because = [...unknown.because, `${missing} parts of the evidence could not be read.`];
  const rest = { ...unknown, confidence: unknown.confidence * belief + 1 - belief, because };
  return [...lowered.filter(({ fault }) => fault !== 'unknown'), rest].sort(byConfidence);
}
