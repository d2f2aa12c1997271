import { defineRule } from '../../../layers/core/rule.ts';
import { REFUSALS } from '../../../layers/core/signal.ts';
import { atMost, ownSeries } from '../support/facts.ts';

/** Fewer may be one burst that the clients' retries have mended. */
const FEWEST = 10;

export const rule = defineRule({
  name: 'throttling',
  fault: 'throttling',
  summary: 'AWS refuses calls: a quota or a provisioned capacity is used up.',
  find(evidence) {
    const onset = Date.parse(evidence.window.onset) / 1000;
    const counted = ownSeries(evidence, /Throttle/).map(({ metric, points, period }) => {
      const of = (some: (at: number) => boolean) =>
        points.filter(([at]) => some(at)).reduce((sum, [, value]) => sum + value, 0);
      return { metric, before: of((at) => at + period <= onset), after: of((at) => at + period > onset) };
    });
    const refused = counted.filter(({ before, after }) => after >= FEWEST && after > before);
    const told = evidence.signals.find((one) => one.kind === 'anomaly' && one.detector === REFUSALS);
    if (refused.length === 0 && !told) return [];
    const because = [
      ...(told ? [told.summary] : []),
      ...refused.map(
        ({ metric, before, after }) => `${metric}: ${after} calls were refused since the onset, ${before} before.`,
      ),
    ];
    const weight = (told ? 0.5 : 0.3) + (refused.length > 0 ? 0.3 : 0);
    return [{ resource: evidence.resource, weight: atMost(weight), because }];
  },
});
