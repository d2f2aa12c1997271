import { config } from '../../layers/runtime/env.ts';
import { step } from '../../layers/runtime/step.ts';
import { detect } from './detect.ts';

export const handler = step('Detect', (input, context) => detect(input, context, config().policy));
