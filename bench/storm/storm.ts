/**
 * A storm: thousands of alarms in a minute on one fleet, taken by the real intake on the DynamoDB of the local account.
 * Times are of this machine and its emulator, where every call takes a CPU that the others wait for: AWS is quicker.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Context } from 'aws-lambda';
import { wholeNumber } from '../../cli/command.ts';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';
import { addSeconds, type Milliseconds } from '../../layers/core/units.ts';
import type * as Kb from '../../layers/runtime/kb/index.ts';
import type { Runtime } from '../../layers/runtime/runtime.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { createTables } from '../../test/support/create-tables.ts';
import { deliver, type Delivered } from './deliver.ts';
import { alarmOf, fleetOf, messageOf, stormOf, type StormEvent } from './events.ts';

const USAGE =
  'Usage: npm run bench -- storm [--events 10000] [--resources 1000] [--at-once 8] [--seed 1] [--json FILE]';
const FLEET = 'storm';

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: text,
      resources: text,
      'at-once': text,
      seed: text,
      json: text,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(USAGE);
  mustBeWritable(values);
  const [events, resources] = [wholeNumber(values, 'events', 10_000), wholeNumber(values, 'resources', 1_000)];
  const measured = await measure(events, resources, wholeNumber(values, 'at-once', 8), wholeNumber(values, 'seed', 1));
  for (const line of lines(measured)) print(line);
  writeJson(values.json, measured);
}

interface Measured {
  readonly events: number;
  readonly distinct: number;
  readonly resources: number;
  readonly incidents: number;
  readonly parked: number;
  readonly kept: number;
  /** Of the distinct events that must be kept, those that are not. */
  readonly lost: number;
  readonly again: number;
  readonly dead: number;
  readonly brake: string;
  readonly seconds: number;
  readonly batchMs: { readonly p50: Milliseconds; readonly p95: Milliseconds; readonly max: Milliseconds };
  readonly heapMB: { readonly before: number; readonly most: number };
  readonly rssMB: number;
}

async function measure(count: number, size: number, atOnce: number, seed: number): Promise<Measured> {
  const stateDir = await mkdtemp(join(tmpdir(), 'prunella-storm-'));
  const sandbox = await startSandbox({ stateDir });
  try {
    Object.assign(process.env, sandbox.env, {
      HEAL_ARN: 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
    });
    await createTables({ endpoint: sandbox.endpoint, region: sandbox.env['AWS_REGION'] ?? '' });
    return await storm(count, size, atOnce, seed);
  } finally {
    await sandbox.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

const heapMB = (): number => process.memoryUsage().heapUsed / 2 ** 20;

async function storm(count: number, size: number, atOnce: number, seed: number): Promise<Measured> {
  const [{ handler }, kb, { withRuntime }] = await Promise.all([
    import('../../functions/intake/handler.ts'),
    import('../../layers/runtime/kb/index.ts'),
    import('../../layers/runtime/runtime.ts'),
  ]);
  const at = new Date().toISOString();
  const resources = fleetOf(FLEET, size, at);
  for (const resource of resources) {
    await kb.knowledge.putResource(resource);
    await kb.knowledge.putAlarmIndex(alarmOf(resource.arn), [resource.arn]);
  }
  const events = stormOf(resources, count, at, seeded(seed));
  const context = { awsRequestId: 'r', functionName: 'intake', getRemainingTimeInMillis: () => 30_000 } as Context;
  // Step Functions is no part of what is measured.
  const call: Runtime['call'] = ({ service }, send) => (service === 'states' ? Promise.resolve({} as never) : send());
  const before = heapMB();
  let most = before;
  const intake = async (batch: unknown) => {
    const answer = await withRuntime({ call }, () => handler(batch, context));
    most = Math.max(most, heapMB());
    return answer;
  };
  const began = performance.now();
  const delivered = await deliver(events.map(messageOf), intake, atOnce);
  const seconds = (performance.now() - began) / 1000;
  const { policy } = (await import('../../layers/runtime/env.ts')).config();
  const brake = await kb.control.brake(FLEET, policy, addSeconds(at, Math.round(seconds)));
  const found = await keptOf(kb);
  return {
    ...counts(events, delivered),
    ...found.counts,
    lost: mustBeKept(events, at).filter((id) => !found.ids.has(id)).length,
    resources: size,
    brake: brake.why,
    seconds,
    heapMB: { before, most },
    rssMB: process.memoryUsage().rss / 2 ** 20,
  };
}

async function keptOf({ incidents }: typeof Kb) {
  const open = await incidents.listOpen();
  const ids = new Set<string>();
  let parked = 0;
  for (const { incidentId } of open) {
    for (const { id } of await incidents.signals(incidentId)) ids.add(id);
    for (const { resource } of await incidents.parked(incidentId)) {
      parked += 1;
      for (const { id } of await incidents.parkedSignals(incidentId, resource)) ids.add(id);
    }
  }
  return { ids, counts: { incidents: open.length, parked, kept: ids.size } };
}

/** Alarms of today: good news before there is trouble, and what is a day old, open nothing. */
const mustBeKept = (events: readonly StormEvent[], at: string): string[] => [
  ...new Set(events.filter((one) => one.state === 'ALARM' && one.at > addSeconds(at, -3600)).map(({ id }) => id)),
];

function counts(events: readonly StormEvent[], { took, again, dead }: Delivered) {
  const sorted = [...took].sort((a, b) => a - b);
  const share = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  return {
    events: events.length,
    distinct: new Set(events.map(({ id }) => id)).size,
    again,
    dead: dead.length,
    batchMs: { p50: share(0.5), p95: share(0.95), max: share(1) },
  };
}

const lines = (m: Measured): string[] => [
  `${m.events} alarm events (${m.distinct} distinct) on ${m.resources} resources of one fleet, in ${m.seconds.toFixed(0)} s`,
  `incidents opened      ${m.incidents}`,
  `resources parked      ${m.parked}`,
  `signals kept          ${m.kept}, of those that must be kept ${m.lost} are missing`,
  `delivered again       ${m.again}, dead letters ${m.dead}`,
  `brake                 ${m.brake}`,
  `a batch of 10         p50 ${m.batchMs.p50.toFixed(0)} ms, p95 ${m.batchMs.p95.toFixed(0)} ms, longest ${m.batchMs.max.toFixed(0)} ms`,
  `memory of intake      heap ${m.heapMB.before.toFixed(0)} MB before, at most ${m.heapMB.most.toFixed(0)} MB, process ${m.rssMB.toFixed(0)} MB`,
];
