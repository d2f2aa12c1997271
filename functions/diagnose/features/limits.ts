import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import { limitedOpen } from '../support/opened.ts';
import { refusedCalls } from '../support/refused.ts';
import { steepestRise } from '../support/trend.ts';
import { defineFeature } from './feature.ts';

/** How near it is to limits other than memory: its owner's, of what a process opens, and AWS's, of calls. */
export const limits = [
  defineFeature({
    name: 'open-highest',
    unit: 'share',
    summary:
      'The most of the limit that its owner gave for connections or other things a process opens, in the window.',
    of(evidence) {
      const shares = limitedOpen(evidence).map(({ values, limit }) => Math.max(...values) / limit);
      return shares.length === 0 ? undefined : Math.max(...shares);
    },
  }),
  defineFeature({
    name: 'open-rise',
    unit: 'share',
    summary: 'How far these rose in their steepest stretch without a drop, as a share of the limit.',
    of(evidence) {
      const rises = limitedOpen(evidence).map(({ values, limit }) => {
        const rise = steepestRise(values);
        return rise ? (rise.to - rise.from) / limit : 0;
      });
      return rises.length === 0 ? undefined : Math.max(...rises);
    },
  }),
  defineFeature({
    name: 'refused-calls',
    unit: 'ratio',
    summary: 'Calls a minute that AWS counts as refused since the onset, as log10 of one more.',
    of(evidence) {
      const counts = refusedCalls(evidence);
      if (counts.length === 0) return undefined;
      const since = Math.max(10, secondsBetween(evidence.window.onset, evidence.window.to));
      return Math.log10(1 + (Math.max(...counts.map(({ after }) => after)) * minutes(1)) / since);
    },
  }),
];
