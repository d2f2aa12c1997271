import { config } from '../../layers/runtime/env.ts';
import { step } from '../../layers/runtime/step.ts';
import { close } from './close.ts';
import { remember } from './remember.ts';
import { watchTrail } from './trail.ts';

export const handler = step('Close', async (input, context) => {
  const decided = await close(input, context, config().policy);
  if (decided.verdict !== 'closed') return decided;
  const remembered = context.incident.ending ? await remember(context, context.incident.ending) : [];
  await watchTrail(context);
  return { ...decided, why: [...decided.why, ...remembered] };
});
