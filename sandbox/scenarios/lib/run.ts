import { setTimeout as delay } from 'node:timers/promises';
import { findBreak } from '../../../layers/core/audit.ts';
import { randomFor } from '../../load/random.ts';
import { names } from '../../shop/copy.ts';
import { isOver, judge, match } from './judge.ts';
import { actedAt, actionsOf, faultOf, healedAt, type IncidentRecord, verdictOf } from './record.ts';
import type { Result } from './result.ts';
import type { Expected, Scenario, Stage } from './scenario.ts';
import type { Shop } from './shop.ts';
import type { ShopState } from './state.ts';

export interface Watch {
  /** What Prunella has written about this shop, as of now. */
  records(): Promise<readonly IncidentRecord[]>;
  /** The incident's story as an operator reads it. */
  explain(incidentId: string): Promise<string>;
  say(line: string): void;
}

/** How often the records are looked at, in milliseconds. */
const LOOK = 2_000;
/** How long the shop must have been well before anything happens to it: a baseline to compare with. */
export const BASELINE = 60;
/** A shop that is not well after so many seconds is not used. */
const UP_AT_MOST = 240;
/** How long after the end the outside check may still find something, e.g. a task that is being replaced. */
const GRACE = 60;

/** The draw of a scenario for a seed: the same every time. */
export const variationOf = (scenario: Scenario, seed: number): object => scenario.vary(randomFor(seed, scenario.name));

/** Runs one scenario on its shop from a healthy state to its end. Never rejects: what goes wrong is a problem of the result. */
export async function runScenario(
  scenario: Scenario,
  seed: number,
  shop: Shop,
  watch: Watch,
  end: AbortSignal,
): Promise<Result> {
  const variation = variationOf(scenario, seed);
  const expected = scenario.expected(shop, variation);
  let onset = Date.now();
  let before: ShopState | undefined;
  const problems: string[] = [];
  try {
    end.throwIfAborted();
    shop.open();
    await untilWell(shop, BASELINE, UP_AT_MOST, end);
    const stage = stageOf(scenario, shop, watch, end, () => onset);
    await scenario.before?.(stage, variation);
    before = await shop.state();
    onset = Date.now();
    watch.say(`trouble begins: ${describe(variation)}`);
    await scenario.faultEnters(stage, variation);
    const meanwhile = scenario.meanwhile?.(stage, variation) ?? Promise.resolve();
    await Promise.all([meanwhile, untilOver(scenario, expected, watch, end, onset)]);
  } catch (error) {
    problems.push(messageOf(error));
  }
  const over = Date.now();
  const records = await watch.records();
  problems.push(...judge(expected, records));
  if (!end.aborted) {
    if (before) problems.push(...(await fromOutside(scenario, { shop, before, variation, onset }, end)));
    problems.push(...(await explained(expected, records, watch)));
  }
  return resultOf({ scenario, seed, variation, expected, records, onset, over, shop, problems });
}

function stageOf(scenario: Scenario, shop: Shop, watch: Watch, end: AbortSignal, onset: () => number): Stage {
  return {
    shop,
    say: (line) => watch.say(line),
    sleep: (seconds) => delay(seconds * 1000, undefined, { signal: end }),
    async when(what, test) {
      while (!test(await watch.records())) {
        if (Date.now() - onset() > scenario.atMost * 1000)
          throw new Error(`${what} should have happened within ${scenario.atMost} s`);
        await delay(LOOK, undefined, { signal: end });
      }
    },
  };
}

/** Waits until nothing is amiss and customers have been served well for `baseline` seconds. @throws Error with what was amiss in the end */
export async function untilWell(shop: Shop, baseline: number, atMost: number, end: AbortSignal): Promise<void> {
  const began = Date.now();
  for (;;) {
    const now = Math.floor(Date.now() / 1000) - 1;
    const reasons = [...(await shop.unwell(5).catch((error: unknown) => [messageOf(error)]))];
    const since = shop.customers.wellSince(now - UP_AT_MOST, now);
    if (since === undefined || now - since < baseline)
      reasons.push(`customers have not been served well for ${baseline} s`);
    if (reasons.length === 0) return;
    if (Date.now() - began > atMost * 1000)
      throw new Error(`the shop was not well after ${atMost} s: ${reasons.join('; ')}`);
    await delay(LOOK, undefined, { signal: end });
  }
}

/** Waits until every incident has ended; for silence, the whole time. */
async function untilOver(
  scenario: Scenario,
  expected: Expected,
  watch: Watch,
  end: AbortSignal,
  onset: number,
): Promise<void> {
  const told = new Map<string, Told>();
  for (;;) {
    const records = await watch.records();
    for (const record of records) tell(record, told, watch);
    const elapsed = (Date.now() - onset) / 1000;
    if (expected.silence) {
      if (elapsed > scenario.usually || records.length > 0) return;
    } else if (isOver(expected, records)) return;
    if (elapsed > scenario.atMost) throw new Error(`it was not over ${scenario.atMost} s after the trouble began`);
    await delay(LOOK, undefined, { signal: end });
  }
}

