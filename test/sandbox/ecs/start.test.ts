import { createServer, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretsFrom } from '../../../sandbox/ecs/parameters.ts';
import { ACCOUNT, definition, DNS_NAME, frontDoor, REGION, testAccount, type TestAccount } from './account.ts';

/** Stands for the account's endpoint: parameters by name. */
class ParameterStore {
  readonly values = new Map<string, string>();
  readonly calls: { target: string; names: string[]; scope: string }[] = [];
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      void json(request).then((body) => {
        const { Names } = body as { Names: string[] };
        const scope = /Credential=([^,]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
        this.calls.push({ target: String(request.headers['x-amz-target']), names: Names, scope });
        const Parameters = Names.flatMap((Name) =>
          this.values.has(Name) ? { Name, Value: this.values.get(Name) } : [],
        );
        response.end(JSON.stringify({ Parameters, InvalidParameters: Names.filter((name) => !this.values.has(name)) }));
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

const store = new ParameterStore();
let account: TestAccount;

beforeEach(async () => {
  store.values.clear();
  store.calls.length = 0;
  const endpoint = await store.start();
  account = testAccount({ readSecrets: secretsFrom({ endpoint, accountId: ACCOUNT, region: REGION }) });
  await account.elb.takeOver.adopt(frontDoor());
  await account.call('CreateCluster', { clusterName: 'test' });
});

afterEach(async () => {
  await account.stop();
  store.stop();
});

/** Runs one task, without a service, and answers it when it has the status. */
async function run(
  container: Record<string, unknown>,
  status: 'RUNNING' | 'STOPPED',
  more: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const { taskDefinition } = await account.call('RegisterTaskDefinition', definition('one', container));
  const { tasks } = await account.call('RunTask', {
    cluster: 'test',
    taskDefinition: taskDefinition.taskDefinitionArn,
    ...more,
  });
  return account.until(`the task to be ${status}`, async () => {
    const { tasks: found } = await account.call('DescribeTasks', { cluster: 'test', tasks: [tasks[0].taskArn] });
    return found[0].lastStatus === status && found[0];
  });
}

/** What a task prints of its environment, from its log. */
async function printed(
  variables: readonly string[],
  container: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<unknown[]> {
  const script = `console.log(JSON.stringify([${variables.map((name) => `process.env[${JSON.stringify(name)}]`).join()}]))`;
  const dockerLabels = { 'prunella.local.command': JSON.stringify(['node', '-e', script]) };
  account.logs.length = 0;
  await run({ ...container, dockerLabels }, 'STOPPED', more);
  const line = await account.until('its line', () => account.logs[0]);
  return JSON.parse(line.text) as unknown[];
}

describe('a task that starts', () => {
  it('finds environment, credentials and Region of the account, and nothing of the sandbox', async () => {
    process.env['OF_THE_SANDBOX'] = 'secret';

    const given = ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_ENDPOINT_URL', 'AWS_XRAY_DAEMON_ADDRESS'];
    const found = await printed(['COLOUR', ...given, 'OF_THE_SANDBOX'], {
      environment: [{ name: 'COLOUR', value: 'green' }],
    });

    delete process.env['OF_THE_SANDBOX'];
    expect(found).toEqual(['green', ACCOUNT, REGION, 'http://127.0.0.1:9', '127.0.0.1:2000', null]);
  });

  it('gets a free port for each container port, the first as PORT', async () => {
    const [port, first, second] = await printed(['PORT', 'PORT_8080', 'PORT_9090'], {
      portMappings: [{ containerPort: 8080 }, { containerPort: 9090 }],
      environment: [{ name: 'PORT', value: '80' }],
    });

    expect(Number(port)).toBeGreaterThan(1023);
    expect(first).toBe(port);
    expect(Number(second)).not.toBe(Number(first));
  });

  it('finds the local address where its environment names a load balancer', async () => {
    const address = account.elb.addressOf(DNS_NAME);

    const found = await printed(['URL', 'HOST', 'FAR'], {
      environment: [
        { name: 'URL', value: `https://${DNS_NAME}:80/orders` },
        { name: 'HOST', value: DNS_NAME },
        { name: 'FAR', value: `http://other-0123.${REGION}.elb.amazonaws.com` },
      ],
    });

    expect(found).toEqual([`http://${address}/orders`, address, `http://other-0123.${REGION}.elb.amazonaws.com`]);
  });

  it('reads its secrets afresh, by name and by ARN', async () => {
    store.values.set('plain', 'one').set('/path/to/this', 'two');
    const secrets = [
      { name: 'PLAIN', valueFrom: 'plain' },
      { name: 'PATHED', valueFrom: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/path/to/this` },
    ];

    const before = await printed(['PLAIN', 'PATHED'], { secrets });
    store.values.set('plain', 'changed');
    const after = await printed(['PLAIN', 'PATHED'], { secrets });

    expect([before, after]).toEqual([
      ['one', 'two'],
      ['changed', 'two'],
    ]);
    expect(store.calls[0]).toMatchObject({ target: 'AmazonSSM.GetParameters', names: ['plain', '/path/to/this'] });
    expect(store.calls[0]?.scope).toMatch(new RegExp(`^${ACCOUNT}/\\d{8}/${REGION}/ssm/aws4_request$`));
  });

  it('does not start without a secret it needs', async () => {
    const task = await run({ secrets: [{ name: 'KEY', valueFrom: '/not/there' }] }, 'STOPPED');

    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason:
        'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ' +
        'unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /not/there',
    });
    expect(task).not.toHaveProperty('startedAt');
  });

  it.each([
    ['no command is given', {}, /^CannotStartContainerError: the local account runs no images/],
    ['its program does not exist', { 'prunella.local.command': 'no-such-program --x' }, /no-such-program --x.*ENOENT/],
    [
      'its folder does not exist',
      { 'prunella.local.command': 'node x.ts', 'prunella.local.cwd': '/no/such/folder' },
      /should run in \/no\/such\/folder, which does not exist/,
    ],
  ])('says so when %s', async (_, dockerLabels, reason) => {
    const task = await run({ dockerLabels }, 'STOPPED');

    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason: expect.stringMatching(reason) });
  });

  it('takes the overrides of RunTask', async () => {
    const found = await printed(
      ['COLOUR'],
      { environment: [{ name: 'COLOUR', value: 'green' }] },
      { overrides: { containerOverrides: [{ name: 'app', environment: [{ name: 'COLOUR', value: 'red' }] }] } },
    );

    expect(found).toEqual(['red']);
  });

  it('writes its lines to the stream named after prefix, container and task', async () => {
    const script = "process.stdout.write('half '); process.stderr.write('trouble\\n'); console.log('whole\\nlast')";
    const task = await run(
      { dockerLabels: { 'prunella.local.command': JSON.stringify(['node', '-e', script]) } },
      'STOPPED',
    );

    await account.until('three lines', () => account.logs.length === 3);
    const id = String(task['taskArn']).split('/').at(-1);
    expect(account.logs.map(({ text }) => text).sort()).toEqual(['half whole', 'last', 'trouble']);
    expect(account.logs[0]).toMatchObject({ group: '/test/app', stream: `app/app/${id}` });
  });
});
