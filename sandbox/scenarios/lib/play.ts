import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../progress.ts';
import type { Theatre } from './account.ts';
import { keepEvidence } from './evidence.ts';
import { runAll } from './fleet.ts';
import { prunella } from './prunella.ts';
import { Records } from './records.ts';
import type { Result } from './result.ts';
import { runScenario } from './run.ts';
import type { Scenario } from './scenario.ts';

export interface Play {
  /** In the order of the theatre's shops. */
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  /** Shops with customers at the same time. */
  readonly atOnce: number;
  /** Where to keep each incident's evidence. */
  readonly record?: string | undefined;
  readonly end: AbortSignal;
}

/** Between two beginnings, so that not everything is deployed in the same second. */
const STAGGER = 4_000;
/** Three reads an open incident: more often would keep the account busy with being watched. */
const READ_EVERY = 4_000;

/** Plays the scenarios side by side, each on its own shop; the results are in their order. */
export async function play(
  { scenarios, seed, atOnce, record, end }: Play,
  theatre: Theatre,
  progress: Progress,
): Promise<readonly Result[]> {
  const records = new Records();
  for (const shop of theatre.shops.slice(0, atOnce)) shop.open(); // so that their first usual minute is over early
  const looking = lookAgainAndAgain(records, progress, end);
  const one = async (scenario: Scenario, index: number): Promise<Result> => {
    const shop = theatre.shops[index];
    if (!shop) throw new Error(`there is no shop for ${scenario.name}`);
    const watch = {
      records: () => Promise.resolve(records.ofFleet(shop.copy.name)),
      explain: (incidentId: string) => prunella(['explain', incidentId], theatre.sandbox.env),
      say: (line: string) => progress.about(scenario.name, line),
    };
    const result = await runScenario(scenario, seed, shop, watch, end);
    shop.close();
    if (record && !end.aborted) {
      await keepEvidence(record, result, scenario.expected(shop, result.variation)).catch((error: unknown) =>
        watch.say(`its evidence could not be kept: ${String(error)}`),
      );
    }
    watch.say(result.ok ? `ended as it should: ${result.verdict}` : `NOT as it should: ${result.problems.join('; ')}`);
    return result;
  };
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: end }).catch(() => undefined);
  try {
    return await runAll(scenarios, { atOnce, stagger: STAGGER }, one, pause);
  } finally {
    looking.stop();
  }
}

/** Reads the records again and again, once for all shops. */
function lookAgainAndAgain(records: Records, progress: Progress, end: AbortSignal): { stop(): void } {
  let over = false;
  let told = '';
  const loop = async (): Promise<void> => {
    while (!over && !end.aborted) {
      const trouble = await records.refresh().then(() => '', String);
      if (trouble !== '' && trouble !== told) progress.say(`the records could not be read: ${trouble}`);
      told = trouble;
      await sleep(READ_EVERY, undefined, { ref: false });
    }
  };
  void loop();
  return { stop: () => void (over = true) };
}