/** How far an incident's story has been told. */
interface Told {
  readonly n: number;
  readonly line: string;
}

/** One line for each step an incident has taken since it was last looked at; a step that only says the same again is left out. */
function tell({ incident, audit }: IncidentRecord, told: Map<string, Told>, watch: Watch): void {
  const resource = incident.resource.split('/').at(-1) ?? incident.resource;
  let last = told.get(incident.incidentId);
  if (!last) watch.say(`incident ${incident.incidentId} opened on ${resource}`);
  for (const entry of audit.filter(({ n }) => n > (last?.n ?? -1))) {
    const line = `${resource}: ${entry.state} ${entry.verdict}${entry.why[0] ? `, ${entry.why[0]}` : ''}`;
    if (line !== last?.line) watch.say(line);
    last = { n: entry.n, line };
  }
  told.set(incident.incidentId, last ?? { n: -1, line: '' });
}

interface Outside {
  readonly shop: Shop;
  readonly before: ShopState;
  readonly variation: object;
  /** Milliseconds since the epoch. */
  readonly onset: number;
}

/** The outside check, once more and again until it is satisfied or the grace is over. */
async function fromOutside(
  scenario: Scenario,
  { shop, before, variation, onset }: Outside,
  end: AbortSignal,
): Promise<readonly string[]> {
  const until = Date.now() + GRACE * 1000;
  for (;;) {
    const found = await Promise.all([shop.state(), shop.unwell()])
      .then(([after, unwell]) => {
        const served = shop.customers.availability(Math.floor(onset / 1000), Math.floor(Date.now() / 1000) - 1);
        return scenario.outsideCheck({ copy: shop.copy.name, before, after, served, unwell }, variation);
      })
      .catch((error: unknown) => [messageOf(error)]);
    if (found.length === 0 || Date.now() > until || end.aborted) return found.map((line) => `from outside: ${line}`);
    await delay(LOOK, undefined, { signal: end }).catch(() => undefined);
  }
}

/** `explain` must name what was done, and the chain of the audit trail must be whole. */
async function explained(
  expected: Expected,
  records: readonly IncidentRecord[],
  watch: Watch,
): Promise<readonly string[]> {
  const main = match(expected, records).found.filter((record) => record !== undefined);
  const found = await Promise.all(
    main.map(async (record) => {
      const { incidentId, ending } = record.incident;
      const text = await watch.explain(incidentId).catch((error: unknown) => `could not be read: ${messageOf(error)}`);
      const missing = [...actionsOf(record), ...(ending ? [ending.why] : [])].filter((part) => !text.includes(part));
      const broken = findBreak(record.audit);
      return [
        ...missing.map((part) => `explain ${incidentId} does not say "${part}"`),
        ...(broken ? [`the audit trail of ${incidentId} is broken: ${broken}`] : []),
      ];
    }),
  );
  return found.flat();
}

interface Ended {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly variation: object;
  readonly expected: Expected;
  readonly records: readonly IncidentRecord[];
  readonly onset: number;
  readonly over: number;
  readonly shop: Shop;
  readonly problems: readonly string[];
}

function resultOf({ scenario, seed, variation, expected, records, onset, over, shop, problems }: Ended): Result {
  const wanted = expected.incidents[0];
  const record = match(expected, records).found[0] ?? records[0];
  const since = (at: string | undefined): number | null =>
    at === undefined ? null : Math.max(0, Date.parse(at) - onset);
  const fault = (record && faultOf(record)) ?? null;
  return {
    name: scenario.name,
    seed,
    ok: problems.length === 0,
    fault,
    faultRight: fault === null ? wanted?.faults === undefined : (wanted?.faults?.includes(fault) ?? true),
    action: record && actionsOf(record).length > 0 ? actionsOf(record).join(', ') : null,
    detectedMs: since(record?.incident.openedAt),
    actedMs: since(record && actedAt(record)),
    healedMs: since(record && healedAt(record)),
    attempts: record?.attempts.length ?? 0,
    verdict: record ? verdictOf(record) : 'no incident',
    availability: shop.customers.availability(Math.floor(onset / 1000), Math.floor(over / 1000)) ?? null,
    problems,
    variation,
    incidents: records.map(({ incident }) => incident.incidentId),
  };
}

const describe = (variation: object): string =>
  Object.entries(variation)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The copy's name for a scenario: neutral, so that nothing can read the fault off a name. */
export const copyName = (index: number): string => names.cluster(`shop-${String(index + 1).padStart(2, '0')}`);
