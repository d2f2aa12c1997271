import type { Evidence, LogTemplate } from '../../../layers/core/evidence.ts';
import { classify } from '../../../layers/core/log-class.ts';
import { FaultCategory } from '../../../layers/core/taxonomy.ts';
import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import { callees } from '../support/callees.ts';
import { newTrouble } from '../support/facts.ts';
import { defineFeature, shareOf } from './feature.ts';

/** Words that say one thing, whatever program writes them. */
const CONNECTIONS =
  /ECONNRESET|EPIPE|socket hang up|connection (?:reset|closed|terminated|lost)|pooled connection|expired|credential|stale|broken pipe/i;
const SETTINGS = /config|setting|parameter|environment|option|must be (?:a|an|one|from)|out of range/i;
const BUSY = /busy|overload|capacity|queue is full|slot|too many|throttl|limit exceeded|pool (?:is )?exhausted/i;
const HARDWARE = /\bEIO\b|i\/o error|disk|ENOSPC|read-only file system|hardware/i;
const STORED = /checksum|corrupt|malformed|\brow\b|segment|schema|deseriali[sz]e|decode|truncated|constraint/i;
/** One program says of another that it does not answer. */
const OTHERS =
  /(?:answered|returned|responded)\b.*(?:\b5\d\d\b|<\*>)|could not be reached|did not answer|call .*failed|ECONNREFUSED|upstream|bad gateway/i;

const lines = (templates: readonly LogTemplate[]): number => templates.reduce((sum, { after }) => sum + after, 0);

/** Share of the new troubled lines for which something holds; undefined where there are none. */
function shareOfTrouble(evidence: Evidence, holds: (template: LogTemplate) => boolean): number | undefined {
  const trouble = newTrouble(evidence);
  return shareOf(lines(trouble.filter(holds)), lines(trouble));
}

const says = (words: RegExp) => (evidence: Evidence) =>
  shareOfTrouble(evidence, ({ template, example }) => words.test(`${template} ${example}`));

const categories = FaultCategory.options.map((category) =>
  defineFeature({
    name: `log-${category}`,
    unit: 'share',
    summary: `New troubled lines whose words speak of ${category} (layers/core/log-class.ts).`,
    of: (evidence) => shareOfTrouble(evidence, (one) => (one.category ?? classify(one.template).category) === category),
  }),
);

/** What the log says since the onset that it did not say before: shares of the new troubled lines. */
export const logs = [
  defineFeature({
    name: 'log-lines',
    unit: 'ratio',
    summary: 'New troubled lines a minute since the onset, as log10 of one more.',
    of(evidence) {
      const since = Math.max(10, secondsBetween(evidence.window.onset, evidence.window.to));
      return Math.log10(1 + (lines(newTrouble(evidence)) * minutes(1)) / since);
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
        (one) => !named.has(one) && OTHERS.test(`${one.template} ${one.example}`) && !CONNECTIONS.test(one.example),
      );
    },
  }),
  defineFeature({
    name: 'log-connections',
    unit: 'share',
    summary: 'New troubled lines about connections or credentials that no longer work.',
    of: says(CONNECTIONS),
  }),
  defineFeature({
    name: 'log-settings',
    unit: 'share',
    summary: 'New troubled lines about settings.',
    of: says(SETTINGS),
  }),
  defineFeature({
    name: 'log-busy',
    unit: 'share',
    summary: 'New troubled lines about too much work.',
    of: says(BUSY),
  }),
  defineFeature({
    name: 'log-hardware',
    unit: 'share',
    summary: 'New troubled lines about disks.',
    of: says(HARDWARE),
  }),
  defineFeature({
    name: 'log-stored-data',
    unit: 'share',
    summary: 'New troubled lines about stored rows, schemas, checksums.',
    of: says(STORED),
  }),
];
