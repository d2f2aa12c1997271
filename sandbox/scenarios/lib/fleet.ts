import type { Result } from './result.ts';
import type { Scenario } from './scenario.ts';

/** The order scenarios begin in, and how many at once. */
export interface Fleet {
  readonly atOnce: number;
  /** Milliseconds between two beginnings, so that not all deploy in the same second. */
  readonly stagger: number;
}

/**
 * Runs scenarios side by side in the order given, at most `atOnce` at a time. The results are in that order.
 * @param sleep milliseconds
 */
export async function runAll(
  scenarios: readonly Scenario[],
  { atOnce, stagger }: Fleet,
  run: (scenario: Scenario, index: number) => Promise<Result>,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = [...scenarios.entries()];
  const lane = async (delay: number): Promise<void> => {
    await sleep(delay);
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await run(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, scenarios.length) }, (_, i) => lane(i * stagger)));
  return results;
}
