import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { handler as approval } from '../../functions/approval/handler.ts';
import { handler as changes } from '../../functions/changes/handler.ts';
import { handler as decide } from '../../functions/decide/handler.ts';
import { handler as diagnose } from '../../functions/diagnose/handler.ts';
import { handler as escalate } from '../../functions/escalate/handler.ts';
import { handler as intake } from '../../functions/intake/handler.ts';
import { GENESIS } from '../../layers/core/audit.ts';
import type { StepInput } from '../../layers/core/step.ts';
import { operationOf } from '../../layers/runtime/calls.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import type { Handler } from '../../layers/runtime/invocation.ts';
import { withRuntime, type Call } from '../../layers/runtime/runtime.ts';
import { freshTables } from '../runtime/tables.ts';
import { event, taskEvent } from './intake/events.ts';
import { alarm, criterion, resourceOf } from './evidence.ts';

/** Made up, in the shapes that real ones have. None may be found in anything that Prunella keeps, says or logs. */
const PLANTED = {
  parameter: 'parameter-value-7c1e9b',
  oldParameter: 'parameter-value-of-before-22d1',
  environment: 'environment-value-55af10',
  accessKey: 'AKIAQ7PLANTEDKEY0001',
  secretKey: 'wJalrPlantedFEMI/K7MDENG/bPxRfiCYPLANTED1',
  bearer: 'planted.bearer-0f9c.value',
  urlPassword: 'pl4nted-url-passw0rd',
  emptyUserPassword: 'pl4nted-redis-passw0rd',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlcGxhbnRlZA',
  privateKey: 'MIIEpQIBAAKCAQEAplantedplantedplanted',
  connection: 'Pl4nted-Conn-Str',
  accountKey: 'cGxhbnRlZGFjY291bnRrZXk=',
  nested: 'planted-nested-secret',
  option: 'planted-option-secret',
} as const;

const ARN = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/checkout';
const PARAMETER = 'arn:aws:ssm:eu-west-1:111122223333:parameter/checkout/limit';
const REVISION = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:7';
const NOW = '2026-11-22T12:00:00.000Z';
const AT = Date.parse('2026-11-22T11:59:40Z');

/** Lines of an application that fails, and says too much as it does. */
const LINES = [
  `ERROR cannot connect to postgres://shop:${PLANTED.urlPassword}@db.internal:5432/orders`,
  `ERROR redis://:${PLANTED.emptyUserPassword}@cache:6379 refused the connection`,
  `Error: AccessDenied for ${PLANTED.accessKey}, aws_secret_access_key=${PLANTED.secretKey}`,
  `FATAL request failed: authorization: Bearer ${PLANTED.bearer}`,
  JSON.stringify({ level: 'error', message: 'login failed', error: { name: 'E', message: `token ${PLANTED.jwt}` } }),
  JSON.stringify({ level: 'error', message: JSON.stringify({ clientSecret: PLANTED.nested }) }),
  JSON.stringify({
    level: 'error',
    message: `-----BEGIN PRIVATE KEY-----\n${PLANTED.privateKey}\n-----END PRIVATE KEY-----`,
  }),
  `Error: Server=tcp:db;User ID=app;Pwd=${PLANTED.connection};Encrypt=True failed`,
  `Error: DefaultEndpointsProtocol=https;AccountKey=${PLANTED.accountKey};EndpointSuffix=x`,
  `fatal: cannot exec worker --api-token ${PLANTED.option} --verbose`,
];

