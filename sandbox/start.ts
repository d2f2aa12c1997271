/** `npm start`: an account, Prunella, shops; breaks them side by side, and shows how they are healed. */
import { once } from 'node:events';
import { UsageError } from '../cli/command.ts';
import { mustBeWritable, writeJson } from '../cli/output-files.ts';
import { announceAccount, forgetAccount, runningAccount } from './account-file.ts';
import { progressTo } from './progress.ts';
import { openTheatre, type Theatre } from './scenarios/lib/account.ts';
import { scenarios } from './scenarios/lib/catalogue.ts';
import { choose, HELP, type Options, parseOptions } from './scenarios/lib/options.ts';
import { play } from './scenarios/lib/play.ts';
import type { Report } from './scenarios/lib/result.ts';
import type { Scenario } from './scenarios/lib/scenario.ts';
import { table } from './scenarios/lib/table.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const progress = progressTo(print);

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) return (print(HELP), 0);
  const all = await scenarios();
  if (options.list) return (print(listOf(all)), 0);
  const chosen = choose(all, options.scenarios, options.all);
  mustBeWritable(options);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
  const began = Date.now();
  const log = options.verbose ? (line: string) => progress.about('account', line) : () => undefined;
  let died = false;
  const onDeath = (reason: string): void => {
    died = true;
    progress.say(`the account ended by itself: ${reason}`);
    interrupted.abort(new Error('the account ended by itself'));
  };
  const theatre = await openTheatre({ scenarios: chosen, seed: options.seed, onDeath }, progress, log);
  try {
    const report = await perform(chosen, options, theatre, interrupted.signal, began);
    if (options.keep && !interrupted.signal.aborted) await keepUp(theatre, interrupted.signal);
    return !died && report.scenarios.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    progress.say('taking the account down');
    await theatre.stop();
  }
}

async function perform(
  chosen: readonly Scenario[],
  options: Options,
  theatre: Theatre,
  end: AbortSignal,
  began: number,
): Promise<Report> {
  const { seed, atOnce, record } = options;
  const results = await play({ scenarios: chosen, seed, atOnce, record, end }, theatre, progress);
  const report: Report = { scenarios: results, wallMs: Date.now() - began };
  print(`\n${table(results)}\n`);
  const right = results.filter(({ ok }) => ok).length;
  print(`${right} of ${results.length} ended as they should, seed ${seed}, ${Math.round(report.wallMs / 1000)} s.`);
  writeJson(options.json, report);
  return report;
}

async function keepUp({ sandbox: { endpoint, env, stateDir } }: Theatre, end: AbortSignal): Promise<void> {
  print(`\nThe account stays up at ${endpoint}. Ctrl-C here stops it.`);
  const other = runningAccount();
  if (other === undefined) {
    announceAccount({ endpoint, pid: process.pid, env, stateDir });
    print('In another terminal: npx prunella status, npx prunella incidents, npx prunella explain <id>;');
    print('npm run sandbox -- status, break, deploy examples/own-app, down.');
  } else {
    print(`The other commands talk to the account at ${other.endpoint}, which was up before.`);
  }
  if (!end.aborted) await once(end, 'abort');
  forgetAccount();
}

function listOf(all: readonly Scenario[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  return [...all]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(
      ({ name, summary, further, alone }) =>
        `${name.padEnd(width)}  ${summary}${alone ? ' (only when named)' : further ? ' (only when named, or with --all)' : ''}`,
    )
    .join('\n');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  print(
    error instanceof UsageError
      ? `npm start: ${error.message}`
      : `npm start failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
