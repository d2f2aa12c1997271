import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsError, type DeployedResource } from '../../../sandbox/contract.ts';
import { serviceModel } from '../../support/service-model.ts';
import {
  DNS_NAME,
  frontDoor,
  LISTENER,
  LOAD_BALANCER,
  TARGET_GROUP,
  testAccount,
  type TestAccount,
} from '../ecs/account.ts';

let account: TestAccount;
const servers: Server[] = [];

beforeEach(() => {
  account = testAccount({ speed: 60 });
});

afterEach(async () => {
  await account.stop();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A target that answers `/health` with 200, and everything else as it is told. */
async function target(id: string, answer: Answer, group = TARGET_GROUP): Promise<Server> {
  const server = createServer((request, response) =>
    request.url === '/health' ? response.end() : answer(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  account.elb.register(group, { id, host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  return server;
}

const isHealthy = (id: string): Promise<unknown> =>
  account.until(`${id} to be healthy`, () => account.elb.health(TARGET_GROUP, id) === 'healthy');

const get = (path = '/', init: RequestInit = {}): Promise<Response> =>
  fetch(`http://${account.elb.addressOf(DNS_NAME)}${path}`, init);

const text = async (path?: string, init?: RequestInit): Promise<string> => (await get(path, init)).text();

describe('a load balancer', () => {
  it('sends requests to its healthy targets in turn, with their bodies and headers', async () => {
    await account.elb.takeOver.adopt(frontDoor());
    const echo =
      (name: string): Answer =>
      (request, response) => {
        response.setHeader('x-name', name);
        response.setHeader('x-for', String(request.headers['x-forwarded-for']));
        request.pipe(response);
      };
    await target('a', echo('a'));
    await target('b', echo('b'));
    await Promise.all([isHealthy('a'), isHealthy('b')]);

    const answers = await Promise.all([1, 2, 3, 4].map((n) => get('/', { method: 'POST', body: `body ${n}` })));

    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['body 1', 'body 2', 'body 3', 'body 4']);
    expect(answers.map(({ headers }) => headers.get('x-name')).sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(answers[0]?.headers.get('x-for')).toBe('127.0.0.1');
  });

  it('answers 503 without a target, 502 when the target breaks off or is gone, 504 when it takes too long', async () => {
    const [balancer, ...others] = frontDoor({ HealthCheckIntervalSeconds: 300 });
    const attributes = { LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '10' }] };
    await account.elb.takeOver.adopt([
      { ...balancer!, properties: { ...balancer!.properties, ...attributes } },
      ...others,
    ]);
    const nobody = await get();
    const server = await target('a', ({ url }, response) => {
      if (url === '/break') response.socket?.destroy();
    });
    await isHealthy('a');

    const broken = await get('/break');
    const late = await get('/late');
    server.close();
    server.closeAllConnections();
    const gone = await get('/');

    expect([nobody, broken, late, gone].map(({ status }) => status)).toEqual([503, 502, 504, 502]);
    expect(await gone.text()).toContain('<center><h1>502 Bad Gateway</h1></center>');
  });

  it('gives requests to all targets when none is healthy', async () => {
    await account.elb.takeOver.adopt(frontDoor({ HealthCheckPath: '/fails' }));
    await target('a', ({ url }, response) => {
      response.statusCode = url === '/fails' ? 500 : 200;
      response.end('served');
    });
    await account.until('unhealthy', () => account.elb.health(TARGET_GROUP, 'a') === 'unhealthy');

    expect(await text()).toBe('served');
  });

  it('lets requests in flight end before a target is out, and sends no new ones', async () => {
    await account.elb.takeOver.adopt(frontDoor());
    const arrived = Promise.withResolvers<ServerResponse>();
    await target('a', (_, response) => arrived.resolve(response));
    await isHealthy('a');
    const slow = text();
    const response = await arrived.promise;

    let isOut = false;
    const out = account.elb.deregister(TARGET_GROUP, 'a').then(() => (isOut = true));
    const states = [account.elb.health(TARGET_GROUP, 'a'), (await get()).status, isOut];
    response.end('late');

    expect(states).toEqual(['draining', 503, false]);
    expect(await slow).toBe('late');
    await out;
    expect(account.elb.health(TARGET_GROUP, 'a')).toBe('unused');
  });

  it('waits no longer than the deregistration delay', async () => {
    const attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }];
    await account.elb.takeOver.adopt(frontDoor({ TargetGroupAttributes: attributes }));
    const arrived = Promise.withResolvers<void>();
    await target('a', () => arrived.resolve());
    await isHealthy('a');
    const hanging = get('/').then(({ status }) => status);
    await arrived.promise;

    const began = account.clock.now();
    await account.elb.deregister(TARGET_GROUP, 'a');

    expect(account.clock.now() - began).toBeGreaterThanOrEqual(29_000);
    expect(await hanging).toBe(502);
  });

  it('follows the rules of its listener, by priority', async () => {
    const other = `${TARGET_GROUP}2`;
    const [balancer, group, listener] = frontDoor() as [DeployedResource, DeployedResource, DeployedResource];
    const rule = (
      n: number,
      Priority: string,
      Values: string[],
      action: Record<string, unknown>,
    ): DeployedResource => ({
      ...listener,
      physicalId: `${LISTENER.replace(':listener/', ':listener-rule/')}/${n}`,
      type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
      properties: {
        ListenerArn: LISTENER,
        Priority,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values } }],
        Actions: [action],
      },
    });
    const fixed = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418', MessageBody: 'teapot' } };
    await account.elb.takeOver.adopt([
      balancer,
      group,
      { ...group, physicalId: other },
      listener,
      rule(1, '20', ['/api/*'], { Type: 'forward', TargetGroupArn: other }),
      rule(2, '10', ['/api/tea?'], fixed),
    ]);
    await target('a', (_, response) => response.end('default'));
    await target('b', (_, response) => response.end('api'), other);
    await isHealthy('a');
    await account.until('b', () => account.elb.health(other, 'b') === 'healthy');

    expect([await text('/x?y=/api/'), await text('/api/x'), await text('/api/teas')]).toEqual([
      'default',
      'api',
      'teapot',
    ]);
  });

  it('publishes what it counted when the minute is over', async () => {
    await account.elb.takeOver.adopt(frontDoor());
    await target('a', ({ url }, response) => {
      response.statusCode = url === '/bad' ? 500 : 200;
      response.end();
    });
    await isHealthy('a');
    await get('/');
    await get('/bad');

    const sum = (name: string): number =>
      account.metrics
        .filter(({ metricName, dimensions }) => metricName === name && 'TargetGroup' in dimensions)
        .reduce((total, { value, count = 1 }) => total + value * count, 0);
    await account.until('two requests', () => sum('RequestCount') === 2);

    expect(sum('HTTPCode_Target_5XX_Count')).toBe(1);
    expect(account.metrics.every(({ timestamp }) => (timestamp?.getTime() ?? 1) % 60_000 === 0)).toBe(true);
    await account.until('healthy hosts', () => sum('HealthyHostCount') > 0);
  });
});

