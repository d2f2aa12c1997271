import { round, spoken } from '../support/facts.ts';
import type { Feature } from './feature.ts';
import { FEATURES } from './features.ts';
import { percent } from '../../../layers/core/units.ts';

/** A feature's value as a sentence: `Failed tasks that ran out of memory: 100 %.` */
export function spokenFeature(name: string, value: number): string {
  const feature = FEATURES.find((one) => one.name === name);
  if (!feature) return `${name}: ${round(value)}.`;
  const what = feature.summary.replace(/\.$/, '').replace(/; .*$/, '');
  return `${what}: ${SAID[feature.unit](value)}.`;
}

const SAID: Readonly<Record<Feature['unit'], (value: number) => string>> = {
  s: (value) => (Math.abs(value) < 10 ? `${Math.round(value * 1000) / 1000} s` : spoken(value)),
  ratio: (value) => `${Math.round(value * 100) / 100}`,
  share: percent,
  percent: (value) => `${round(value)} %`,
  count: (value) => String(Math.round(value)),
  'yes/no': (value) => (value > 0 ? 'yes' : 'no'),
  correlation: (value) => `${Math.round(value * 100) / 100}`,
};
