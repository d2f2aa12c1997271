import { describe, expect, it } from 'vitest';
import { parseStat, treesFromPs, usageReader } from '../../../sandbox/ecs/sampler.ts';

describe('reading usage', () => {
  it('finds the fields of /proc/<pid>/stat behind a name with spaces and brackets', () => {
    const stat =
      '4242 (my (odd) name) S 1 4242 4242 0 -1 4194304 100 0 0 0 250 50 10 5 20 0 7 0 100000 734003200 11520 ' +
      '18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0';

    expect(parseStat(stat)).toEqual({ memoryBytes: 11520 * 4096, cpuSeconds: 3.15 });
  });

  it('sums the tree below a process from what ps prints', () => {
    const output =
      '    1     0   1000   0:01.00\n   10     1   2048   0:02.50\n   11    10   1024   1:00.25\n   12     1   9999   0:09.00\n';

    expect(treesFromPs(output, [10, 99])).toEqual(new Map([[10, { memoryBytes: 3072 * 1024, cpuSeconds: 62.75 }]]));
  });

  it('agrees with what this process says of itself', async () => {
    const found = (await usageReader()([process.pid, 2 ** 22 + 1])).get(process.pid);

    const { user, system } = process.cpuUsage();
    expect(found?.cpuSeconds).toBeGreaterThan((user + system) / 1e6 - 0.5);
    expect(found?.memoryBytes).toBeGreaterThan(process.memoryUsage.rss() * 0.7);
  });
});
