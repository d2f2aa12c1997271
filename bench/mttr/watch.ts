import { setTimeout as delay } from 'node:timers/promises';
import type { Milliseconds, Ratio, Seconds } from '../../layers/core/units.ts';
import { BASELINE, untilWell, variationOf } from '../../sandbox/scenarios/lib/run.ts';
import type { Scenario, Stage } from '../../sandbox/scenarios/lib/scenario.ts';
import type { Shop } from '../../sandbox/scenarios/lib/shop.ts';

/** The same for every way of healing, whether it recovers or not. */
export const WINDOW: Seconds = 300;

/** What customers saw of one fault over the window. */
export interface Watched {
  readonly scenario: string;
  /** Share of requests that succeeded from the fault's entry to the end of the window. */
  readonly availability: Ratio;
  /** From the fault's entry to the first second from which on all was well until the window's end; null when it was not. */
  readonly recoveredMs: Milliseconds | null;
  /** False when customers never noticed. */
  readonly noticed: boolean;
}

/** Lets a fault in and watches its customers for the whole window. @throws Error when the shop does not get well before */
export async function watchFault(
  scenario: Scenario,
  seed: number,
  shop: Shop,
  say: (line: string) => void,
): Promise<Watched> {
  const variation = variationOf(scenario, seed);
  const over = new AbortController();
  shop.open();
  await untilWell(shop, BASELINE, 240, over.signal);
  const stage = stageOf(shop, over.signal, say);
  await scenario.before?.(stage, variation);
  const onset = Date.now();
  say('trouble begins');
  await scenario.faultEnters(stage, variation);
  const meanwhile = scenario.meanwhile?.(stage, variation).catch(() => undefined);
  await delay(onset + WINDOW * 1000 - Date.now());
  over.abort();
  await meanwhile;
  await delay(4_000); // the last requests of the window may wait for their answers
  shop.close();
  const watched = judge(scenario, shop, Math.floor(onset / 1000));
  say(
    `${(watched.availability * 100).toFixed(1)} % of requests succeeded, ${watched.recoveredMs === null ? `not well after ${WINDOW} s` : `well after ${Math.round(watched.recoveredMs / 1000)} s`}`,
  );
  return watched;
}

/** Nobody heals here, or nobody is asked: what waits for an incident waits until the window is over. */
function stageOf(shop: Shop, signal: AbortSignal, say: (line: string) => void): Stage {
  return {
    shop,
    say,
    sleep: (seconds) => delay(seconds * 1000, undefined, { signal }),
    when: () => delay(2 ** 31 - 1, undefined, { signal }),
  };
}

function judge({ name }: Scenario, shop: Shop, onset: Seconds): Watched {
  const { customers } = shop;
  const availability = customers.availability(onset, onset + WINDOW);
  if (availability === undefined) throw new Error(`no customer came to ${shop.copy.name} while ${name} was watched`);
  const since = customers.wellSince(onset, onset + WINDOW);
  return {
    scenario: name,
    availability,
    recoveredMs: since === undefined ? null : (since - onset) * 1000,
    noticed: since !== onset,
  };
}
