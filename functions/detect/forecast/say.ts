import type { Foretold } from '../../../layers/core/signal.ts';
import { sayExhaustion } from './exhaustion.ts';

/** `is 61.2 and reaches its limit of 100 in 43 min (90 %: 31-70)`. */
export function sayForetold({ value, limit, inSeconds, earliest, latest, probability }: Foretold): string {
  const trend = { origin: 0, level: 0, slope: 0, scatter: 0, slopeError: 0, levelError: 0, points: 0 };
  const said = sayExhaustion({ kind: 'reaches', inSeconds, earliest, latest, probability, trend });
  return `is ${Number(value.toPrecision(3))} and ${said.replace('its limit', `its limit of ${limit.value}`)}`;
}
