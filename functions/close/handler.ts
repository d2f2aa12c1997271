import { config } from '../../layers/runtime/env.ts';
import { step } from '../../layers/runtime/step.ts';
import { close } from './close.ts';
import { watchTrail } from './trail.ts';

export const handler = step('Close', async (input, context) => {
  const decided = await close(input, context, config().policy);
  if (decided.verdict === 'closed') await watchTrail(context);
  return decided;
});
