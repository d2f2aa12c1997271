import type { Foretold } from '../../../layers/core/signal.ts';
import { sayExhaustion } from './exhaustion.ts';

/** `is 61.2 and reaches its limit of 100 in 43 min (90 %: 31-70)`, or `is 100, at its limit of 100`. */
export function sayForetold({ value, limit, inSeconds, earliest, latest, probability }: Foretold): string {
  const now = `is ${Number(value.toPrecision(3))}`;
  if (inSeconds === 0) return `${now}, at its limit of ${limit.value}`;
  const trend = { origin: 0, level: 0, slope: 0, scatter: 0, slopeError: 0, levelError: 0, points: 0 };
  const said = sayExhaustion({ kind: 'reaches', inSeconds, earliest, latest, probability, trend });
  return `${now} and ${said.replace('its limit', `its limit of ${limit.value}`)}`;
}
