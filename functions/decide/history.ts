import type { Arn } from '../../layers/core/arn.ts';
import type { Attempt } from '../../layers/core/plan.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import type { OwnHistory } from './plan.ts';

/** Of more outcomes than these only the shares count: what changed with the resource can be learned anew. */
const MOST = 10;

/** How actions fared on this very resource in the incidents before this one. @param attempts those of this incident */
export async function ownHistory(
  arn: Arn,
  attempts: readonly Attempt[],
  { knowledge }: Pick<typeof Kb, 'knowledge'>,
): Promise<OwnHistory> {
  const all = await knowledge.ownOutcomes(arn);
  const now = count(attempts.filter(({ candidate }) => candidate.resource === arn));
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, { healed = 0, failed = 0 } = {}]) => {
      const before = { healed: healed - (now[key]?.healed ?? 0), failed: failed - (now[key]?.failed ?? 0) };
      return before.healed + before.failed > 0 ? [[key, atMost(before)]] : [];
    }),
  );
}

function atMost({ healed, failed }: { readonly healed: number; readonly failed: number }) {
  const share = Math.min(1, MOST / (healed + failed));
  return { healed: healed * share, failed: failed * share };
}

export function count(attempts: readonly Attempt[]): OwnHistory {
  const history: Record<string, { healed: number; failed: number }> = {};
  for (const { candidate, outcome } of attempts) {
    if (outcome === undefined || outcome === 'unknown') continue;
    const entry = (history[`${candidate.fault}/${candidate.action}`] ??= { healed: 0, failed: 0 });
    if (outcome === 'recovered') entry.healed += 1;
    else entry.failed += 1;
  }
  return history;
}
