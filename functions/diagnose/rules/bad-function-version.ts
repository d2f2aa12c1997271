import { defineRule } from '../../../layers/core/rule.ts';
import { minutes } from '../../../layers/core/units.ts';
import { atMost, changesBefore, newTrouble, target, whenSpoken } from '../support/facts.ts';
import { logged } from '../support/said.ts';

export const rule = defineRule({
  name: 'bad-function-version',
  fault: 'bad-function-version',
  summary: 'A function fails since its alias points to another version.',
  find(evidence) {
    if (target(evidence).type !== 'lambda-alias') return [];
    const moved = changesBefore(evidence, evidence.resource, minutes(30), ['alias-moved']).find(
      ({ from, to }) => from !== to,
    );
    if (!moved) return [];
    const because = [
      `The alias moved from version ${moved.from ?? 'unknown'} to ${moved.to ?? 'unknown'} ${whenSpoken(moved.at, evidence)}.`,
    ];
    const alias = evidence.aliases.find(({ resource }) => resource === evidence.resource);
    let weight = 0.7;
    if (alias && moved.to !== undefined && alias.version !== moved.to) {
      weight -= 0.4;
      because.push(`It points to version ${alias.version} by now.`);
    }
    const trouble = newTrouble(evidence)[0];
    if (trouble) {
      weight += 0.2;
      because.push(`${logged(trouble)}.`);
    }
    return [{ resource: evidence.resource, weight: atMost(weight), because }];
  },
});
