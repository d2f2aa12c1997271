/**
 * How quickly Prunella acts: from intake receiving the message to the first call that changes something, with its
 * functions warm and with every function cold. Real services on the local account that crash in a new revision, one
 * after the other, each healed by a rollback.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../cli/command.ts';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';
import {
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { connect } from '../../cli/account.ts';
import { COMMAND_LABEL } from '../../sandbox/ecs/environment.ts';
import { progressTo, type Progress } from '../../sandbox/progress.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { prunella } from '../../sandbox/scenarios/lib/prunella.ts';
import { endWorkers } from './cold.ts';
import { billOfCall, costTable, priceOf, share, type Bill } from './cost.ts';
import { allEnded, billsOf, measure, type Measured } from './measure.ts';
import { CLUSTER, serviceName } from './names.ts';
import { table } from './table.ts';

const USAGE = 'Usage: npm run bench -- loop [--incidents N] [--json FILE]';
/** Healed first and not counted: they find nothing warm. */
const WARM_UP = 3;
/** Between two breaks, so that one incident's functions do not wait for another's. */
const EVERY_MS = 3_000;
/** What DescribeServices takes at most. */
const SERVICES_A_CALL = 10;
/** From an event to its record, through a queue. */
const RECORDED_MS = 10_000;
/** Nothing here is a storm: each service is a fleet of its own, and many are healed at once. */
const POLICY = JSON.stringify({ maxConcurrent: 200 });

/** @param args what follows `loop` on the command line */
export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      incidents: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(USAGE);
  mustBeWritable(values);
  const each = wholeNumber(values, 'incidents', 50);
  const progress = progressTo(print);
  progress.say('starting an AWS account on this machine');
  const sandbox = await startSandbox();
  const interrupted = (): void => void sandbox.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  try {
    const services = await deploy(sandbox, 2 * each + WARM_UP, progress);
    await breakOneByOne(sandbox, services.slice(0, WARM_UP), false, progress);
    await allEnded();
    const counted = services.slice(WARM_UP, WARM_UP + each);
    const calls = countCalls(sandbox);
    const warm = await breakOneByOne(sandbox, counted, false, progress);
    progress.say('waiting for the last to be verified');
    await allEnded();
    const bill = share([...(await billsOf(sandbox, counted)), ...calls.end()], each);
    const cold = await breakOneByOne(sandbox, services.slice(WARM_UP + each), true, progress);
    print(`\n${table({ warm, cold })}\n`);
    print(`\nWhat a heal costs, by what was used, from its first event to its ending:\n${costTable(bill)}`);
    print(
      `calls to the healed service's control plane: ${(calls.workload / each).toFixed(1)} a heal; requests to the service: none`,
    );
    writeJson(values.json, { warm, cold, bill, dollars: priceOf(bill) });
  } finally {
    process.off('SIGINT', interrupted);
    await sandbox.stop();
  }
}

/** Prunella, and services that run nothing much. @returns their names */
async function deploy(sandbox: Sandbox, count: number, progress: Progress): Promise<readonly string[]> {
  progress.say('cdk deploy: Prunella');
  await sandbox.deploy({ app: 'node infra/launch.mjs', context: { 'prunella:policy': POLICY } });
  progress.say(`cdk deploy: ${count} services`);
  await sandbox.deploy({ app: 'node bench/loop/app.ts', context: { services: String(count) } });
  progress.say((await prunella(['go'], sandbox.env)).trim());
  Object.assign(process.env, sandbox.env);
  await connect({ stack: 'Prunella', aws: false });
  const services = Array.from({ length: count }, (_, n) => serviceName(n));
  await steady(sandbox, services, progress);
  return services;
}

/** Waits until every service has come to rest, and its event has been recorded: only such a revision is gone back to. */
async function steady(sandbox: Sandbox, services: readonly string[], progress: Progress): Promise<void> {
  progress.say('waiting until all services are steady');
  const ecs = new ECSClient({ endpoint: sandbox.endpoint });
  try {
    for (let from = 0; from < services.length; from += SERVICES_A_CALL)
      while (!(await allCompleted(ecs, services.slice(from, from + SERVICES_A_CALL)))) await delay(1_000);
    await delay(RECORDED_MS);
  } finally {
    ecs.destroy();
  }
}

async function allCompleted(ecs: ECSClient, some: readonly string[]): Promise<boolean> {
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [...some] }));
  return services.every(({ deployments }) => deployments?.[0]?.rolloutState === 'COMPLETED');
}

/** Runs by schedule or for every change in the account, whether something is healed or not. */
const NOT_OF_A_HEAL = /Discover|Changes|Reconcile/;
/** Answers for the workload: its rate limits are shared with whoever deploys. */
const WORKLOAD: readonly string[] = ['ecs', 'application-autoscaling', 'elasticloadbalancing'];

/** Counts the calls of Prunella's functions that serve incidents, until ended. */
function countCalls(sandbox: Sandbox): { end(): readonly Bill[]; readonly workload: number } {
  const bills: Bill[] = [];
  let workload = 0;
  let ended = false;
  sandbox.onJudgedCall((call) => {
    if (ended || NOT_OF_A_HEAL.test(call.caller.session?.sessionName ?? '')) return;
    bills.push(billOfCall(call));
    if (WORKLOAD.includes(call.service)) workload += 1;
  });
  return {
    end: () => ((ended = true), bills),
    get workload() {
      return workload;
    },
  };
}

/** Deploys what does not start to each service in turn, and measures how each was healed. */
async function breakOneByOne(
  sandbox: Sandbox,
  services: readonly string[],
  cold: boolean,
  progress: Progress,
): Promise<readonly Measured[]> {
  const ecs = new ECSClient({ endpoint: sandbox.endpoint });
  const begun: string[] = [];
  try {
    for (const service of services) {
      if (cold) await endWorkers(sandbox);
      await deployBroken(ecs, service);
      begun.push(service);
      if (cold) await measure(sandbox, [service]);
      else await delay(EVERY_MS);
      if (begun.length % 10 === 0) progress.say(`${begun.length} of ${services.length} ${cold ? 'cold' : 'warm'}`);
    }
    return await measure(sandbox, begun);
  } finally {
    ecs.destroy();
  }
}

async function deployBroken(ecs: ECSClient, service: string): Promise<void> {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: service,
      cpu: '256',
      memory: '512',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [
        { name: 'app', image: 'bench/app:2', dockerLabels: { [COMMAND_LABEL]: 'sh -c "exit 1"' } },
      ],
    }),
  );
  await ecs.send(
    new UpdateServiceCommand({ cluster: CLUSTER, service, taskDefinition: taskDefinition?.taskDefinitionArn }),
  );
}
