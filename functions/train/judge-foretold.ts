import { addSeconds, type Instant } from '../../layers/core/units.ts';
import type * as knowledgeBase from '../../layers/runtime/kb/index.ts';
import { HORIZON } from '../detect/failure/view.ts';
import { fateOf } from './fate.ts';

/** Enough to see what happened within a horizon. */
const INCIDENTS = 10;

export interface JudgedForetold {
  readonly cameTrue: number;
  readonly didNot: number;
  readonly cutShort: number;
}

/** Judges every failure that was foretold and whose time is over, or that happened. One told in vain makes its resource quiet for a horizon. */
export async function judgeForetold(
  { knowledge, incidents }: Pick<typeof knowledgeBase, 'knowledge' | 'incidents'>,
  now: Instant,
): Promise<JudgedForetold> {
  const counts = { 'came-true': 0, 'did-not': 0, 'cut-short': 0 };
  for (const foretold of await knowledge.openFailures()) {
    const fate = fateOf(foretold, await incidents.byResource(foretold.arn, INCIDENTS), now);
    if (fate === 'open') continue;
    const quietUntil = fate === 'did-not' ? addSeconds(now, HORIZON) : now;
    if (!(await knowledge.judgeFailing(foretold, fate, quietUntil))) continue;
    counts[fate] += 1;
  }
  return { cameTrue: counts['came-true'], didNot: counts['did-not'], cutShort: counts['cut-short'] };
}
