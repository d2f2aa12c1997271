import type { PublishCommand } from '@aws-sdk/client-sns';
import { beforeAll, beforeEach, afterEach, expect, test, vi } from 'vitest';
import { findBreak } from '../../../layers/core/audit.ts';
import type { Arn } from '../../../layers/core/arn.ts';
import { DEFAULT_POLICY } from '../../../layers/core/policy.ts';
import { operationOf } from '../../../layers/runtime/calls.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { withRuntime, type Call } from '../../../layers/runtime/runtime.ts';
import { randomFor } from '../../../sandbox/load/random.ts';
import { Clock } from '../../../simulator/core/clock.ts';
import { NotSimulated } from '../../../simulator/core/not-simulated.ts';
import { Functions, environmentOf, healArnOf, type Invocation } from '../../../simulator/core/invoke.ts';
import { StateMachine, healDefinition } from '../../../simulator/core/states.ts';
import { Tables } from '../../../simulator/core/tables.ts';
import { virtualRuntime } from '../../../simulator/core/virtual-runtime.ts';
import { START, aResource } from '../../runtime/samples.ts';

const DEPLOYMENT = { accountId: '111122223333', region: 'eu-west-1' };
const WEB: Arn = 'arn:aws:ecs:eu-west-1:111122223333:service/cluster/web';

/** A deployment in virtual time. Every call takes 20 ms; of the account itself nothing can be read. */
async function deployed(seed: number, override?: (call: Call, from: Invocation) => Promise<unknown> | undefined) {
  const clock = new Clock(START);
  const runtime = virtualRuntime(clock, seed);
  const tables = new Tables({ clock: () => clock.milliseconds, indexLag: 300 });
  const calls: string[] = [];
  const told: string[] = [];
  const answer = ({ service, command }: Call): unknown => {
    if (service === 'tables') return tables.answer(command);
    if (service === 'states') return machine.answer(command);
    if (service === 'topics') return told.push((command as PublishCommand).input.Message ?? '');
    throw Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' });
  };
  const functions = await Functions.load({
    clock,
    runtime,
    environment: environmentOf(DEPLOYMENT),
    call: async (call, from) => {
      calls.push(`${clock.now()} ${from.functionName} ${call.service}:${operationOf(call.command)}`);
      const other = override?.(call, from);
      if (other) return other;
      await clock.sleep(20);
      return answer(call);
    },
  });
  const machine = new StateMachine({
    clock,
    random: randomFor(seed, 'retries'),
    stateMachineArn: healArnOf(DEPLOYMENT),
    definition: healDefinition(DEFAULT_POLICY.approvalTimeout),
    invoke: (name, payload) => functions.invoke(name, payload),
  });
  const outside = <T>(work: () => Promise<T>): Promise<T> =>
    withRuntime({ ...runtime, call: async <A>(call: Call) => answer(call) as A }, work);
  await outside(async () => {
    await kb.knowledge.putResource(aResource({ arn: WEB, fleet: 'shop' }));
    await kb.control.setLever('healing', 'disengaged', 'a test', START);
  });
  return { clock, tables, functions, machine, calls, told, outside };
}

const message = (id: string) => ({
  messageId: id,
  body: JSON.stringify({
    version: '0',
    id,
    source: 'prunella',
    'detail-type': 'Prunella Signal',
    account: DEPLOYMENT.accountId,
    region: DEPLOYMENT.region,
    time: START,
    resources: [],
    detail: { kind: 'operator', resource: WEB, summary: 'it looks ill', by: 'a person' },
  }),
});

/** Nothing may be said: a simulation of thousands of incidents would say it thousands of times. */
let said: ReturnType<typeof vi.spyOn>[];
beforeEach(() => {
  said = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
});
afterEach(() => {
  for (const stream of said) expect(stream).not.toHaveBeenCalled();
});

beforeAll(() => deployed(0), 60_000); // the functions are read once

async function oneIncident(seed: number) {
  const world = await deployed(seed);
  const taken = world.functions.invoke('Intake', { Records: [message('m1')] });
  await world.clock.run();
  expect(await taken).toEqual({ batchItemFailures: [] });
  const [incidentId = ''] = world.machine.names;
  return { ...world, incidentId };
}

test('the deployed code takes an incident from its signal to its ending in virtual time', async () => {
  const { clock, machine, told, incidentId, outside } = await oneIncident(7);

  const incident = await outside(() => kb.incidents.get(incidentId));
  const trail = await outside(() => kb.audit.trail(incidentId));

  expect(machine.describe(incidentId)).toMatchObject({ status: 'SUCCEEDED' });
  expect(incident).toMatchObject({ status: 'closed', resource: WEB, ending: { kind: 'escalated' } });
  expect(told).toHaveLength(1);
  expect(findBreak(trail)).toBeUndefined();
  expect(trail.map(({ state }) => state).at(-1)).toBe('Close');
  expect(Date.parse(clock.now()) - Date.parse(START)).toBeGreaterThan(1000);
});

test('the same seed repeats it bit for bit, another one does not', async () => {
  const recorded = async (seed: number) => {
    const { calls, tables, machine, told, incidentId } = await oneIncident(seed);
    return JSON.stringify({ calls, dump: tables.dump(), history: machine.history(incidentId), told });
  };

  const [one, again, another] = [await recorded(7), await recorded(7), await recorded(8)];

  expect(again).toBe(one);
  expect(another).not.toBe(one);
});

test('a function that outlives its time is killed: it asks nothing more, and its answer is nobody’s', async () => {
  const hanging = { first: true };
  const { clock, functions, calls } = await deployed(1, ({ service }) => {
    if (service !== 'tables' || !hanging.first) return undefined;
    hanging.first = false;
    return clock.sleep(40_000).then(() => ({}));
  });

  const taken = functions.invoke('Intake', { Records: [message('m1')] }).catch((error: unknown) => error);
  await clock.run();

  expect(await taken).toMatchObject({ name: 'Sandbox.Timedout' });
  expect(String(await taken)).toContain('Task timed out after 30.00 seconds');
  const after = calls.filter((call) => call > '2026-03-01T12:00:30');
  expect(after).toEqual([]);
});

test('a function that fails tells its error by name', async () => {
  const { clock, functions } = await deployed(1);

  const failing = functions.invoke('Detect', { nonsense: true }).catch((error: unknown) => error);
  await clock.run();

  expect(await failing).toMatchObject({
    name: 'Error',
    message: expect.stringContaining('Detect cannot read its input'),
  });
});

test('what is not simulated ends the run, whatever the code does with errors', async () => {
  const { clock, functions } = await deployed(1, () => Promise.reject(new NotSimulated('no such thing')));

  void functions.invoke('Intake', { Records: [message('m1')] });

  await expect(clock.run()).rejects.toThrow('no such thing');
});
