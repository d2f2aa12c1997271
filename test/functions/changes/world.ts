import { takeBatch } from '../../../functions/changes/changes.ts';
import type { Look } from '../../../functions/changes/feed.ts';
import type { RecordPorts } from '../../../functions/changes/record.ts';
import type { HealthNotice } from '../../../layers/core/health-notice.ts';
import type { Change, Resource } from '../../../layers/core/inventory.ts';

export const at = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:111122223333:${resource}`;
export const SERVICE = at('ecs', 'service/prod/checkout');
export const REVISION = at('ecs', 'task-definition/checkout:8');
export const ALIAS = at('lambda', 'function:quote:live');
export const LIMIT = at('ssm', 'parameter/checkout/limit');
export const ADA = 'arn:aws:sts::111122223333:assumed-role/Admin/ada';

interface World {
  readonly watched?: readonly string[];
  readonly aliasVersion?: string;
  /** What discovery finds when it is asked. */
  readonly discoverable?: readonly string[];
}

/** What records changes, over a knowledge base in memory. */
export function world({
  watched = [SERVICE, ALIAS, at('lambda', 'function:quote')],
  aliasVersion,
  discoverable = [],
}: World = {}) {
  const known = new Set(watched);
  const recorded = new Map<string, Change>();
  const sameAs = new Map<string, string>();
  const discovered: string[] = [];
  const notices: HealthNotice[] = [];
  const ports: RecordPorts = {
    resource: (arn) =>
      Promise.resolve(known.has(arn) ? ({ arn, ...(aliasVersion ? { aliasVersion } : {}) } as Resource) : undefined),
    resourceOfTargetGroup: (arn) => Promise.resolve(arn.includes('checkout') ? SERVICE : undefined),
    changes: (arn, from, to) =>
      Promise.resolve([...recorded.values()].filter((c) => c.resource === arn && c.at >= from && c.at <= to)),
    recordChange(change) {
      const key = `${change.resource} ${sameAs.get(change.eventId) ?? change.eventId}`;
      const before = recorded.get(key);
      recorded.set(key, { ...change, ...before });
      return Promise.resolve(before ? 'known' : 'recorded');
    },
    recordTwin(change, twin) {
      const key = `${change.resource} ${twin.eventId}`;
      sameAs.set(change.eventId, twin.eventId);
      recorded.set(key, { ...change, ...recorded.get(key) } as Change);
      return Promise.resolve('known');
    },
    recordHealthNotice(notice) {
      notices.push(notice);
      return Promise.resolve('recorded');
    },
    discover(arn) {
      discovered.push(arn);
      if (discoverable.includes(arn)) known.add(arn);
      return Promise.resolve();
    },
  };
  const look: Look = {
    revisionOf: (_, deployment) => Promise.resolve(deployment === 'ecs-svc/1' ? REVISION : undefined),
    groupOf: (_, task) => Promise.resolve({ task: at('ecs', `task/prod/${task}`), group: 'service:checkout' }),
    desiredCountOf: () => Promise.resolve(4),
    parameterVersionOf: () => Promise.resolve({ version: 5, since: '2026-11-22T11:59:30.400Z' }),
  };
  const take = (...events: unknown[]) =>
    takeBatch(
      events.map((body, n) => ({ messageId: `m-${n}`, body: typeof body === 'string' ? body : JSON.stringify(body) })),
      ports,
      look,
    );
  return { take, discovered, notices, recorded: () => [...recorded.values()] };
}

let ids = 0;
export const event = (source: string, type: string, resources: readonly string[], detail: unknown) => ({
  id: `e-${ids++}`,
  source,
  'detail-type': type,
  time: '2026-11-22T11:59:30Z',
  region: 'eu-west-1',
  account: '111122223333',
  resources,
  detail,
});

export const deployment = (phase: string, deploymentId = 'ecs-svc/1') =>
  event('aws.ecs', 'ECS Deployment State Change', [SERVICE], {
    eventName: `SERVICE_DEPLOYMENT_${phase}`,
    deploymentId,
    updatedAt: '2026-11-22T11:59:28.000Z',
  });
export const scaled = () =>
  event('aws.ecs', 'ECS Service Action', [SERVICE], { eventName: 'SERVICE_DESIRED_COUNT_UPDATED' });
export const parameter = (operation: string) =>
  event('aws.ssm', 'Parameter Store Change', [LIMIT], { operation, name: '/checkout/limit', type: 'String' });
export const stopped = (stopCode: string) =>
  event('aws.ecs', 'ECS Task State Change', [], {
    taskArn: at('ecs', 'task/prod/1'),
    clusterArn: at('ecs', 'cluster/prod'),
    group: 'service:checkout',
    lastStatus: 'STOPPED',
    stopCode,
    stoppingAt: '2026-11-22T11:59:00.000Z',
  });

export const health = (service: string, code: string) =>
  event('aws.health', 'AWS Health Event', [], {
    eventArn: `arn:aws:health:eu-west-1::event/${service}/${code}/1`,
    service,
    eventTypeCode: code,
    eventTypeCategory: 'issue',
    eventRegion: 'eu-west-1',
    startTime: 'Sun, 22 Nov 2026 11:40:00 GMT',
    eventDescription: [{ language: 'en_US', latestDescription: 'Increased error rates. password=hunter2' }],
  });

export const call = (
  service: string,
  eventName: string,
  requestParameters: unknown,
  responseElements: unknown = null,
  more: object = {},
) =>
  event(`aws.${service}`, 'AWS API Call via CloudTrail', [], {
    eventID: `trail-${ids++}`,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    eventTime: '2026-11-22T11:59:27Z',
    userIdentity: { type: 'AssumedRole', arn: ADA },
    readOnly: false,
    requestParameters,
    responseElements,
    ...more,
  });

export const updateService = (asked: object) =>
  call(
    'ecs',
    'UpdateService',
    { cluster: 'prod', service: 'checkout', ...asked },
    {
      service: {
        serviceArn: SERVICE,
        deployments: [
          { id: 'ecs-svc/1', status: 'PRIMARY', taskDefinition: REVISION },
          { id: 'ecs-svc/0', status: 'ACTIVE' },
        ],
      },
    },
  );
export const updateAlias = (functionVersion: string, time = '2026-11-22T11:59:27Z') =>
  call(
    'lambda',
    'UpdateAlias20150331',
    { functionName: 'quote', name: 'live', functionVersion },
    { aliasArn: ALIAS, functionVersion },
    { eventTime: time },
  );
export const putParameter = (version: number) =>
  call('ssm', 'PutParameter', { name: '/checkout/limit', overwrite: true }, { version, tier: 'Standard' });
