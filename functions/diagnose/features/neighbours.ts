import { below } from '../support/below.ts';
import { callees } from '../support/callees.ts';
import { defineFeature, shareOf, yesNo } from './feature.ts';

/** How what it calls is, and where the ranking places the root. Undefined for what calls nothing known. */
export const neighbours = [
  defineFeature({
    name: 'root-own',
    unit: 'share',
    summary: 'What speaks for the resource itself as the root, of all that speaks for any.',
    of(evidence, roots) {
      return roots.length === 0
        ? undefined
        : (roots.find(({ resource }) => resource === evidence.resource)?.share ?? 0);
    },
  }),
  defineFeature({
    name: 'root-below',
    unit: 'share',
    summary: 'What speaks for something it calls, directly or not.',
    of(evidence, roots) {
      const called = below(evidence);
      if (called.size === 0 || roots.length === 0) return undefined;
      return roots.filter(({ resource }) => called.has(resource)).reduce((sum, { share }) => sum + share, 0);
    },
  }),
  defineFeature({
    name: 'callee-incident',
    unit: 'yes/no',
    summary: 'Something it calls has an open incident.',
    of(evidence) {
      const all = callees(evidence);
      return all.length === 0 ? undefined : yesNo(all.some(({ incident }) => incident !== undefined));
    },
  }),
  defineFeature({
    name: 'callee-bad-periods',
    unit: 'count',
    summary: 'Periods since the onset in which a resource it calls was bad by its own alarms, the most of any.',
    of(evidence) {
      const all = callees(evidence);
      return all.length === 0 ? undefined : Math.max(...all.map(({ badPeriods }) => badPeriods));
    },
  }),
  defineFeature({
    name: 'callees-well',
    unit: 'share',
    summary: 'Resources it calls that are proven well since the onset.',
    of(evidence) {
      const all = callees(evidence);
      return shareOf(all.filter(({ isWell }) => isWell).length, all.length);
    },
  }),
];