describe('the answers of Elastic Load Balancing', () => {
  const model = serviceModel('elbv2');

  async function checked(operation: string, input: Record<string, unknown>): Promise<Record<string, never[]>> {
    expect(model.problemsOfInput(operation, input)).toEqual([]);
    const answer = await account.call(operation, input);
    // Times go out as ISO texts in the Query protocol; the model calls them timestamps.
    const problems = model.problemsOfOutput(operation, answer);
    expect(problems.filter((problem) => !problem.includes('CreatedTime: expected timestamp'))).toEqual([]);
    return answer;
  }

  it('fit the model', async () => {
    await account.elb.takeOver.adopt(frontDoor());
    await target('a', (_, response) => response.end());
    await isHealthy('a');

    expect(await checked('DescribeLoadBalancers', { Names: ['front'] })).toMatchObject({
      LoadBalancers: [{ LoadBalancerArn: LOAD_BALANCER, DNSName: DNS_NAME, State: { Code: 'active' } }],
    });
    expect(await checked('DescribeTargetGroups', { LoadBalancerArn: LOAD_BALANCER })).toMatchObject({
      TargetGroups: [
        { TargetGroupArn: TARGET_GROUP, LoadBalancerArns: [LOAD_BALANCER], HealthCheckIntervalSeconds: 10 },
      ],
    });
    expect(await checked('DescribeListeners', { LoadBalancerArn: LOAD_BALANCER })).toMatchObject({
      Listeners: [{ ListenerArn: LISTENER, DefaultActions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP }] }],
    });
    expect(await checked('DescribeRules', { ListenerArn: LISTENER })).toMatchObject({ Rules: [{ IsDefault: true }] });
    const attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }];
    await checked('ModifyTargetGroupAttributes', { TargetGroupArn: TARGET_GROUP, Attributes: attributes });
    expect(await checked('DescribeTargetGroupAttributes', { TargetGroupArn: TARGET_GROUP })).toMatchObject({
      Attributes: expect.arrayContaining(attributes),
    });
    await checked('AddTags', { ResourceArns: [TARGET_GROUP], Tags: [{ Key: 'mode', Value: 'heal' }] });
    expect(await checked('DescribeTags', { ResourceArns: [TARGET_GROUP] })).toEqual({
      TagDescriptions: [{ ResourceArn: TARGET_GROUP, Tags: [{ Key: 'mode', Value: 'heal' }] }],
    });
  });

  it('tell the health of targets with the reason, also of one taken out and put back', async () => {
    await account.elb.takeOver.adopt(frontDoor());
    const Targets = [{ Id: 'a' }];
    const health = async (): Promise<unknown> =>
      (await checked('DescribeTargetHealth', { TargetGroupArn: TARGET_GROUP, Targets }))['TargetHealthDescriptions'];
    expect(await health()).toMatchObject([{ TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } }]);
    await target('a', (_, response) => response.end());
    expect(await health()).toMatchObject([
      { TargetHealth: { State: 'initial', Reason: 'Elb.RegistrationInProgress' } },
    ]);
    await isHealthy('a');

    await checked('DeregisterTargets', { TargetGroupArn: TARGET_GROUP, Targets });
    await account.until('a to be out', () => account.elb.health(TARGET_GROUP, 'a') === 'unused');
    await checked('RegisterTargets', { TargetGroupArn: TARGET_GROUP, Targets });

    await isHealthy('a');
    expect(await health()).toMatchObject([{ TargetHealth: { State: 'healthy' } }]);
  });

  it.each([
    ['DescribeTargetHealth', { TargetGroupArn: 'none' }, 'TargetGroupNotFound'],
    ['DescribeLoadBalancers', { LoadBalancerArns: ['none'] }, 'LoadBalancerNotFound'],
    ['DescribeListeners', { ListenerArns: ['none'] }, 'ListenerNotFound'],
    ['DescribeRules', { RuleArns: ['none'] }, 'RuleNotFound'],
    ['RegisterTargets', { TargetGroupArn: TARGET_GROUP, Targets: [{ Id: '10.9.9.9' }] }, 'InvalidTarget'],
  ])('%s of %j is refused with %s', async (operation, input, code) => {
    await account.elb.takeOver.adopt(frontDoor());

    const refused = await account.call(operation, input).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(AwsError);
    expect(refused).toMatchObject({ code });
  });
});
