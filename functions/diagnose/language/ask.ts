import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { LanguageModel } from '../../../layers/core/language.ts';
import { redact } from '../../../layers/core/redact.ts';
import type { Ratio } from '../../../layers/core/units.ts';
import { digestOf } from './digest.ts';
import { opinionFrom } from './opinion.ts';
import { requestOf, type ConverseRequest } from './request.ts';

/** A diagnosis so sure gains nothing by a second opinion. */
const SURE: Ratio = 0.9;
const LONGEST_REASON = 160;

/** How a language model is reached, and whether it may be asked once more today. */
export interface Asking {
  readonly model: LanguageModel;
  readonly mayAsk: () => Promise<boolean>;
  /** Ends within seconds, one way or the other. */
  readonly converse: (request: ConverseRequest) => Promise<unknown>;
}

/**
 * Evidence with a language model's opinion on the hypotheses, where there is a choice. That it could not be had is a gap; nothing here stops a diagnosis.
 */
export async function askModel(evidence: Evidence, diagnosis: Diagnosis, asking: Asking): Promise<Evidence> {
  if (diagnosis.hypotheses.length < 2 || (diagnosis.hypotheses[0]?.confidence ?? 0) >= SURE) return evidence;
  const { model } = asking.model;
  try {
    if (!(await asking.mayAsk())) throw new Error(`its ${asking.model.callsPerDay} calls of today are used up`);
    const digest = digestOf(evidence, diagnosis);
    const answer = await asking.converse(requestOf(model, digest));
    return { ...evidence, opinion: opinionFrom(answer, model, digest, diagnosis) };
  } catch (error) {
    const reason = redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    const gap = `the language model ${model} was not heard: ${reason.replace(/^Error: /, '').slice(0, LONGEST_REASON)}`;
    return { ...evidence, gaps: [...evidence.gaps, gap] };
  }
}
