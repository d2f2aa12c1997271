import type { Context } from 'aws-lambda';
import { StepInput } from '../../layers/core/step.ts';
import { config } from '../../layers/runtime/env.ts';
import { step } from '../../layers/runtime/step.ts';
import { verify } from './verify.ts';
import { verifyUndo } from './verify-undo.ts';

const afterAttempt = step('Verify', (input, context) => verify(input, context, config().policy));
const afterUndo = step('VerifyUndo', (input, context) => verifyUndo(input, context, config().policy));

/** Verdicts that lead to the state VerifyUndo: Rollback's, and its own. */
const UNDONE = ['undone', 'unsettled'];

/** One function behind two states: what came before says what is to be looked at. */
export const handler = (event: unknown, context: Context): Promise<StepInput> => {
  const before = StepInput.safeParse(event);
  return before.success && UNDONE.includes(before.data.verdict)
    ? afterUndo(event, context)
    : afterAttempt(event, context);
};
