import type { Diagnosis } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import type { LanguageModel } from '../../../layers/core/language.ts';
import { converse } from '../../../layers/runtime/language-model.ts';
import type { StepContext } from '../../../layers/runtime/step.ts';
import { askModel } from './ask.ts';

/** What the handler loads where a language model is switched on, so that no other cold start carries Bedrock's client. */
export const secondOpinion = (
  evidence: Evidence,
  diagnosis: Diagnosis,
  model: LanguageModel,
  { kb, now }: Pick<StepContext, 'kb' | 'now'>,
): Promise<Evidence> =>
  askModel(evidence, diagnosis, {
    model,
    converse,
    mayAsk: () => kb.control.countLanguageCall(now(), model.callsPerDay),
  });
