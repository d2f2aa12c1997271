import { step } from '../../layers/runtime/step.ts';
import { learn } from './learn.ts';

export const handler = step('Learn', learn);
