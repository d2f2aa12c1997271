import { config } from '../../layers/runtime/env.ts';
import { step } from '../../layers/runtime/step.ts';
import { recover } from './recover.ts';

export const handler = step('Recover', (input, context) => recover(input, context, config().policy));
