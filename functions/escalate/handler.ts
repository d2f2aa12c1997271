import { step } from '../../layers/runtime/step.ts';
import { escalate } from './escalate.ts';

export const handler = step('Escalate', escalate);
