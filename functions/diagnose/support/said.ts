import type { Evidence, LogTemplate } from '../../../layers/core/evidence.ts';
import type { Ratio } from '../../../layers/core/units.ts';
import { newTrouble } from './facts.ts';

/** Whether a kind of log line has these words, be it what all its lines say or what varies. */
export const says = ({ template, example }: LogTemplate, words: RegExp): boolean =>
  words.test(`${template} ${example}`);

export const linesOf = (templates: readonly LogTemplate[]): number =>
  templates.reduce((sum, { after }) => sum + after, 0);

/** The resource's new troubled lines of which something holds, the most frequent first. */
export interface Telling {
  readonly first: LogTemplate;
  /** Of all its new troubled lines. */
  readonly share: Ratio;
}

export function telling(evidence: Evidence, holds: (one: LogTemplate) => boolean): Telling | undefined {
  const trouble = newTrouble(evidence);
  const found = trouble.filter(holds);
  return found[0] && { first: found[0], share: linesOf(found) / linesOf(trouble) };
}

/** `"pool is full" was logged 12 times since the onset, 0 times before`, for a person. */
export const logged = ({ template, after, before }: LogTemplate): string =>
  `"${template}" was logged ${after} times since the onset, ${before} times before`;
