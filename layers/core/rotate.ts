import { minutes, type Instant } from './units.ts';

/** The golden ratio's part behind the point: steps of it spread over a circle as evenly as any (Sós 1958, three-gap theorem). */
const STEP = (Math.sqrt(5) - 1) / 2;

/**
 * The same items beginning elsewhere each minute, so that what is left out when time is short is soon the first: no item is
 * always among the last.
 */
export function rotated<T>(items: readonly T[], at: Instant): T[] {
  const turn = Math.floor(Date.parse(at) / 1000 / minutes(1));
  const first = Math.floor(((turn * STEP) % 1) * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
