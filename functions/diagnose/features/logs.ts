import type { Evidence, LogTemplate } from '../../../layers/core/evidence.ts';
import { classify } from '../../../layers/core/log-class.ts';
import { SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { FaultCategory } from '../../../layers/core/taxonomy.ts';
import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import { callees } from '../support/callees.ts';
import { newTrouble } from '../support/facts.ts';
import { linesOf, says } from '../support/said.ts';
import { defineFeature, shareOf } from './feature.ts';

/** Share of the new troubled lines for which something holds; undefined where there are none. */
function shareOfTrouble(evidence: Evidence, holds: (template: LogTemplate) => boolean): number | undefined {
  const trouble = newTrouble(evidence);
  return shareOf(linesOf(trouble.filter(holds)), linesOf(trouble));
}

const speaksOf =
  (words: RegExp) =>
  (evidence: Evidence): number | undefined =>
    shareOfTrouble(evidence, (one) => says(one, words));

const categories = FaultCategory.options.map((category) =>
  defineFeature({
    name: `log-${category}`,
    unit: 'share',
    summary: `New troubled lines whose words speak of ${category} (layers/core/log-class.ts).`,
    of: (evidence) => shareOfTrouble(evidence, (one) => (one.category ?? classify(one.template).category) === category),
  }),
);

const SPOKEN = [
  ['log-connections', SPEAKS_OF.stale, 'connections or credentials that no longer work'],
  ['log-unreached', SPEAKS_OF.unreached, 'what cannot be reached over the network'],
  ['log-none-left', SPEAKS_OF.noneLeft, 'connections or descriptors of which none is left'],
  ['log-settings', SPEAKS_OF.settings, 'settings'],
  ['log-busy', SPEAKS_OF.load, 'too much work'],
  ['log-refused', SPEAKS_OF.refusal, 'calls that are refused because there were too many'],
  ['log-aws', SPEAKS_OF.aws, 'a service of AWS that failed by its own word'],
  ['log-hardware', SPEAKS_OF.host, 'disks and machines'],
  ['log-stored-data', SPEAKS_OF.stored, 'stored rows, schemas, checksums'],
] as const;

/** What the log says since the onset that it did not say before: shares of the new troubled lines. */
export const logs = [
  defineFeature({
    name: 'log-lines',
    unit: 'ratio',
    summary: 'New troubled lines a minute since the onset, as log10 of one more.',
    of(evidence) {
      const since = Math.max(10, secondsBetween(evidence.window.onset, evidence.window.to));
      return Math.log10(1 + (linesOf(newTrouble(evidence)) * minutes(1)) / since);
    },
  }),
  defineFeature({
    name: 'log-kinds',
    unit: 'count',
    summary: 'How many shapes of new troubled lines there are.',
    of: (evidence) => newTrouble(evidence).length,
  }),
  ...categories,
  defineFeature({
    name: 'log-names-callee',
    unit: 'share',
    summary: 'New troubled lines that name a resource it calls.',
    of(evidence) {
      const named = new Set(callees(evidence).flatMap((callee) => callee.named));
      return shareOfTrouble(evidence, (template) => named.has(template));
    },
  }),
  defineFeature({
    name: 'log-blames-outside',
    unit: 'share',
    summary: 'New troubled lines that say another program failed, and name none that the graph knows.',
    of(evidence) {
      const named = new Set(callees(evidence).flatMap((callee) => callee.named));
      return shareOfTrouble(
        evidence,
        (one) => !named.has(one) && says(one, SPEAKS_OF.others) && !says(one, SPEAKS_OF.stale),
      );
    },
  }),
  ...SPOKEN.map(([name, words, about]) =>
    defineFeature({
      name,
      unit: 'share',
      summary: `New troubled lines about ${about} (layers/core/log-words.ts).`,
      of: speaksOf(words),
    }),
  ),
];
