/** `npm run simulate`: many faults in virtual time, judged against the truth. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { healthy, report } from './month.ts';
import { keep, problemsOf, recall } from './run/kept.ts';
import { play, playAll, type Pair } from './run/play.ts';
import { story } from './run/story.ts';
import { summaryOf, table } from './run/summary.ts';

const USAGE = `Usage: npm run simulate -- [--incidents N] [--seed S] [--json FILE]    many faults, one after the other
       npm run simulate -- --only N --seed S                         one of them again, with its audit trail
       npm run simulate -- --healthy-month [--seed S] [--json FILE]  thirty days in which nothing is wrong`;

/** Episodes of a run that are kept at most: the first ones are the smallest. */
const MOST_KEPT = 3;

const OPTIONS = {
  incidents: { type: 'string', default: '200' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string' },
  'healthy-month': { type: 'boolean', default: false },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return (console.log(USAGE), 0);
  const seed = whole('seed', values.seed);
  if (values.only !== undefined) return again(seed, whole('only', values.only));
  if (values['healthy-month']) return month(seed, values.json);
  return many(seed, whole('incidents', values.incidents), values.json);
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
  if (json) await writeFile(json, `${JSON.stringify({ seed, ...found }, undefined, 2)}\n`);
  return found.actions.length === 0 && found.violations.length === 0 ? 0 : 1;
}

async function many(seed: number, count: number, json: string | undefined): Promise<number> {
  const began = performance.now();
  const used = process.cpuUsage();
  const spent = () => Math.round((performance.now() - began) / 1000);
  const pairs: Pick<Pair, 'unhealed'>[] = [];
  const episodes = [];
  const violations = [];
  const kept: string[] = [];
  for await (const { which, healed, unhealed } of playAll(seed, count)) {
    pairs.push({ unhealed });
    episodes.push(healed.episode);
    violations.push(...healed.violations);
    const problems = problemsOf(healed);
    if (problems.length > 0 && kept.length < MOST_KEPT) kept.push(await keep(which, problems));
    if (which.n % 50 === 0) console.log(`${which.n} of ${count} faults, ${spent()} s`);
  }
  const unhealed = pairs.map((pair) => pair.unhealed);
  const summary = summaryOf(episodes, unhealed, violations);
  const { user, system } = process.cpuUsage(used);
  const rate = Math.round((60e6 * summary.incidents) / (user + system));
  console.log(`\n${table(summary)}\n`);
  console.log(`seed ${seed}, ${spent()} s; ${rate} incidents a minute of processor`);
  for (const file of kept) console.log(`kept: ${file}`);
  if (json)
    await writeFile(json, `${JSON.stringify({ seed, summary, episodes, unhealed, violations }, undefined, 2)}\n`);
  return summary.violations === 0 && summary.wrongActions === 0 ? 0 : 1;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`supply a whole number from 1 with --${name}, got ${text}`);
}

process.exitCode = await main(process.argv.slice(2));
