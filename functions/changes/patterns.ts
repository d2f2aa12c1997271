/** EventBridge event patterns, as plain JSON: what the stack subscribes to and what the simulator delivers is the same. */
export interface EventPattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail?: Readonly<Record<string, readonly (string | Matcher)[]>>;
}
export type Matcher = { readonly prefix: string } | { readonly exists: boolean };

/** Services whose write calls change something that is watched, or that a watched resource depends on. */
const WRITERS = [
  'aws.ecs',
  'aws.lambda',
  'aws.ssm',
  'aws.elasticloadbalancing',
  'aws.autoscaling', // CloudTrail files Application Auto Scaling under the name of EC2's
  'aws.sqs',
  'aws.dynamodb',
];
/** How a call that changes an existing resource begins. CloudTrail's reads never reach EventBridge unless asked for. */
const CHANGING = ['Update', 'Put', 'Modify', 'Set', 'Register', 'Deregister', 'Delete', 'Stop', 'Publish', 'Create'];

/** The events that tell of a change, by the name of their rule. */
export const CHANGES: Readonly<Record<string, EventPattern>> = {
  Deployments: { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'] },
  ServiceActions: { source: ['aws.ecs'], 'detail-type': ['ECS Service Action'] },
  TasksStoppedByHand: {
    source: ['aws.ecs'],
    'detail-type': ['ECS Task State Change'],
    detail: { lastStatus: ['STOPPED'], stopCode: ['UserInitiated'] },
  },
  Parameters: { source: ['aws.ssm'], 'detail-type': ['Parameter Store Change'] },
  Health: { source: ['aws.health'], 'detail-type': ['AWS Health Event'] },
  Calls: {
    source: WRITERS,
    'detail-type': ['AWS API Call via CloudTrail'],
    // A call that was refused changed nothing.
    detail: { eventName: CHANGING.map((prefix) => ({ prefix })), errorCode: [{ exists: false }] },
  },
};
