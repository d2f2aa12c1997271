import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { normalise } from '../../../functions/intake/normalise.ts';
import { SOURCES } from '../../../functions/intake/sources.ts';
import { ALARM, NOW, SERVICE, alarmEvent, deploymentEvent, event, serviceActionEvent, taskEvent } from './events.ts';

test('every source in the folder is in the list, under its file name', () => {
  const files = readdirSync(new URL('../../../functions/intake/sources', import.meta.url)).map((file) =>
    file.replace('.ts', ''),
  );

  const names = SOURCES.map(({ name }) => name);

  expect(names.toSorted()).toEqual(files.toSorted());
});

test('an alarm that goes to ALARM is a signal about what the inventory says, at the instant of its transition', () => {
  const read = normalise(alarmEvent(), NOW);

  expect(read).toEqual({
    kind: 'signal',
    effect: 'opens',
    about: { alarm: ALARM },
    signal: {
      kind: 'alarm',
      id: 'e-1',
      at: '2026-11-22T11:59:28.985Z',
      summary: 'Alarm checkout-5xx went to ALARM. Threshold Crossed',
      alarm: 'checkout-5xx',
      alarmArn: ALARM,
      state: 'ALARM',
    },
  });
});

test.each(['OK', 'INSUFFICIENT_DATA'])('an alarm that goes to %s tells an open incident, and opens none', (state) => {
  expect(normalise(alarmEvent({ state }), NOW)).toMatchObject({ kind: 'signal', effect: 'joins' });
});

test('an alarm of target tracking is evidence only', () => {
  const read = normalise(alarmEvent({ name: 'TargetTracking-service/prod/checkout-AlarmHigh-1' }), NOW);

  expect(read).toMatchObject({ kind: 'ignored', why: expect.stringContaining('auto-scaling') });
});

const app = (exitCode: number | undefined, reason?: string) => [
  { name: 'app', exitCode, ...(reason ? { reason } : {}) },
];
const SCHEDULER = { stopCode: 'ServiceSchedulerInitiated' };

test.each([
  ['an exit with code 1', taskEvent()],
  ['an exit with code 0 by itself', taskEvent({ containers: app(0) })],
  ['a kill for memory', taskEvent({ containers: app(137, 'OutOfMemoryError: Container killed due to memory usage') })],
  [
    'a kill for memory during a scale-in',
    taskEvent({
      ...SCHEDULER,
      stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      containers: app(137, 'OutOfMemoryError: container killed'),
    }),
  ],
  [
    'a failed load balancer health check',
    taskEvent({
      ...SCHEDULER,
      stoppedReason: 'Task failed ELB health checks in (target-group arn:x)',
      containers: app(143),
    }),
  ],
  [
    'a failed container health check',
    taskEvent({ ...SCHEDULER, stoppedReason: 'Task failed container health checks', containers: app(137) }),
  ],
  [
    'an image that cannot be pulled',
    taskEvent({
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'CannotPullContainerError: not found',
      containers: app(undefined),
    }),
  ],
])('%s is a signal about its service', (_, stopped) => {
  const read = normalise(stopped, NOW);

  expect(read).toMatchObject({
    kind: 'signal',
    effect: 'opens',
    about: { resource: SERVICE },
    signal: { kind: 'task-stopped' },
  });
});

test.each([
  ['a person', taskEvent({ stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user', containers: app(137) })],
  [
    'a scale-in that the program did not obey in time',
    taskEvent({
      ...SCHEDULER,
      stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
      containers: app(137),
    }),
  ],
  [
    'the loss of spot capacity',
    taskEvent({ stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', containers: app(143) }),
  ],
  ['the retirement of its host', taskEvent({ stopCode: 'TerminationNotice', containers: app(143) })],
  ['a request to end that it obeyed', taskEvent({ containers: app(143) })],
])('a task stopped by %s is no sign of trouble', (_, stopped) => {
  expect(normalise(stopped, NOW)).toMatchObject({ kind: 'ignored' });
});

test.each([
  ['that still runs', taskEvent({ lastStatus: 'RUNNING' })],
  ['that no service started', taskEvent({ group: 'family:migration' })],
])('a task %s is ignored', (_, running) => {
  expect(normalise(running, NOW)).toMatchObject({ kind: 'ignored' });
});

test('two events about the stop of one task are one signal', () => {
  const [one, other] = [taskEvent({ id: 'e-1' }), taskEvent({ id: 'e-2' })].map((stopped) => normalise(stopped, NOW));

  expect(one).toMatchObject({ signal: { id: 'arn:aws:ecs:eu-west-1:111122223333:task/prod/1#stopped' } });
  expect(other).toEqual(one);
});

test('a failed deployment is a signal; one that began or completed is a change', () => {
  const reads = ['FAILED', 'IN_PROGRESS', 'COMPLETED'].map(
    (phase) => normalise(deploymentEvent(`SERVICE_DEPLOYMENT_${phase}`), NOW).kind,
  );

  expect(reads).toEqual(['signal', 'change', 'change']);
});

test('a service whose tasks cannot be placed or started is a signal; a steady one is not', () => {
  const reads = ['SERVICE_TASK_PLACEMENT_FAILURE', 'SERVICE_TASK_START_IMPAIRED', 'SERVICE_STEADY_STATE'].map(
    (name) => normalise(serviceActionEvent(name), NOW).kind,
  );

  expect(reads).toEqual(['signal', 'signal', 'ignored']);
});

test('a person may say that a resource is in trouble', () => {
  const told = event({
    source: 'prunella',
    type: 'Prunella Signal',
    detail: { kind: 'operator', by: 'ada', resource: SERVICE, summary: 'it hangs' },
  });

  expect(normalise(told, NOW)).toMatchObject({
    kind: 'signal',
    about: { resource: SERVICE },
    signal: { kind: 'operator', by: 'ada', at: '2026-11-22T11:59:30.000Z' },
  });
});

test('news a day old joins what is open and opens nothing', () => {
  expect(normalise(alarmEvent({ at: '2026-11-21T12:00:00.000+0000' }), NOW)).toMatchObject({ effect: 'joins' });
});

test('a sender whose clock is an hour ahead is taken as of now', () => {
  expect(normalise(alarmEvent({ at: '2026-11-22T13:00:00.000+0000' }), NOW)).toMatchObject({
    effect: 'opens',
    signal: { at: NOW },
  });
});

test.each([
  ['no event', { hello: 'world' }, 'no EventBridge event'],
  ['null', null, 'no EventBridge event'],
  [
    'an unknown kind',
    event({ source: 'aws.ec2', type: 'EC2 Instance State-change Notification', detail: {} }),
    'no source reads events of aws.ec2',
  ],
  [
    'an alarm without a state',
    event({
      source: 'aws.cloudwatch',
      type: 'CloudWatch Alarm State Change',
      resources: [ALARM],
      detail: { alarmName: 'x' },
    }),
    'cloudwatch-alarm',
  ],
  ['an alarm without an ARN', { ...alarmEvent(), resources: [] }, 'cloudwatch-alarm'],
  [
    'a task without a cluster',
    event({ source: 'aws.ecs', type: 'ECS Task State Change', detail: { taskArn: 'x' } }),
    'ecs-task',
  ],
  ['a time that is none', alarmEvent({ at: 'yesterday' }), 'supply a time'],
])('%s is malformed, with the reason', (_, bad, why) => {
  expect(normalise(bad, NOW)).toMatchObject({ kind: 'malformed', why: expect.stringContaining(why) });
});
