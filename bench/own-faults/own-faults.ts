/**
 * `npm run bench -- own-faults [--share N/M]`: every fault at every AWS call that the clean incidents make, each in a run
 * of its own in virtual time. The suite runs a fixed part of it; this is the whole. Exit 1 on a broken invariant.
 */
import { parseArgs } from 'node:util';
import { UsageError } from '../../cli/command.ts';
import { CLEAN, UNHELPED } from '../../simulator/run/own/incidents.ts';
import {
  describeInjection,
  inject,
  pointsOf,
  product,
  summaryOf,
  type Injected,
} from '../../simulator/run/own/product.ts';
import { trial } from '../../simulator/run/own/trial.ts';

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { share: { type: 'string', default: '1/1' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log('Usage: npm run bench -- own-faults [--share N/M]: the Nth of M parts');
  const [n, of] = shareOf(values.share);
  const began = performance.now();
  const clean = [];
  for (const incident of [...CLEAN, ...UNHELPED]) clean.push({ incident, trial: await trial(incident) });
  const injections = product(pointsOf(clean)).filter((_, index) => index % of === n - 1);
  const injected: Injected[] = [];
  for (const injection of injections) {
    const one = await inject(injection);
    injected.push(one);
    if (!one.done) console.log(`${describeInjection(one)}: the run did not come to it`);
    for (const broken of one.broken) console.log(`${describeInjection(one)} (${one.ending}): ${broken}`);
  }
  console.log(`\n${summaryOf(injected)}\n${Math.round((performance.now() - began) / 1000)} s.`);
  if (injected.some(({ done, broken }) => !done || broken.length > 0)) process.exitCode = 1;
}

/** `2/3`: the second third. */
function shareOf(text: string): readonly [number, number] {
  const [n = NaN, of = NaN] = text.split('/').map(Number);
  if (Number.isInteger(n) && Number.isInteger(of) && n >= 1 && n <= of) return [n, of];
  throw new UsageError(`supply --share as N/M with N from 1 to M, got ${text}`);
}
