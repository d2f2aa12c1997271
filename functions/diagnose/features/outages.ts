import { secondsBetween } from '../../../layers/core/units.ts';
import { issuesOf } from '../support/issues.ts';
import { defineFeature, yesNo } from './feature.ts';

/** What AWS Health says of its own services. */
export const outages = [
  defineFeature({
    name: 'aws-issue',
    unit: 'yes/no',
    summary: 'AWS Health tells of an issue of the service that the resource runs on, or of the resource.',
    of: (evidence) => yesNo(issuesOf(evidence).some(({ isOwn }) => isOwn)),
  }),
  defineFeature({
    name: 'aws-issue-of-callee',
    unit: 'yes/no',
    summary: 'AWS Health tells of an issue of something that it calls, or of the service of that.',
    of: (evidence) => yesNo(issuesOf(evidence).some(({ isOwn }) => !isOwn)),
  }),
  defineFeature({
    name: 'aws-issue-named',
    unit: 'yes/no',
    summary: 'Such an issue names the resource or what it calls.',
    of: (evidence) => yesNo(issuesOf(evidence).some(({ isNamed }) => isNamed)),
  }),
  defineFeature({
    name: 'aws-issue-age',
    unit: 's',
    summary: 'From the beginning of the newest such issue to the onset; negative where it began later.',
    of(evidence) {
      const [last] = issuesOf(evidence)
        .map(({ notice }) => notice.from)
        .sort()
        .toReversed();
      return last === undefined ? undefined : secondsBetween(last, evidence.window.onset);
    },
  }),
];
