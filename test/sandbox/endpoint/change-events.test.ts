import { describe, expect, it } from 'vitest';
import type { BusEvent } from '../../../sandbox/contract.ts';
import { changeEvents } from '../../../sandbox/endpoint/change-events.ts';
import type { ObservedCall } from '../../../sandbox/endpoint/observer.ts';

const now = new Date('2026-03-04T05:06:07.000Z');
const caller = { accountId: '111122223333', region: 'us-east-1', accessKeyId: 'ASIAX' };
const call = (over: Partial<ObservedCall>): ObservedCall => ({
  service: 'ssm',
  operation: 'PutParameter',
  input: {},
  output: {},
  caller,
  userAgent: 'test',
  ...over,
});

async function eventsOf(observed: ObservedCall): Promise<BusEvent[]> {
  const events: BusEvent[] = [];
  const listener = changeEvents({
    publish: (event) => events.push(event),
    now: () => now,
    parameterType: () => Promise.resolve('SecureString'),
    log: () => undefined,
  });
  listener(observed);
  await new Promise(setImmediate);
  return events;
}

describe('changeEvents', () => {
  it('tells of a parameter write without its value, twice, as AWS does', async () => {
    const observed = call({ input: { Name: '/a/b', Value: 'secret', Overwrite: true }, output: { Version: 2 } });

    const [trail, change] = await eventsOf(observed);

    expect(trail?.detail).toMatchObject({
      eventSource: 'ssm.amazonaws.com',
      eventName: 'PutParameter',
      eventTime: '2026-03-04T05:06:07Z',
      readOnly: false,
      requestParameters: { name: '/a/b', value: 'HIDDEN_DUE_TO_SECURITY_REASONS', overwrite: true },
    });
    expect(change).toMatchObject({
      source: 'aws.ssm',
      detailType: 'Parameter Store Change',
      resources: ['arn:aws:ssm:us-east-1:111122223333:parameter/a/b'],
      detail: { operation: 'Update', name: '/a/b', type: 'SecureString' },
    });
    expect(JSON.stringify([trail, change])).not.toContain('"secret"');
  });

  it("names the session's role and name", async () => {
    const session = {
      accountId: '111122223333',
      roleArn: 'arn:aws:iam::111122223333:role/x/Act',
      sessionName: 'incident-1',
      arn: 'arn:aws:sts::111122223333:assumed-role/Act/incident-1',
    };
    const observed = call({
      service: 'ecs',
      operation: 'UpdateService',
      input: { service: 'web' },
      caller: { ...caller, session },
    });

    const [trail] = await eventsOf(observed);

    expect(trail).toMatchObject({ source: 'aws.ecs', detailType: 'AWS API Call via CloudTrail' });
    expect(trail?.detail['userIdentity']).toMatchObject({
      type: 'AssumedRole',
      arn: session.arn,
      sessionContext: { sessionIssuer: { arn: session.roleArn, userName: 'Act' } },
    });
  });

  it('tells of a refused write with its error, and of no change', async () => {
    const observed = call({ error: { code: 'ParameterAlreadyExists', message: 'exists' } });

    const events = await eventsOf(observed);

    expect(events).toHaveLength(1);
    expect(events[0]?.detail).toMatchObject({ errorCode: 'ParameterAlreadyExists', errorMessage: 'exists' });
  });

  it('gives Lambda operations the names that CloudTrail gives them', async () => {
    const observed = call({
      service: 'lambda',
      operation: 'UpdateFunctionCode',
      input: { FunctionName: 'f', ZipFile: 'UEsDB' },
    });

    const [trail] = await eventsOf(observed);

    expect(trail?.detail).toMatchObject({
      eventName: 'UpdateFunctionCode20150331v2',
      requestParameters: { functionName: 'f', zipFile: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    });
  });

  it('tells of tags that change', async () => {
    const arn = 'arn:aws:ecs:us-east-1:111122223333:service/c/web';
    const observed = call({
      service: 'ecs',
      operation: 'TagResource',
      input: { resourceArn: arn, tags: [{ key: 'prunella:mode', value: 'heal' }] },
    });

    const [, change] = await eventsOf(observed);

    expect(change).toMatchObject({
      source: 'aws.tag',
      detailType: 'Tag Change on Resource',
      resources: [arn],
      detail: {
        'changed-tag-keys': ['prunella:mode'],
        service: 'ecs',
        'resource-type': 'service',
        tags: { 'prunella:mode': 'heal' },
      },
    });
  });
});
