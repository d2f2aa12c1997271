import type { Evidence } from '../../../layers/core/evidence.ts';
import { defineRule, type Finding } from '../../../layers/core/rule.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, changesBefore, newTrouble, target, whenSpoken } from '../support/facts.ts';
import { logged } from '../support/said.ts';

export const rule = defineRule({
  name: 'bad-function-version',
  fault: 'bad-function-version',
  summary: 'A function fails since its alias points to another version, or since it has other code.',
  find(evidence) {
    const { type } = target(evidence);
    const found =
      type === 'lambda-alias' ? moved(evidence) : type === 'lambda-function' ? updated(evidence) : undefined;
    if (!found) return [];
    const [trouble] = newTrouble(evidence);
    const because = [...found.because, ...(trouble ? [`${logged(trouble)}.`] : [])];
    return [{ resource: evidence.resource, weight: atMost(found.weight + (trouble ? 0.2 : 0)), because }];
  },
});

const WITHIN = minutes(30);
type Found = Pick<Finding, 'weight' | 'because'>;

function moved(evidence: Evidence): Found | undefined {
  const [last] = changesBefore(evidence, evidence.resource, WITHIN, ['alias-moved']).filter(
    ({ from, to }) => from !== to,
  );
  if (!last) return undefined;
  const told = `The alias moved from version ${last.from ?? 'unknown'} to ${last.to ?? 'unknown'} ${whenSpoken(last.at, evidence)}.`;
  const alias = evidence.aliases.find(({ resource }) => resource === evidence.resource);
  if (!alias || last.to === undefined || alias.version === last.to) return { weight: 0.7, because: [told] };
  return { weight: 0.3, because: [told, `It points to version ${alias.version} by now.`] };
}

/** Its log is that of all its versions, and who calls it by an older one is not met by it: it weighs less. */
function updated(evidence: Evidence): Found | undefined {
  const [last] = changesBefore(evidence, evidence.resource, WITHIN, ['code-updated']);
  return last && { weight: 0.5, because: [`Its code was updated ${whenSpoken(last.at, evidence)}.`] };
}
