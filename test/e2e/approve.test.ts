import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { beforeAll, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../layers/core/policy.ts';
import { StepInput } from '../../layers/core/step.ts';
import { startExecution } from '../../layers/runtime/executions.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { prunella } from '../cli/commandline.ts';
import { aResource, aSignal, START } from '../runtime/samples.ts';
import { sharedAccount, type SharedAccount } from '../support/sandbox.ts';

let account: SharedAccount;
let service: string;
let failingMachine: string;

beforeAll(async () => {
  account = await sharedAccount();
  Object.assign(process.env, account.env);
  const { Approve = {} } = await account.deploy({ app: 'node test/e2e/approve-app.ts' });
  for (const name of ['Incidents', 'Audit', 'Knowledge', 'Control'])
    process.env[`${name.toUpperCase()}_TABLE`] = Approve[`${name}Table`];
  process.env['HEAL_ARN'] = Approve['HealMachineArn'];
  failingMachine = Approve['FailingMachineArn'] ?? '';
  service = await aService();
});

/** A service that runs nothing: it is only asked about. */
async function aService(): Promise<string> {
  const ecs = new ECSClient(account.client);
  await ecs.send(new CreateClusterCommand({ clusterName: 'approve' }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({ family: 'approve', containerDefinitions: [{ name: 'app', image: 'app:1' }] }),
  );
  const created = await ecs.send(
    new CreateServiceCommand({ cluster: 'approve', serviceName: 'api', taskDefinition: 'approve', desiredCount: 0 }),
  );
  ecs.destroy();
  return created.service?.serviceArn ?? '';
}

/** An incident that waits for a person, and its execution. */
async function asked(): Promise<string> {
  const resource = aResource({ arn: service, mode: 'approve' });
  const { incidentId } = await kb.incidents.openOrJoin(aSignal(service), resource, ulid, START);
  const candidate = {
    action: 'restart-service',
    params: { service },
    resource: service,
    fault: 'deadlock' as const,
    risk: 'R2' as const,
    success: 0.5,
    expectedSeconds: 120,
    because: ['a test'],
  };
  await kb.incidents.savePlan(incidentId, {
    attempt: 0,
    inputs: {
      evidenceTakenAt: START,
      posteriors: {},
      own: {},
      tried: [],
      resting: {},
      policy: DEFAULT_POLICY,
      resource,
    },
    plan: { candidates: [candidate], rejected: [] },
  });
  await startExecution(incidentId);
  await until(async () => (await kb.audit.trail(incidentId)).some(({ verdict }) => verdict === 'asked'));
  return incidentId;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 300; look += 1) {
    if (await holds()) return;
    await sleep(200);
  }
  throw new Error('it did not come to hold within a minute');
}

/** What the execution handed to the state after the answer. */
async function outcome(incidentId: string, machine = process.env['HEAL_ARN'] ?? ''): Promise<StepInput> {
  const client = new SFNClient(account.client);
  const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${incidentId}`;
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
  await until(async () => (await describe()).status !== 'RUNNING');
  const { status, output = '' } = await describe();
  client.destroy();
  expect(status).toBe('SUCCEEDED');
  return StepInput.parse(JSON.parse(output));
}

const closed = (incidentId: string) =>
  kb.incidents.close(incidentId, { kind: 'noise', why: 'the test is over' }, 1, START);

test('a yes on the command line lets the execution go on, once, and is written down with who gave it', async () => {
  const incidentId = await asked();

  const yes = await prunella('approve', incidentId, '--stack', 'Approve');
  const no = await prunella('deny', incidentId, '--stack', 'Approve');

  expect(yes).toMatchObject({ code: 0, printed: expect.stringContaining('Approved.') });
  expect(no).toMatchObject({ code: 1, complained: expect.stringContaining('that answer stands') });
  const next = await outcome(incidentId);
  expect(next).toMatchObject({ incidentId, step: 1, verdict: 'approved', because: '' });
  const trail = await kb.audit.trail(incidentId);
  expect(trail.map(({ verdict }) => verdict)).toEqual(['asked', 'approved']);
  expect(next.auditHead).toBe(trail.at(-1)?.hash);
  expect(await kb.control.approval(incidentId, 0)).toMatchObject({
    approved: true,
    approver: expect.stringMatching(/^arn:/),
  });
  await closed(incidentId);
});

test('a no leads to a person, with its reason', async () => {
  const incidentId = await asked();

  expect(await prunella('deny', incidentId, '--stack', 'Approve')).toMatchObject({ code: 0 });

  expect(await outcome(incidentId)).toMatchObject({ verdict: 'refused', because: 'approval-refused' });
  await closed(incidentId);
});

test('a step that fails for good ends as our fault, and the error is handed on', async () => {
  const incidentId = ulid();
  process.env['HEAL_ARN'] = failingMachine;
  await startExecution(incidentId);

  const told = await outcome(incidentId, failingMachine);

  expect(told).toMatchObject({ incidentId, verdict: 'failed', because: 'our-fault' });
  expect(told.failure).toContain('approval cannot read its input');
});
