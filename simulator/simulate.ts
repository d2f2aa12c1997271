/** `npm run simulate`: many faults in virtual time, judged against the truth. */
import { UsageError } from '../cli/command.ts';
import { mustBeWritable, writeJson } from '../cli/output-files.ts';
import { healthy, report } from './month.ts';
import { parseOptions, USAGE, type Options } from './options.ts';
import type { Episode } from './run/episode.ts';
import type { Violation } from './run/invariants.ts';
import { keep, problemsOf, recall } from './run/kept.ts';
import { play, playAll } from './run/play.ts';
import { keepTruth } from './run/recorded.ts';
import { story } from './run/story.ts';
import { summaryOf, table } from './run/summary.ts';

/** Episodes of a run that are kept at most: the first ones are the smallest. */
const MOST_KEPT = 3;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (!options) return (console.log(USAGE), 0);
  mustBeWritable(options);
  switch (options.run) {
    case 'again':
      return again(options.seed, options.only);
    case 'month':
      return month(options.seed, options.json);
    case 'many':
      return many(options);
  }
}

/** Ctrl-C ends a run after the fault in hand, and what there is by then is summed up; a second one ends it at once. */
function stopAsked(): { readonly stop: boolean } {
  const asked = { stop: false };
  process.once('SIGINT', () => (asked.stop = true));
  return asked;
}

async function again(seed: number, n: number): Promise<number> {
  const which = await recall(seed, n);
  const played = await play(which);
  console.log(await story(seed, played));
  if (!which.isKept) console.log('It was not kept: it began with nothing learned, which may not be as in its run.');
  return problemsOf(played).length === 0 ? 0 : 1;
}

async function month(seed: number, json: string | undefined): Promise<number> {
  const began = performance.now();
  const spent = () => Math.round((performance.now() - began) / 1000);
  const found = await healthy(seed, 30, (day) => {
    if (day % 5 === 0) console.log(`${day} of 30 days, ${spent()} s`);
  });
  console.log(`\n${report(found)}\n\nseed ${seed}, ${spent()} s`);
  writeJson(json, { seed, ...found });
  return found.actions.length === 0 && found.violations.length === 0 ? 0 : 1;
}

async function many({ seed, incidents: count, json, record }: Extract<Options, { run: 'many' }>): Promise<number> {
  const began = performance.now();
  const used = process.cpuUsage();
  const spent = () => Math.round((performance.now() - began) / 1000);
  const episodes: Episode[] = [];
  const unhealed: Episode[] = [];
  const violations: Violation[] = [];
  const kept: string[] = [];
  const asked = stopAsked();
  let opened = 0;
  for await (const { which, healed, unhealed: without } of playAll(seed)) {
    episodes.push(healed.episode);
    unhealed.push(without);
    violations.push(...healed.violations);
    if (record !== undefined) await keepTruth(record, which, healed);
    const problems = problemsOf(healed);
    if (problems.length > 0 && kept.length < MOST_KEPT) kept.push(await keep(which, problems));
    opened += healed.episode.incidents;
    if (opened >= count) break;
    if (asked.stop) {
      console.log(`stopped after ${opened} of ${count} incidents`);
      break;
    }
    if (which.n % 50 === 0) console.log(`${opened} of ${count} incidents, ${spent()} s`);
  }
  const summary = summaryOf(episodes, unhealed, violations);
  const { user, system } = process.cpuUsage(used);
  const rate = Math.round((60e6 * summary.incidents) / (user + system));
  console.log(`\n${table(summary)}\n`);
  console.log(`seed ${seed}, ${spent()} s; ${rate} incidents a minute of processor`);
  for (const file of kept) console.log(`kept: ${file}`);
  writeJson(json, { seed, summary, episodes, unhealed, violations });
  return summary.violations === 0 && summary.wrongActions === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
