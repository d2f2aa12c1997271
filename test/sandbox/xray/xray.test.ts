import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetServiceGraphCommand, PutTraceSegmentsCommand, XRayClient, type Service } from '@aws-sdk/client-xray';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { discoverAll } from '../../../functions/discover/discover.ts';
import type { AwsClient } from '../../../layers/core/aws.ts';
import { Endpoint } from '../../../sandbox/endpoint/endpoint.ts';
import { freePort } from '../../../sandbox/ecs/environment.ts';
import { startXRay, type XRay } from '../../../sandbox/xray/index.ts';
import { ACCOUNT, accountOf, arn, functionArn, serviceArn } from '../../functions/discover/account.ts';
import { memory } from '../../functions/discover/memory.ts';
import { sharedAccount } from '../../support/sandbox.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const HEAL = { 'prunella:mode': 'heal' };
const HOUR = 3_600_000;

let endpoint: Endpoint;
let xray: XRay;
let client: XRayClient;
const lines: string[] = [];

beforeEach(async () => {
  endpoint = new Endpoint({ root, accountId: ACCOUNT, log: (line) => lines.push(line) });
  xray = await startXRay({ accountId: ACCOUNT, log: (line) => lines.push(line) });
  endpoint.serve(xray.service);
  client = new XRayClient({
    endpoint: await endpoint.listen(0),
    region: 'eu-west-1',
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await endpoint.close();
  await xray.service.stop();
  lines.length = 0;
});

const segment = (n: number, name: string): string =>
  JSON.stringify({
    id: n.toString(16).padStart(16, '0'),
    trace_id: `1-00000000-${'0'.repeat(24)}`,
    name,
    start_time: Date.now() / 1000 - 60,
    end_time: Date.now() / 1000 - 59,
  });
const frame = (hours: number) => ({ StartTime: new Date(Date.now() - hours * HOUR), EndTime: new Date() });
const put = (...TraceSegmentDocuments: string[]) => client.send(new PutTraceSegmentsCommand({ TraceSegmentDocuments }));

test('the graph comes in pages', async () => {
  await put(...Array.from({ length: 20 }, (_, n) => segment(n, `service-${n}`)));

  const first = await client.send(new GetServiceGraphCommand(frame(1)));
  const second = await client.send(new GetServiceGraphCommand({ ...frame(1), NextToken: first.NextToken! }));

  expect(first.Services).toHaveLength(25);
  expect(second.Services).toHaveLength(15); // each program has clients of its own
  expect(second.NextToken).toBeUndefined();
  const names = [...first.Services!, ...second.Services!].map(({ Name }) => Name);
  expect(new Set(names).size).toBe(20);
  expect(first.EndTime).toBeInstanceOf(Date);
});

test('a time frame over six hours, or of nothing, is refused as X-Ray does', async () => {
  const asking = (hours: number) => client.send(new GetServiceGraphCommand(frame(hours)));

  await expect(asking(6.1)).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message: 'Time range cannot be longer than 6 hours',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(asking(-1)).rejects.toMatchObject({ name: 'InvalidRequestException' });
  await expect(asking(6)).resolves.toMatchObject({ Services: [] });
});

test('a segment that cannot be read is given back, and the others are kept', async () => {
  const { UnprocessedTraceSegments } = await put('{"name":', segment(1, 'web'));

  expect(UnprocessedTraceSegments).toMatchObject([{ ErrorCode: 'ParseError' }]);
  const { Services } = await client.send(new GetServiceGraphCommand(frame(1)));
  expect(Services?.map(({ Name }) => Name)).toContain('web');
});

test('the whole account answers X-Ray, too', async () => {
  const ofAccount = new XRayClient((await sharedAccount()).client);

  await expect(ofAccount.send(new GetServiceGraphCommand(frame(1)))).resolves.toMatchObject({
    ContainsOldGroupVersions: false,
  });
  ofAccount.destroy();
});

/** The payment provider, and the services of AWS that orders calls. */
function outside(): Server {
  return createServer((request, response) => {
    void text(request).then((body) => {
      const { MessageBody = '' } = JSON.parse(body || '{}') as { MessageBody?: string };
      const sent = { MessageId: '1', MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
      response.end(JSON.stringify(request.url?.endsWith('/invocations') ? { price: 9 } : sent));
    });
  }).listen(0, '127.0.0.1');
}

describe('the tasks of the shop', () => {
  const tasks: ChildProcess[] = [];
  let others: Server;

  /** A task as the account runs it, where it answers. */
  async function run(service: string, environment: Readonly<Record<string, string>>): Promise<string> {
    const port = await freePort();
    const task = spawn(process.execPath, [join(root, 'sandbox/shop/code', service, '1.0.0.ts')], {
      env: {
        SERVICE: `shop-${service}`,
        PORT: String(port),
        AWS_XRAY_DAEMON_ADDRESS: xray.daemonAddress,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: ACCOUNT,
        AWS_SECRET_ACCESS_KEY: 'local',
        ...environment,
      },
      stdio: 'ignore',
    });
    tasks.push(task);
    const url = `http://127.0.0.1:${port}`;
    const isUp = () =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isUp, { timeout: 15_000 }).toBe(true);
    return url;
  }

  beforeEach(async () => {
    others = outside();
    await once(others, 'listening');
  });
  afterEach(async () => {
    for (const task of tasks.splice(0)) task.kill('SIGKILL');
    others.closeAllConnections();
    others.close();
  });

  test('tell X-Ray whom they call, and discovery knows it from there', async () => {
    const elsewhere = `http://127.0.0.1:${(others.address() as AddressInfo).port}`;
    const QUOTE = `${functionArn('shop-quote')}:live`;
    const inventory = await run('inventory', { WAREHOUSES: 'north' });
    const orders = await run('orders', {
      INVENTORY_URL: inventory,
      INVENTORY_TIMEOUT_MS: '2000',
      TAX_RATE: '0.19',
      PAYMENTS_URL: elsewhere,
      QUOTE_FUNCTION: QUOTE,
      QUEUE_URL: `${elsewhere}/${ACCOUNT}/shop-orders`,
      AWS_ENDPOINT_URL: elsewhere,
    });
    const web = await run('web', { BACKEND_TIMEOUT_MS: '2500', ORDERS_URL: orders, INVENTORY_URL: inventory });
    const { aws } = accountOf({
      services: ['web', 'orders', 'inventory'].map((name) => ({ cluster: 'shop', name: `shop-${name}`, tags: HEAL })),
      functions: [{ name: 'shop-quote', tags: HEAL, aliases: { live: '1' } }],
      tagged: { [arn('sqs', 'shop-orders')]: HEAL },
    });
    const kb = memory();
    const graph = async (): Promise<readonly Service[]> =>
      (await client.send(new GetServiceGraphCommand(frame(1)))).Services ?? [];

    const { status } = await fetch(`${web}/checkout?items=2&customer=1`);
    await expect
      .poll(async () => (await graph()).some(({ Name }) => Name === 'shop-web'), { timeout: 5_000 })
      .toBe(true);
    const found = await discoverAll(
      { ...aws, xray: client as unknown as AwsClient },
      kb.ports,
      new Date().toISOString(),
    );

    expect(status).toBe(200);
    expect(found.gaps).toEqual([]);
    const dependsBy = (name: string) => kb.resources.get(serviceArn('shop', name))?.dependsBy;
    expect(dependsBy('shop-web')).toEqual({ [serviceArn('shop', 'shop-orders')]: ['x-ray-seldom'] });
    expect(dependsBy('shop-orders')).toEqual({
      [serviceArn('shop', 'shop-inventory')]: ['x-ray-seldom'],
      [QUOTE]: ['x-ray-seldom'],
      [arn('sqs', 'shop-orders')]: ['x-ray-seldom'],
    });
    expect(dependsBy('shop-inventory')).toEqual({});
    expect(lines).toEqual([]);
  }, 60_000);
});