/** The workloads' account: what it answers holds a secret wherever one can stand. */
const ANSWERS: Readonly<Record<string, (input: never) => unknown>> = {
  DescribeServices: () => ({
    services: [
      {
        serviceArn: ARN,
        serviceName: 'checkout',
        status: 'ACTIVE',
        desiredCount: 2,
        runningCount: 0,
        pendingCount: 1,
        taskDefinition: REVISION,
        deployments: [
          {
            id: 'ecs-svc/1',
            status: 'PRIMARY',
            rolloutState: 'IN_PROGRESS',
            taskDefinition: REVISION,
            createdAt: new Date(AT - 60_000),
          },
        ],
        events: [{ message: `(service checkout) failed: password=${PLANTED.connection}`, createdAt: new Date(AT) }],
      },
    ],
  }),
  DescribeTaskDefinition: () => ({
    taskDefinition: {
      taskDefinitionArn: REVISION,
      family: 'checkout',
      memory: '512',
      cpu: '256',
      containerDefinitions: [
        {
          name: 'app',
          environment: [
            { name: 'GREETING', value: PLANTED.environment },
            { name: 'DATABASE_URL', value: `postgres://a:${PLANTED.urlPassword}@db/x` },
          ],
          command: ['run', '--api-token', PLANTED.option],
        },
      ],
    },
  }),
  ListTasks: () => ({ taskArns: ['arn:aws:ecs:eu-west-1:111122223333:task/prod/9'] }),
  DescribeTasks: () => ({
    tasks: [
      {
        taskArn: 'arn:aws:ecs:eu-west-1:111122223333:task/prod/9',
        taskDefinitionArn: REVISION,
        group: 'service:checkout',
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        stopCode: 'EssentialContainerExited',
        stoppedAt: new Date(AT),
        stoppedReason: `Essential container exited: postgres://a:${PLANTED.urlPassword}@db`,
        containers: [{ name: 'app', exitCode: 1, reason: `secret: ${PLANTED.nested}` }],
        overrides: { containerOverrides: [{ environment: [{ name: 'X', value: PLANTED.environment }] }] },
      },
    ],
  }),
  ListServiceDeployments: () => ({ serviceDeployments: [] }),
  DescribeTargetHealth: () => ({ TargetHealthDescriptions: [] }),
  GetMetricData: () => {
    throw new Error(`metrics are throttled for token=${PLANTED.bearer}`);
  },
  FilterLogEvents: ({ startTime, endTime }: { startTime: number; endTime: number }) => ({
    events: LINES.map((message, n) => ({ timestamp: AT + n, message })).filter(
      ({ timestamp }) => timestamp >= startTime && timestamp <= endTime,
    ),
  }),
  DescribeParameters: () => ({
    Parameters: [{ Name: '/checkout/limit', Version: 4, Type: 'String', LastModifiedDate: new Date(AT - 10_000) }],
  }),
  GetParameterHistory: () => ({
    Parameters: [
      { Name: '/checkout/limit', Version: 3, Value: PLANTED.oldParameter, Type: 'String' },
      { Name: '/checkout/limit', Version: 4, Value: PLANTED.parameter, Type: 'String' },
    ],
  }),
  DescribeScalableTargets: () => ({ ScalableTargets: [] }),
  StartExecution: () => ({ executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:heal:x' }),
};

const asked = new Set<string>();
const published: unknown[] = [];
/** All but our own tables is answered here. */
const call = async <T>({ service, command }: Call, send: () => Promise<T>): Promise<T> => {
  if (service === 'tables') return send();
  const operation = operationOf(command);
  asked.add(operation);
  if (service === 'topics') {
    published.push(command.input);
    return {} as T;
  }
  const answer = ANSWERS[operation];
  if (!answer) throw new Error(`no answer is planted for ${service} ${operation}`);
  return answer(command.input as never) as T;
};

const context = { awsRequestId: 'r', functionName: 'fn', getRemainingTimeInMillis: () => 60_000 } as Context;
const run = <T>(handler: Handler<T>, input: unknown): Promise<T> =>
  withRuntime({ now: () => NOW, call }, () => handler(input, context));
const batch = (...events: object[]) => ({
  Records: events.map((one, n) => ({ messageId: String(n), body: JSON.stringify(one) })),
});

let logged: string;
beforeAll(async () => {
  await freshTables();
  process.env['ACCOUNT_ID'] = '111122223333';
  process.env['HEAL_ARN'] = 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal';
  process.env['TOPIC_ARN'] = 'arn:aws:sns:eu-west-1:111122223333:operators';
});
beforeEach(() => {
  logged = '';
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'fn');
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      logged += String(chunk);
      return true;
    });
});
afterEach(() => vi.unstubAllEnvs());

/** Everything in the four tables, as text. */
async function stored(): Promise<Record<string, string>> {
  const client = new DynamoDBClient({
    endpoint: process.env['AWS_ENDPOINT_URL']!,
    region: process.env['AWS_DEFAULT_REGION']!,
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'local' },
  });
  const names = ['INCIDENTS', 'AUDIT', 'KNOWLEDGE', 'CONTROL'];
  const found = await Promise.all(
    names.map(async (name) => {
      const { Items } = await client.send(new ScanCommand({ TableName: process.env[`${name}_TABLE`]! }));
      return [name, JSON.stringify(Items)] as const;
    }),
  );
  client.destroy();
  return Object.fromEntries(found);
}

const input = (incidentId: string, step: number, over: object = {}): StepInput => ({
  schema: 1,
  incidentId,
  step,
  attempt: 0,
  looks: 0,
  verdict: '',
  because: '',
  waitSeconds: 0,
  failure: '',
  auditHead: GENESIS,
  ...over,
});

