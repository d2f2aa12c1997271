import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../../cli/command.ts';
import { addSeconds, hours } from '../../../layers/core/units.ts';
import { shops, TICK } from '../spec.ts';
import { World } from '../world.ts';

/** How fast the model runs: `node simulator/world/check/speed.ts [--shops N] [--hours N]` prints services × ticks per second. */

const START = '2026-03-02T00:00:00.000Z';

function measure(count: number, time: number): { readonly wall: number; readonly cpu: number } {
  const world = new World({ ...shops(count), seed: 1, start: START });
  const [began, used] = [performance.now(), process.cpuUsage()];
  world.tick(addSeconds(START, hours(time)));
  const work = (world.fleet.services.size * hours(time)) / TICK;
  const { user, system } = process.cpuUsage(used);
  return { wall: (1000 * work) / (performance.now() - began), cpu: (1e6 * work) / (user + system) };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { shops: { type: 'string' }, hours: { type: 'string' } } });
  const { wall, cpu } = measure(wholeNumber(values, 'shops', 5), wholeNumber(values, 'hours', 6));
  process.stdout.write(`${Math.round(wall)} services × ticks a second, ${Math.round(cpu)} a second of processor\n`);
}
