/** Events as AWS documents them, shortened to what matters: "Amazon ECS task state change events", "Alarm events and EventBridge". */
export const SERVICE = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/checkout';
export const ALARM = 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:checkout-5xx';
export const NOW = '2026-11-22T12:00:00.000Z';

interface Parts {
  readonly id?: string;
  readonly source: string;
  readonly type: string;
  readonly time?: string;
  readonly resources?: readonly string[];
  readonly detail: unknown;
}

export const event = ({ id = 'e-1', source, type, time = '2026-11-22T11:59:30Z', resources = [], detail }: Parts) => ({
  version: '0',
  id,
  'detail-type': type,
  source,
  account: '111122223333',
  time,
  region: 'eu-west-1',
  resources,
  detail,
});

export const alarmEvent = ({
  id = 'e-1',
  name = 'checkout-5xx',
  state = 'ALARM',
  at = '2026-11-22T11:59:28.985+0000',
} = {}) =>
  event({
    id,
    source: 'aws.cloudwatch',
    type: 'CloudWatch Alarm State Change',
    resources: [`arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`],
    detail: {
      alarmName: name,
      configuration: { metrics: [] },
      previousState: { value: 'OK', timestamp: '2026-11-22T11:00:00.000+0000' },
      state: { value: state, reason: 'Threshold Crossed', timestamp: at },
    },
  });

interface Task {
  readonly id?: string;
  readonly n?: number;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers?: readonly object[];
  readonly group?: string;
  readonly lastStatus?: string;
  readonly stoppedAt?: string;
}

export const taskEvent = ({
  id = 'e-1',
  n = 1,
  stopCode = 'EssentialContainerExited',
  stoppedReason = 'Essential container in task exited',
  containers = [{ name: 'app', exitCode: 1, lastStatus: 'STOPPED' }],
  group = 'service:checkout',
  lastStatus = 'STOPPED',
  stoppedAt = '2026-11-22T11:59:20.123Z',
}: Task = {}) =>
  event({
    id,
    source: 'aws.ecs',
    type: 'ECS Task State Change',
    resources: [`arn:aws:ecs:eu-west-1:111122223333:task/prod/${n}`],
    detail: {
      clusterArn: 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod',
      taskArn: `arn:aws:ecs:eu-west-1:111122223333:task/prod/${n}`,
      taskDefinitionArn: 'arn:aws:ecs:eu-west-1:111122223333:task-definition/checkout:7',
      group,
      lastStatus,
      desiredStatus: 'STOPPED',
      stopCode,
      stoppedReason,
      stoppedAt,
      containers,
    },
  });

export const deploymentEvent = (eventName: string) =>
  event({
    source: 'aws.ecs',
    type: 'ECS Deployment State Change',
    resources: [SERVICE],
    detail: {
      eventType: eventName.endsWith('FAILED') ? 'ERROR' : 'INFO',
      eventName,
      deploymentId: 'ecs-svc/123',
      updatedAt: '2026-11-22T11:59:10.000Z',
      reason: 'ECS deployment circuit breaker: task failed to start.',
    },
  });

export const serviceActionEvent = (eventName: string) =>
  event({
    source: 'aws.ecs',
    type: 'ECS Service Action',
    resources: [SERVICE],
    detail: {
      eventType: 'WARN',
      eventName,
      clusterArn: 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod',
      createdAt: '2026-11-22T11:59:00.000Z',
      reason: 'RESOURCE:MEMORY',
    },
  });

/** "Reference: AWS Health events Amazon EventBridge schema": an account-specific issue. */
export const healthEvent = (detail: object = {}, id = 'e-1') =>
  event({
    id,
    source: 'aws.health',
    type: 'AWS Health Event',
    detail: {
      eventArn: 'arn:aws:health:eu-west-1::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/AWS_ECS_OPERATIONAL_ISSUE_7f35c8ae',
      service: 'ECS',
      eventTypeCode: 'AWS_ECS_OPERATIONAL_ISSUE',
      eventTypeCategory: 'issue',
      eventScopeCode: 'ACCOUNT_SPECIFIC',
      communicationId: '1234abc01232a4012345678-1',
      startTime: 'Sun, 22 Nov 2026 11:40:00 GMT',
      lastUpdatedTime: 'Sun, 22 Nov 2026 11:58:00 GMT',
      statusCode: 'open',
      eventRegion: 'eu-west-1',
      eventDescription: [{ language: 'en_US', latestDescription: 'We are investigating failures to start tasks.' }],
      affectedEntities: [{ entityValue: 'prod|checkout', status: 'IMPAIRED' }],
      page: '1',
      totalPages: '1',
      affectedAccount: '111122223333',
      ...detail,
    },
  });
