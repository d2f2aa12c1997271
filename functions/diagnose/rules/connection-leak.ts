import type { Evidence } from '../../../layers/core/evidence.ts';
import { SPEAKS_OF } from '../../../layers/core/log-words.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { minutes, type Ratio } from '../../../layers/core/units.ts';
import { atMost, changesBefore, load, serviceState } from '../support/facts.ts';
import { foretoldOf } from '../support/foretold.ts';
import { logged, says, telling } from '../support/said.ts';
import { isFull, limitedOpen, OPENED } from '../support/opened.ts';

/** Of the new troubled lines: what waits for a connection takes up room, so that many are turned away for that. */
const ENOUGH: Ratio = 0.2;

/** A forecast, or the owner's limit. */
function measured(evidence: Evidence): string[] {
  const foretold = foretoldOf(evidence, OPENED);
  const full = limitedOpen(evidence)
    .filter(isFull)
    .map(({ name, last, limit }) => `${name} is ${last}, its limit is ${limit}.`);
  return [...(foretold ? [foretold.summary] : []), ...full];
}

/** Nobody measures it, but its programs say that none is left, and neither more work nor a change explains that. */
function spoken(evidence: Evidence): Omit<Finding, 'resource'>[] {
  const said = telling(evidence, (one) => says(one, SPEAKS_OF.noneLeft));
  if (!said || said.share < ENOUGH || !serviceState(evidence)?.running) return [];
  const more = (load(evidence)?.ratio ?? 1) >= 1.4;
  const changed =
    changesBefore(evidence, evidence.resource, minutes(15), ['deployment-started', 'configuration-updated']).length > 0;
  const because = [
    `${logged(said.first)}.`,
    ...(more ? ['Against it: requests grew at the onset.'] : []),
    ...(changed ? ['Against it: it was deployed or configured shortly before.'] : []),
  ];
  return [{ weight: atMost(0.5 - (more ? 0.3 : 0) - (changed ? 0.2 : 0)), because }];
}

export const rule = defineRule({
  name: 'connection-leak',
  fault: 'connection-leak',
  summary: 'Connections, or other things that a process opens, fill up to their limit, until none is left.',
  find(evidence) {
    const known = measured(evidence);
    const [found] = spoken(evidence);
    if (known.length > 0)
      return [{ resource: evidence.resource, weight: 0.75, because: [...known, ...(found?.because ?? [])] }];
    return found && found.weight > 0 ? [{ resource: evidence.resource, ...found }] : [];
  },
});
