import { config } from '../../layers/runtime/env.ts';
import { step } from '../../layers/runtime/step.ts';
import { close } from './close.ts';

export const handler = step('Close', (input, context) => close(input, context, config().policy));
