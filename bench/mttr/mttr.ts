/**
 * Mean time to recovery: the same faults without healing, with ECS's own deployment circuit breaker only, and with
 * Prunella; each watched from outside for the same 300 seconds.
 */
import { parseArgs } from 'node:util';
import { UsageError, wholeNumber } from '../../cli/command.ts';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';
import { type Progress, progressTo } from '../../sandbox/progress.ts';
import { openTheatre } from '../../sandbox/scenarios/lib/account.ts';
import { scenarios } from '../../sandbox/scenarios/lib/catalogue.ts';
import { choose } from '../../sandbox/scenarios/lib/options.ts';
import type { Scenario } from '../../sandbox/scenarios/lib/scenario.ts';
import { table, TITLES, type Way, WAYS } from './table.ts';
import { watchFault, type Watched } from './watch.ts';

/** The scenarios in which a fitting action heals one fault. */
const FAULTS = [
  'crash-loop',
  'bad-deployment',
  'memory-leak',
  'overload',
  'poisoned-configuration',
  'bad-function-version',
  'shared-cause',
];

const USAGE = `Usage: npm run bench -- mttr [--way ${WAYS.join('|')}] [--scenario NAME] [--seed N] [--json FILE]`;

/** @param args what follows `mttr` on the command line */
export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      way: { type: 'string', multiple: true },
      scenario: { type: 'string', multiple: true },
      seed: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(USAGE);
  mustBeWritable(values);
  const wrong = values.way?.find((way) => !WAYS.some((one) => one === way));
  if (wrong !== undefined) throw new UsageError(`there is no way ${wrong}: one of ${WAYS.join(', ')} would be right`);
  const ways = WAYS.filter((way) => !values.way || values.way.includes(way));
  const seed = wholeNumber({ seed: values.seed }, 'seed', 1);
  const chosen = choose(await scenarios(), values.scenario ?? FAULTS);
  const progress = progressTo(print);
  const results: Partial<Record<Way, readonly Watched[]>> = {};
  for (const way of ways) results[way] = await runWay(way, chosen, seed, progress);
  print(`\n${table(results)}\n`);
  writeJson(values.json, results);
}

async function runWay(
  way: Way,
  chosen: readonly Scenario[],
  seed: number,
  progress: Progress,
): Promise<readonly Watched[]> {
  progress.say(`── ${TITLES[way]} ──`);
  const cast = { scenarios: chosen, seed, healing: way === 'prunella', owner: { circuitBreaker: way === 'ecs' } };
  const theatre = await openTheatre(cast, progress, () => undefined);
  const interrupted = (): void => void theatre.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    const watched = chosen.map(async (scenario, i) => {
      const shop = theatre.shops[i];
      if (!shop) throw new Error(`there is no shop for ${scenario.name}`);
      return watchFault(scenario, seed, shop, (line) => progress.about(scenario.name, line));
    });
    return await Promise.all(watched);
  } finally {
    process.off('SIGINT', interrupted);
    await theatre.stop();
  }
}
