import { expect, test } from 'vitest';
import { discoverAll } from '../../../functions/discover/discover.ts';
import { accountOf, arn, dnsOf, metricAlarm, type AccountSpec } from './account.ts';
import { memory } from './memory.ts';

const HEAL = { 'prunella:mode': 'heal' };
const range = (n: number) => Array.from({ length: n }, (_, index) => index);
const cluster = (n: number) => `cluster-${n % 7}`;

/** 300 services in 7 clusters, each calling the one before it; 400 functions, every fourth with an alias; 2,000 alarms. */
const large: AccountSpec = {
  services: range(300).map((n) => ({
    cluster: cluster(n),
    name: `service-${n}`,
    tags: HEAL,
    behind: [`service-${n}`],
    environment: {
      PORT: '8080',
      LOG: 'info',
      NEXT_URL: `http://${dnsOf(`service-${Math.max(0, n - 1)}`)}`,
      TABLE: `table-${n}`,
    },
    scalable: { min: 1, max: 9 },
  })),
  functions: range(400).map((n) => ({
    name: `function-${n}`,
    tags: HEAL,
    aliases: n % 4 === 0 ? { live: '1' } : {},
    environment: { QUEUE: `queue-${n}` },
  })),
  targetGroups: Object.fromEntries(range(300).map((n) => [`service-${n}`, [`service-${n}`]])),
  tagged: Object.fromEntries(
    range(200).map((n) => [arn('cloudwatch', `alarm:own-${n}`), { 'prunella:resource': `${cluster(n)}/service-${n}` }]),
  ),
  alarms: [
    ...range(300).map((n) =>
      metricAlarm(`cpu-${n}`, 'AWS/ECS', 'CPUUtilization', { ClusterName: cluster(n), ServiceName: `service-${n}` }),
    ),
    ...range(300).map((n) =>
      metricAlarm(`5xx-${n}`, 'AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', {
        TargetGroup: `targetgroup/service-${n}/0123456789abcdef`,
      }),
    ),
    ...range(400).map((n) => metricAlarm(`errors-${n}`, 'AWS/Lambda', 'Errors', { FunctionName: `function-${n}` })),
    ...range(200).map((n) => metricAlarm(`own-${n}`, 'Own', 'Failures', { Name: `${n}` })),
    ...range(800).map((n) => metricAlarm(`host-${n}`, 'AWS/EC2', 'CPUUtilization', { InstanceId: `i-${n}` })),
  ],
};

test('300 services, 400 functions and 2,000 alarms are discovered in under 800 calls', async () => {
  const { aws, calls } = accountOf(large);
  const kb = memory();
  const began = performance.now();

  const found = await discoverAll(aws, kb.ports, '2026-11-22T12:00:00.000Z');

  const seconds = (performance.now() - began) / 1000;
  const total = [...calls.values()].reduce((sum, n) => sum + n, 0);
  expect(found).toEqual({ watched: 800, removed: 0, alarms: 1200, unresolved: 800, gaps: [] });
  expect(Object.fromEntries(calls)).toEqual({
    GetResources: 7 + 2, // 700 resources and 200 alarms, 100 a call
    DescribeServices: 35, // 10 a call within each of 7 clusters
    DescribeTaskDefinition: 300, // AWS has no call for several
    DescribeScalableTargets: 6,
    ListFunctions: 8,
    ListAliases: 400, // AWS has no call for several
    DescribeTargetGroups: 1,
    DescribeLoadBalancers: 1,
    DescribeAlarms: 20,
    ListEventSourceMappings: 1,
    ListMetrics: 1, // none where Application Signals is off
    GetServiceGraph: 1, // none where nothing sends traces to X-Ray
  });
  expect(total).toBeLessThan(800);
  expect(seconds).toBeLessThan(10);
  process.stdout.write(
    `discovery of 300 services, 400 functions, 2,000 alarms: ${total} calls, ${seconds.toFixed(2)} s without the network\n`,
  );
});

test('looking again costs the same calls, and writes no alarm', async () => {
  const { aws, calls } = accountOf(large);
  const kb = memory();
  await discoverAll(aws, kb.ports, '2026-11-22T12:00:00.000Z');
  const [once, written] = [new Map(calls), kb.writes.alarms + kb.writes.unresolved];

  await discoverAll(aws, kb.ports, '2026-11-22T12:15:00.000Z');

  expect([...calls].map(([name, n]) => [name, n / 2])).toEqual([...once]);
  expect(kb.writes.alarms + kb.writes.unresolved).toBe(written);
});
