import type { Evidence } from '../../../layers/core/evidence.ts';
import { SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule } from '../../../layers/core/rule.ts';
import { REFUSALS } from '../../../layers/core/signal.ts';
import type { Ratio } from '../../../layers/core/units.ts';
import { blamed } from '../support/callees.ts';
import { atMost } from '../support/facts.ts';
import { refusedCalls } from '../support/refused.ts';
import { logged, says, telling } from '../support/said.ts';

/** Fewer may be one burst that the clients' retries have mended. */
const FEWEST = 10;
/** Of the new troubled lines. */
const MOST: Ratio = 0.5;

/** What its programs say of calls that were refused, unless it is something that it calls and that is looked at by itself. */
function spoken(evidence: Evidence): string | undefined {
  const named = blamed(evidence)?.named ?? [];
  const said = telling(evidence, (one) => says(one, SPEAKS_OF.refusal) && !named.includes(one));
  return said && said.share >= MOST ? `${logged(said.first)}.` : undefined;
}

export const rule = defineRule({
  name: 'throttling',
  fault: 'throttling',
  summary: 'AWS refuses calls: a quota or a provisioned capacity is used up.',
  find(evidence) {
    const refused = refusedCalls(evidence).filter(({ before, after }) => after >= FEWEST && after > before);
    const told = evidence.signals.find((one) => one.kind === 'anomaly' && one.detector === REFUSALS);
    const said = spoken(evidence);
    const because = [
      ...(told ? [told.summary] : []),
      ...refused.map(
        ({ metric, before, after }) => `${metric}: ${after} calls were refused since the onset, ${before} before.`,
      ),
      ...(said ? [said] : []),
    ];
    if (because.length === 0) return [];
    const measured = (told ? 0.5 : 0.3) + (refused.length > 0 ? 0.3 : 0) + (said ? 0.15 : 0);
    const weight = told || refused.length > 0 ? measured : 0.55;
    return [{ resource: evidence.resource, weight: atMost(weight), because }];
  },
});