test('no planted secret reaches evidence, plan, audit trail, messages or logs, from the first signal to the escalation', async () => {
  const resource = resourceOf({
    arn: ARN,
    mode: 'approve',
    alarms: [alarm('checkout-5xx', [criterion({ resource: ARN })])],
    parameters: [{ arn: PARAMETER, readAt: 'start' }],
    logGroups: ['/ecs/checkout'],
  });
  await kb.knowledge.putResource(resource);
  await kb.control.setLever('healing', 'disengaged', 'a test', NOW);

  await run(changes, batch(PARAMETER_WRITTEN, DEFINITION_REGISTERED, { 'detail-type': PLANTED.connection }));
  await run(
    intake,
    batch(
      taskEvent({
        stopCode: 'TaskFailedToStart',
        stoppedReason: `CannotStartContainerError: token=${PLANTED.bearer} is not valid`,
        containers: [{ name: 'app', exitCode: 1, reason: `DB_PASS=${PLANTED.connection}` }],
      }),
    ),
  );
  const [incident] = await kb.incidents.listRecent(5);
  const incidentId = incident!.incidentId;
  const step = (n: number, over: object = {}) => input(incidentId, n, over);
  await run(diagnose, step(1));
  const decided = await run(decide, step(2));
  await run(approval, { ...step(3, { attempt: decided.attempt }), taskToken: 'task-token' });
  const failure = {
    Error: 'Error',
    Cause: JSON.stringify({ errorMessage: `refused: password=${PLANTED.connection}` }),
  };
  await run(escalate, step(4, { because: 'our-fault', failure }));

  const all: Record<string, string> = { ...(await stored()), published: JSON.stringify(published), logged };
  const found = Object.entries(all).flatMap(([where, text]) =>
    Object.entries(PLANTED).flatMap(([what, secret]) => (text.includes(secret) ? [`${what} in ${where}`] : [])),
  );
  expect(found).toEqual([]);
  // It looked where the secrets lie, and kept what surrounds them.
  expect([...asked]).toEqual(
    expect.arrayContaining(['FilterLogEvents', 'DescribeTaskDefinition', 'DescribeTasks', 'GetParameterHistory']),
  );
  const evidence = await kb.incidents.evidence(incidentId);
  expect(evidence?.logs).toHaveLength(LINES.length);
  expect(JSON.stringify(evidence)).toContain('[redacted]');
  expect(all['published']).toContain('checkout');
  expect(published).toHaveLength(2); // the question, and the escalation
  expect((await kb.incidents.plan(incidentId))?.candidates[0]).toMatchObject({ action: 'restore-parameter' });
});

test('an error that holds a secret is logged, and thrown on to whoever called, without it', async () => {
  const thrown = run(diagnose, { incidentId: `token=${PLANTED.bearer}`, password: PLANTED.connection });
  await expect(thrown).rejects.toThrow();
  const failing = withRuntime(
    {
      now: () => NOW,
      call: async () => {
        throw new Error(`cannot reach https://u:${PLANTED.urlPassword}@host`, { cause: new Error(PLANTED.jwt) });
      },
    },
    () => diagnose(input('01JD3Q8Z3M7N5V6XK2B4C9D8EF', 1), context),
  );
  const error = await failing.catch((caught: unknown) => caught as Error);

  expect(error).toBeInstanceOf(Error);
  expect(`${(error as Error).message} ${(error as Error).stack}`).toContain('https://u:[redacted]@host');
  for (const secret of Object.values(PLANTED)) {
    expect(logged).not.toContain(secret);
    expect(`${(error as Error).message} ${(error as Error).stack} ${String((error as Error).cause)}`).not.toContain(
      secret,
    );
  }
});

/** Someone writes the parameter: CloudTrail hides its value, other fields may hold one. */
const PARAMETER_WRITTEN = event({
  id: 'p-1',
  source: 'aws.ssm',
  type: 'Parameter Store Change',
  resources: [PARAMETER],
  detail: { operation: 'Update', name: '/checkout/limit', type: 'String', description: `was ${PLANTED.oldParameter}` },
});
const DEFINITION_REGISTERED = event({
  id: 'c-1',
  source: 'aws.ecs',
  type: 'AWS API Call via CloudTrail',
  detail: {
    eventID: 'c-1',
    eventSource: 'ecs.amazonaws.com',
    eventName: 'UpdateService',
    userIdentity: { arn: 'arn:aws:iam::111122223333:user/ada' },
    requestParameters: {
      service: 'checkout',
      cluster: 'prod',
      platformVersion: `token=${PLANTED.bearer}`,
      environment: [{ name: 'X', value: PLANTED.environment }],
    },
  },
});
