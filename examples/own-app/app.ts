/** An application of your own beside Prunella: one ECS service behind a load balancer, and the alarm its owner has. */
import { App, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';

const app = new App();
const stack = new Stack(app, 'OwnApp');
const vpc = new Vpc(stack, 'Network', { maxAzs: 2, natGateways: 0 });
const cluster = new Cluster(stack, 'Cluster', { vpc, clusterName: 'own-app' });

const definition = new FargateTaskDefinition(stack, 'Task', { family: 'greeter', memoryLimitMiB: 512 });
definition.addContainer('greeter', {
  image: ContainerImage.fromRegistry('own-app/greeter:1'), // what AWS runs
  dockerLabels: { 'prunella.local.command': 'node server.ts 127.0.0.1' }, // what the local account runs, in this folder
  environment: { GREETING: 'Good day' },
  portMappings: [{ containerPort: 8080 }],
  logging: LogDrivers.awsLogs({
    streamPrefix: 'greeter',
    logGroup: new LogGroup(stack, 'Logs', { removalPolicy: RemovalPolicy.DESTROY }),
  }),
});
const service = new FargateService(stack, 'Service', {
  cluster,
  serviceName: 'greeter',
  taskDefinition: definition,
  desiredCount: 2,
  minHealthyPercent: 100,
  assignPublicIp: true,
});
const door = new ApplicationLoadBalancer(stack, 'Door', { vpc, internetFacing: true });
const targets = door.addListener('Http', { port: 80 }).addTargets('Greeters', {
  port: 8080,
  targets: [service],
  deregistrationDelay: Duration.seconds(5),
  healthCheck: { path: '/health', interval: Duration.seconds(10), healthyThresholdCount: 2 },
});
new Alarm(stack, 'TooFewGreeters', {
  metric: targets.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: 'Minimum' }),
  threshold: 2,
  comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
  evaluationPeriods: 1,
});

/** `-c mode=heal` gives the service to Prunella: observe, suggest, approve or heal. */
const mode: unknown = app.node.tryGetContext('mode');
if (typeof mode === 'string') Tags.of(service).add('prunella:mode', mode);
