import {
  CloudWatchClient,
  GetMetricDataCommand,
  PutMetricDataCommand,
  DescribeAlarmsCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  DescribeTargetHealthCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsError, type Caller, type LocalService } from '../../../sandbox/contract.ts';
import { Endpoint } from '../../../sandbox/endpoint/endpoint.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const time = new Date('2026-03-04T05:06:07.500Z');

/** What the services were called with. */
const calls: { operation: string; input: Record<string, unknown>; caller: Caller }[] = [];
const lines: string[] = [];
let endpoint: Endpoint;
let client: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
};

function service(signingName: string, answers: Record<string, (input: never) => unknown>): LocalService {
  const operations = Object.entries(answers).map(([operation, answer]) => [
    operation,
    (input: Record<string, unknown>, caller: Caller) => {
      calls.push({ operation, input, caller });
      return answer(input as never);
    },
  ]);
  return {
    signingName,
    operations: Object.fromEntries(operations) as LocalService['operations'],
    stop: () => Promise.resolve(),
  };
}

beforeAll(async () => {
  endpoint = new Endpoint({ root, accountId: '111122223333', log: (line) => lines.push(line) });
  endpoint.serve(
    service('ecs', {
      DescribeServices: () => ({
        services: [{ serviceName: 'web', createdAt: time, desiredCount: 2, taskSets: undefined }],
      }),
      UpdateService: () => {
        throw new AwsError('ServiceNotFoundException', 'Service not found.');
      },
    }),
  );
  endpoint.serve(
    service('elasticloadbalancing', {
      DescribeTargetHealth: () => ({
        TargetHealthDescriptions: [
          { Target: { Id: '10.0.0.1', Port: 80 }, TargetHealth: { State: 'unhealthy', Description: 'a <b> & "c"' } },
        ],
      }),
      DescribeTags: () => {
        throw new AwsError('TargetGroupNotFoundException', 'One or more target groups not found');
      },
    }),
  );
  endpoint.serve(
    service('monitoring', {
      PutMetricData: () => ({}),
      GetMetricData: () => ({
        MetricDataResults: [{ Id: 'a', Timestamps: [time], Values: [1.5], StatusCode: 'Complete' }],
        Messages: [],
      }),
      DescribeAlarms: () => {
        throw new AwsError('InvalidNextToken', 'the token is not one of ours');
      },
    }),
  );
  const url = await endpoint.listen(0);
  client = {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'x' },
    maxAttempts: 1,
  };
});

beforeEach(() => {
  calls.length = 0;
  lines.length = 0;
});

afterAll(() => endpoint.close());

describe('AWS JSON (ECS)', () => {
  it('passes input, caller and dates', async () => {
    const ecs = new ECSClient(client);

    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'c', services: ['web'] }));

    expect(services?.[0]).toMatchObject({ serviceName: 'web', desiredCount: 2, createdAt: time });
    expect(calls[0]).toMatchObject({
      input: { cluster: 'c', services: ['web'] },
      caller: { accountId: '111122223333', region: 'us-east-1' },
    });
  });

  it("answers an error by the name in AWS's model", async () => {
    const ecs = new ECSClient(client);

    const call = ecs.send(new UpdateServiceCommand({ service: 'gone' }));

    await expect(call).rejects.toMatchObject({ name: 'ServiceNotFoundException', message: 'Service not found.' });
  });

  it('says which operation it does not answer', async () => {
    const ecs = new ECSClient(client);
    const { ListClustersCommand } = await import('@aws-sdk/client-ecs');

    const call = ecs.send(new ListClustersCommand({}));

    await expect(call).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('ecs:ListClusters') as string,
    });
  });
});

describe('Query (Elastic Load Balancing)', () => {
  it('reads lists of structures and writes them, with special characters', async () => {
    const elb = new ElasticLoadBalancingV2Client(client);

    const Targets = [{ Id: '10.0.0.1', Port: 80 }, { Id: '10.0.0.2' }];
    const { TargetHealthDescriptions } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: 'tg', Targets }),
    );

    expect(calls[0]?.input).toEqual({ TargetGroupArn: 'tg', Targets });
    expect(TargetHealthDescriptions).toEqual([
      { Target: { Id: '10.0.0.1', Port: 80 }, TargetHealth: { State: 'unhealthy', Description: 'a <b> & "c"' } },
    ]);
  });

  it('answers an error as the SDK knows it', async () => {
    const elb = new ElasticLoadBalancingV2Client(client);

    const call = elb.send(new DescribeTagsCommand({ ResourceArns: ['tg'] }));

    await expect(call).rejects.toMatchObject({ name: 'TargetGroupNotFoundException' });
  });
});

