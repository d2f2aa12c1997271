import type { Source } from './source.ts';
import { source as awsHealth } from './sources/aws-health.ts';
import { source as cloudwatchAlarm } from './sources/cloudwatch-alarm.ts';
import { source as ecsDeployment } from './sources/ecs-deployment.ts';
import { source as ecsServiceAction } from './sources/ecs-service-action.ts';
import { source as ecsTask } from './sources/ecs-task.ts';
import { source as prunella } from './sources/prunella.ts';

/** Every kind of event that intake understands. A test compares it with the folder. */
export const SOURCES: readonly Source[] = [
  awsHealth,
  cloudwatchAlarm,
  ecsDeployment,
  ecsServiceAction,
  ecsTask,
  prunella,
];
