/** `npm run simulate -- --incidents 500 --seed 1 [--json FILE]`: many faults in virtual time, judged against the truth. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { randomFor } from '../sandbox/load/random.ts';
import { Account } from './run/account.ts';
import { episode, type Episode } from './run/episode.ts';
import { Invariants } from './run/invariants.ts';
import { summaryOf, table } from './run/summary.ts';
import { shops } from './world/spec.ts';

const USAGE = 'Usage: npm run simulate -- [--incidents N] [--seed N] [--json FILE]';
const START = '2026-03-02T08:00:00.000Z';

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      incidents: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return (console.log(USAGE), 0);
  const [count, seed] = [whole('incidents', values.incidents), whole('seed', values.seed)];
  const began = performance.now();
  const random = randomFor(seed, 'episodes');
  const episodes: Episode[] = [];
  const bound: { invariants?: Invariants } = {};
  const account = await Account.open({
    seed,
    start: START,
    fleet: shops(),
    async between({ answer }) {
      const answered = await answer();
      await bound.invariants?.look();
      return answered;
    },
  });
  const invariants = (bound.invariants = new Invariants(account));
  for (let n = 1; n <= count; n += 1) {
    const since = account.clock.now();
    episodes.push(await episode(account, n, seed * 1_000_003 + n, random));
    await invariants.atRest(since);
    if (n % 50 === 0) console.log(`${n} of ${count} faults, ${Math.round((performance.now() - began) / 1000)} s`);
  }
  const summary = summaryOf(episodes, invariants.violations);
  console.log(`\n${table(summary)}\n`);
  console.log(`${count} faults, seed ${seed}, ${Math.round((performance.now() - began) / 1000)} s.`);
  if (values.json)
    await writeFile(
      values.json,
      `${JSON.stringify({ seed, summary, episodes, violations: invariants.violations }, undefined, 2)}\n`,
    );
  return summary.violations === 0 && summary.wrongActions === 0 ? 0 : 1;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`supply a whole number from 1 with --${name}, got ${text}`);
}

process.exitCode = await main(process.argv.slice(2));