describe('CloudWatch', () => {
  it('is answered in the protocol of the JavaScript SDK, compressed bodies included', async () => {
    const cloudwatch = new CloudWatchClient({ ...client, requestMinCompressionSizeBytes: 0 });
    const datum = { MetricName: 'm', Value: 2, Timestamp: time, Dimensions: [{ Name: 'd', Value: 'x' }] };

    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'n', MetricData: [datum] }));
    const { MetricDataResults } = await cloudwatch.send(
      new GetMetricDataCommand({ StartTime: time, EndTime: time, MetricDataQueries: [] }),
    );

    expect(calls[0]?.input).toEqual({ Namespace: 'n', MetricData: [datum] });
    expect(MetricDataResults?.[0]).toMatchObject({ Timestamps: [time], Values: [1.5] });
  });

  it('answers errors by the name that the JavaScript SDK knows', async () => {
    const cloudwatch = new CloudWatchClient(client);

    const call = cloudwatch.send(new DescribeAlarmsCommand({ NextToken: 'x' }));

    await expect(call).rejects.toMatchObject({ name: 'InvalidNextToken' });
  });

  it.each([
    ['smithy-rpc-v2-cbor', 'application/cbor'],
    ['json', 'application/x-amz-json-1.0'],
    ['query', 'application/x-www-form-urlencoded; charset=utf-8'],
  ])("answers botocore, AWS's own client, in %s", async (protocol, contentType) => {
    const seen = await botocore(protocol);

    expect(calls.map(({ operation }) => operation)).toEqual(['PutMetricData', 'GetMetricData', 'DescribeAlarms']);
    expect(calls[0]?.input).toMatchObject({
      Namespace: 'n',
      MetricData: [{ MetricName: 'm', Values: [1, 2.5], Timestamp: time }],
    });
    expect(seen).toEqual({ values: [1.5], at: time.getTime() / 1000, error: 'InvalidNextToken', sent: contentType });
  });
});

/** Calls CloudWatch as a Python program would. */
async function botocore(protocol: string): Promise<unknown> {
  const program = `
import datetime, json, botocore.session, botocore.exceptions
session = botocore.session.Session()
model = session.get_service_model('cloudwatch')
client = session.create_client('cloudwatch', region_name='us-east-1', endpoint_url='${client.endpoint}',
    aws_access_key_id='111122223333', aws_secret_access_key='x')
from botocore import serialize, parsers
if '${protocol}' != client.meta.service_model.resolved_protocol:
    client._serializer = serialize.create_serializer('${protocol}')
    client._response_parser = parsers.create_parser('${protocol}')
    client._endpoint._response_parser_factory.create_parser = lambda name: parsers.create_parser('${protocol}')
sent = []
def note(request, **rest):
    sent.append(request.headers['Content-Type'])
client.meta.events.register('before-send.*', note)
when = datetime.datetime(2026, 3, 4, 5, 6, 7, 500000, tzinfo=datetime.timezone.utc)
client.put_metric_data(Namespace='n', MetricData=[{'MetricName': 'm', 'Values': [1, 2.5], 'Timestamp': when}])
result = client.get_metric_data(StartTime=when, EndTime=when, MetricDataQueries=[])['MetricDataResults'][0]
try:
    client.describe_alarms(NextToken='x')
except botocore.exceptions.ClientError as error:
    code = error.response['Error']['Code']
print(json.dumps({'values': result['Values'], 'at': result['Timestamps'][0].timestamp(), 'error': code, 'sent': (sent[0].decode() if isinstance(sent[0], bytes) else sent[0])}))
`;
  const python = join(root, '.venv', 'bin', 'python');
  const { stdout } = await promisify(execFile)(python, ['-c', program], { env: { PATH: process.env['PATH'] } });
  return JSON.parse(stdout);
}
