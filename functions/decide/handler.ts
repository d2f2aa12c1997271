import { config } from '../../layers/runtime/env.ts';
import { step } from '../../layers/runtime/step.ts';
import { decide } from './decide.ts';

export const handler = step('Decide', (input, context) => decide(input, context, config().policy));
