import { describe, expect, it } from 'vitest';
import { batchesOf, isStale, tick, type PlanPorts, type WatchMessage } from '../../../functions/watch/plan.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { addSeconds } from '../../../layers/core/units.ts';
import { DEFAULT_WATCH } from '../../../layers/core/watch-policy.ts';
import type { Watch } from '../../../layers/runtime/kb/knowledge.ts';
import { aResource, serviceArn } from '../../runtime/samples.ts';

const NOW = '2026-11-15T00:00:00.000Z';

describe('a tick of the plan', () => {
  function planned(resources: readonly Resource[]) {
    let watches: Watch[] = [];
    const sent: WatchMessage[] = [];
    const ports: PlanPorts = {
      listedArns: () => Promise.resolve(resources.map(({ arn }) => arn)),
      async *allResources() {
        yield* resources;
      },
      watches: () => Promise.resolve(watches),
      putWatches: (put, gone) => {
        const names = new Set([...put.map(({ arn }) => arn), ...gone]);
        watches = [...watches.filter(({ arn }) => !names.has(arn)), ...put];
        return Promise.resolve();
      },
      send: (messages) => Promise.resolve(void sent.push(...messages)),
    };
    return { ports, sent, all: () => watches };
  }

  it('sends what is new at once, and again when its interval is over, and not before', async () => {
    const services = Array.from({ length: 120 }, () => aResource());
    const { ports, sent, all } = planned(services);

    expect(await tick(ports, DEFAULT_WATCH, NOW)).toMatchObject({
      watched: 120,
      sent: 120,
      messages: 3,
      planned: true,
    });
    expect(sent.flatMap(({ arns }) => arns).sort()).toEqual(services.map(({ arn }) => arn).sort());

    const interval = Math.max(...all().map((one) => one.interval));
    expect(await tick(ports, DEFAULT_WATCH, addSeconds(NOW, 60))).toMatchObject({ sent: 0, planned: false });
    expect(await tick(ports, DEFAULT_WATCH, addSeconds(NOW, interval + 1))).toMatchObject({ sent: 120 });
  });

  it('plans anew when a resource comes or goes, and once an hour', () => {
    const watch = (arn: string): Watch => ({ arn, interval: 60, due: NOW, plannedAt: NOW });

    expect(isStale(['a'], [watch('a')], addSeconds(NOW, 3599))).toBe(false);
    expect(isStale(['a'], [watch('a')], addSeconds(NOW, 3600))).toBe(true);
    expect(isStale(['a', 'b'], [watch('a')], NOW)).toBe(true);
    expect(isStale(['b'], [watch('a')], NOW)).toBe(true);
    expect(isStale([], [], NOW)).toBe(false);
  });

  it('leaves alone what has no metric, and takes it up when it has one', async () => {
    const group = aResource({ type: 'target-group', arn: `${serviceArn()}` });
    const { ports, sent } = planned([{ ...group, type: 'target-group' }]);

    expect(await tick(ports, DEFAULT_WATCH, NOW)).toMatchObject({ watched: 0, sent: 0, planned: true });
    expect(await tick(ports, DEFAULT_WATCH, addSeconds(NOW, 60))).toMatchObject({ planned: false });
    expect(sent).toEqual([]);
  });

  it('of ten thousand resources has messages of the same size as of ten', () => {
    const arns = Array.from({ length: 10_000 }, (_, n) => `arn${n}`);

    expect(batchesOf(arns.slice(0, 10))).toHaveLength(1);
    expect(Math.max(...batchesOf(arns).map((message) => message.arns.length))).toBe(50);
  });
});
